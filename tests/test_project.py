"""What must hold of the project as a whole, whatever else changes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import negotiation as ng

ROOT = Path(__file__).parents[1]

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "ana" + "conda.org",
    "ruby" + "gems.org",
    "proxy.go" + "lang.org",
    "deb." + "debian.org",
]
MACHINE_PATH = re.compile(r"(?<![\w.~<>-])/(?:home|opt|root|Users|work)/")
HASHED = re.compile(
    r"([a-z0-9.-]+)==([^ ]+)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _committed() -> list[Path]:
    """The files that are committed, or would be if all were."""
    if not (ROOT / ".git").exists():
        pytest.skip("this copy of the project is no repository, so nothing in it is committed")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in sorted(listed.split("\0")) if (path := ROOT / name).is_file()]


def _pins(name: str) -> dict[str, str]:
    """The version that a file of pins gives each package."""
    text = (ROOT / "requirements" / name).read_text(encoding="ascii")
    return {package: number for package, number, _, _ in HASHED.findall(text)}


def test_public_names_are_sorted() -> None:
    """`__all__` names nothing twice and is sorted: constants, then classes, then functions."""

    def kind(name: str) -> int:
        return 0 if name.isupper() else 1 if name[0].isupper() else 2

    assert ng.__all__ == sorted(set(ng.__all__), key=lambda name: (kind(name), name))


@pytest.mark.parametrize("name", ng.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    """Each name in `__all__` is an attribute of the package, and `dir` lists it."""
    assert hasattr(ng, name)
    assert name in dir(ng)


def test_an_unknown_name_is_refused_as_usual() -> None:
    """A name that the package does not have is an AttributeError that names it."""
    with pytest.raises(AttributeError, match="'negotiation' has no attribute 'reply'"):
        ng.reply  # noqa: B018  # looking the name up is the test


@pytest.mark.parametrize("name", ng.testing.__all__)
def test_every_name_of_the_testing_kit_can_be_imported(name: str) -> None:
    """Each name in its `__all__` is an attribute of `negotiation.testing`, and `dir` lists it."""
    assert hasattr(ng.testing, name)
    assert name in dir(ng.testing)


def test_an_unknown_name_of_the_testing_kit_is_refused_as_usual() -> None:
    """A name that the kit does not have is an AttributeError that names it."""
    with pytest.raises(AttributeError, match=r"'negotiation.testing' has no attribute 'mock'"):
        ng.testing.mock  # noqa: B018  # looking the name up is the test


def test_the_names_of_the_testing_kit_are_documented() -> None:
    """Each of them stands on its page of the reference."""
    page = (ROOT / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\.\. auto\w+:: (\w+)$", page, re.MULTILINE))

    assert {*ng.testing.__all__} - {"Agent"} <= documented


def test_importing_the_package_imports_the_core_alone() -> None:
    """`import negotiation` brings in no JSON codec, no command line and nothing they use."""
    script = "import sys, negotiation; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    imported = set(run.stdout.split())

    assert "negotiation.fold" in imported
    assert not imported & {"cattrs", "click", "msgspec", "rich"}
    assert not imported & {"negotiation.cli", "negotiation.files", "negotiation.wire"}
    assert "negotiation.views" not in imported


def test_the_package_says_that_it_is_typed() -> None:
    """The marker of PEP 561 lies in the package."""
    assert files("negotiation").joinpath("py.typed").is_file()


def test_the_version_installed_is_the_version_of_the_project() -> None:
    """What the package's metadata says is what pyproject.toml says."""
    assert version("negotiation") == _project()["project"]["version"]


def test_the_library_needs_six_packages() -> None:
    """Whoever installs the library gets attrs, cattrs, click, msgspec, rich and rpds-py with it."""
    needed = [Requirement(line) for line in requires("negotiation") or []]
    base = sorted(one.name for one in needed if one.marker is None)

    assert base == ["attrs", "cattrs", "click", "msgspec", "rich", "rpds-py"]


@pytest.mark.parametrize(
    ("pins", "groups"),
    [
        ("base.txt", ["build"]),
        ("dev.txt", [each for each in _project()["dependency-groups"] if each != "peers"]),
        ("peers.txt", ["peers"]),
    ],
)
def test_every_dependency_is_pinned(pins: str, groups: list[str]) -> None:
    """Each package that the project asks for is pinned at a version that it allows."""
    project = _project()
    asked = list(project["project"]["dependencies"]) if pins != "peers.txt" else []
    for group in groups:
        asked += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    if pins == "dev.txt":
        asked = [line for line in asked if line not in project["dependency-groups"]["pins"]]
    pinned = _pins(pins)

    for requirement in map(Requirement, asked):
        number = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(number), f"{requirement} is pinned at {number}"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt", "peers.txt", "pins.txt"])
def test_pins_hold_nothing_but_versions_and_hashes(name: str) -> None:
    """A file of pins is packages, versions and hashes; no address, option or comment is in it."""
    text = (ROOT / "requirements" / name).read_text(encoding="ascii")

    assert HASHED.sub("", text) == ""


def test_what_develops_the_library_runs_what_its_users_run() -> None:
    """Packages pinned in several files are pinned at one version."""
    base, dev, peers = _pins("base.txt"), _pins("dev.txt"), _pins("peers.txt")

    assert base.items() <= dev.items()
    assert {name: dev[name] for name in dev.keys() & peers.keys()}.items() <= peers.items()


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the business of whoever installs them."""
    host = re.compile("|".join(map(re.escape, REGISTRIES)).encode(), re.IGNORECASE)
    named = {str(path.relative_to(ROOT)) for path in _committed() if host.search(path.read_bytes())}

    assert named == set()


def test_no_file_holds_a_path_of_one_machine() -> None:
    """Nothing refers to where the project, or anything else, happens to lie on some machine."""
    lying = re.compile(MACHINE_PATH.pattern.encode())
    named = {
        str(path.relative_to(ROOT)) for path in _committed() if lying.search(path.read_bytes())
    }

    assert named == set()


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "tests").rglob("test_*.py")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_test_says_what_it_specifies(path: Path) -> None:
    """The docstring of a test specifies one behaviour, on one line."""
    tests = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    unsaid = [
        f"{path.name}:{test.lineno} {test.name}"
        for test in tests
        if len((ast.get_docstring(test) or "").splitlines()) != 1
    ]

    assert unsaid == []


def test_every_change_is_told_in_a_known_way() -> None:
    """Each fragment of the change log has a type that the change log has a heading for."""
    kinds = {kind["directory"] for kind in _project()["tool"]["towncrier"]["type"]}
    fragments = [path for path in (ROOT / "changes").iterdir() if path.name[0] != "."]

    assert {path.name.split(".")[1] for path in fragments} <= kinds
    assert all(path.read_text(encoding="utf-8").strip() for path in fragments)

"""The documentation: every code block runs, every public name has its place, nothing is stale."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from sphinx.util.inventory import InventoryFile
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

import negotiation as ng

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if not {"_build", "generated"} & set(page.parts)
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as HTML, built without a warning."""
    folder = tmp_path_factory.mktemp("docs")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", "-b", "html",
         "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


# Code blocks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks run in order and share their names; `examples` stands where they run."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    document = Sybil(parsers=[PythonCodeBlockParser()], path=str(ROOT)).parse(page)
    for example in document.examples():
        example.evaluate()


# README.md


def test_the_table_of_the_readme_is_what_the_library_says(tables: object) -> None:
    """The block between the marks is made by `python docs/generate.py`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert tables.readme_with_table(readme) == readme  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_files_that_are_linked_to_are_there(name: str) -> None:
    """Links of the pages that Sphinx does not check lead to files of the project."""
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^):#]+)\)", text)

    assert targets
    assert [target for target in targets if not (ROOT / target).is_file()] == []


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> object:
    """The module that makes the tables of the documentation."""
    monkeypatch.syspath_prepend(DOCS)
    import tables

    return tables


# The built pages


def test_every_public_name_is_documented(site: Path) -> None:
    """Each name of `negotiation.__all__` has an entry; docs/reference/api.md is where it goes."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    documented = {
        name
        for kind, entries in inventory.data.items()
        if kind.startswith("py:")
        for name in entries
    }

    assert {f"negotiation.{name}" for name in ng.__all__} <= documented


def test_every_page_is_reached_from_the_first(site: Path) -> None:
    """Links lead from index.html to every page but the two that Sphinx makes of itself."""
    pages = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    reached: set[str] = set()
    waiting = ["index.html"]
    while waiting:
        page = waiting.pop()
        if page in pages and page not in reached:
            reached.add(page)
            waiting += (
                urldefrag(urljoin(page, link))[0]
                for link in links((site / page).read_text(encoding="utf-8"))
            )

    assert pages - reached <= {"genindex.html", "py-modindex.html", "search.html"}


def links(html: str) -> Iterator[str]:
    """The targets of the links on a page."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            target = dict(attrs).get("href")
            if tag == "a" and target is not None and "://" not in target:
                found.append(target)

    Reader().feed(html)
    yield from found

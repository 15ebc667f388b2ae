"""The drawings of the documentation show the tables from which they are drawn, and all of them."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from negotiation.lifecycles import LIFECYCLES, Lifecycle

DOCS = Path(__file__).parents[1] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
every_lifecycle = pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)


@pytest.fixture(scope="module")
def diagrams() -> ModuleType:
    """The module that draws."""
    spec = importlib.util.spec_from_file_location("docs_diagrams", DOCS / "diagrams.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(drawing: str) -> ET.Element:
    """A drawing as XML."""
    return ET.fromstring(drawing)


def parts(drawing: str) -> list[ET.Element]:
    """The boxes and arrows of a drawing."""
    kinds = {"node", "edge"}
    return [
        part for part in read(drawing).iter(f"{SVG}g") if kinds & {*part.get("class", "").split()}
    ]


def words(part: ET.Element) -> list[str]:
    """The lines of text that a reader sees in a box or beside an arrow."""
    return [(text.text or "").strip() for text in part.iter(f"{SVG}text")]


def box(drawing: str, phase: str) -> list[str]:
    """The lines in the box of a phase."""
    [found] = [words(part) for part in parts(drawing) if part.get("data-phase") == phase]
    return found


def arrows(drawing: str, start: str, end: str, *, dashed: bool = False) -> list[str]:
    """The lines beside the arrows from one phase to another."""
    return [
        line
        for part in parts(drawing)
        if (part.get("data-from"), part.get("data-to")) == (start, end)
        and dashed == all("stroke-dasharray" in path.attrib for path in part.iter(f"{SVG}path"))
        for line in words(part)
    ]


@every_lifecycle
def test_every_phase_has_a_box_that_names_it(diagrams: ModuleType, lifecycle: Lifecycle) -> None:
    """Each row of the table is a box, with the name of the phase in it."""
    drawing = diagrams.state_diagram(lifecycle)

    for phase in lifecycle.table:
        assert " ".join(box(drawing, phase)).startswith(phase)


@every_lifecycle
def test_every_allowed_event_is_drawn(diagrams: ModuleType, lifecycle: Lifecycle) -> None:
    """An event stands at the arrow to each phase it may lead into, or in the box that it keeps."""
    drawing = diagrams.state_diagram(lifecycle)

    for phase, row in lifecycle.table.items():
        for event, cell in row.items():
            for end in () if isinstance(cell, str) else cell:
                if end == phase:
                    assert f"{diagrams.STAYS} {event.__name__}" in box(drawing, phase)
                else:
                    assert event.__name__ in arrows(drawing, phase, end)


@every_lifecycle
def test_every_beginning_is_drawn(diagrams: ModuleType, lifecycle: Lifecycle) -> None:
    """From the dot an arrow leads to each phase in which an item may begin."""
    drawing = diagrams.state_diagram(lifecycle)

    for event, phases in lifecycle.begins.items():
        for phase in phases:
            assert event.__name__ in arrows(drawing, diagrams.BEGIN, phase)


@every_lifecycle
def test_passing_time_is_drawn_dashed(diagrams: ModuleType, lifecycle: Lifecycle) -> None:
    """What time alone brings is a dashed arrow; nothing else is dashed."""
    drawing = diagrams.state_diagram(lifecycle)
    passing = {(start, end) for start, ends in lifecycle.passing.items() for end in ends}
    dashed = {
        (part.get("data-from"), part.get("data-to"))
        for part in parts(drawing)
        if any("stroke-dasharray" in path.attrib for path in part.iter(f"{SVG}path"))
    }

    assert dashed == passing
    for start, end in passing:
        assert arrows(drawing, start, end, dashed=True) == ["time"]


@every_lifecycle
def test_nothing_is_drawn_that_the_table_does_not_allow(
    diagrams: ModuleType, lifecycle: Lifecycle
) -> None:
    """A refused event has no arrow and stands in no box."""
    drawing = diagrams.state_diagram(lifecycle)
    allowed = {
        (phase, end, event.__name__)
        for phase, row in lifecycle.table.items()
        for event, cell in row.items()
        if not isinstance(cell, str)
        for end in cell
    }
    begins = {
        (diagrams.BEGIN, end, event.__name__)
        for event, ends in lifecycle.begins.items()
        for end in ends
    }

    for part in parts(drawing):
        start = part.get("data-from", part.get("data-phase", ""))
        end = part.get("data-to", start)
        drawn = [word for line in words(part) for word in re.findall(r"\b[A-Z]\w+", line)]
        assert {(start, end, word) for word in drawn} <= allowed | begins


@every_lifecycle
def test_a_drawing_takes_its_colours_from_the_page(
    diagrams: ModuleType, lifecycle: Lifecycle
) -> None:
    """No part has a colour of its own, so that the drawing can be read on light and on dark."""
    drawing = read(diagrams.state_diagram(lifecycle))

    assert not [part.tag for part in drawing.iter() if {"fill", "stroke"} & part.attrib.keys()]


def test_the_same_table_gives_the_same_drawing(diagrams: ModuleType) -> None:
    """Nothing in a drawing depends on when or where it is made."""
    for lifecycle in LIFECYCLES:
        assert diagrams.state_diagram(lifecycle) == diagrams.state_diagram(lifecycle)


def test_every_drawing_is_written_where_the_pages_look_for_it(
    diagrams: ModuleType, tmp_path: Path
) -> None:
    """One file for each lifecycle, and one for the layers of the code."""
    diagrams.write_diagrams(tmp_path)

    written = {path.name for path in tmp_path.iterdir()}
    assert written == {
        "layers.svg",
        "proposal.svg",
        "truce.svg",
        "deadline.svg",
        "meeting.svg",
        "participation.svg",
    }


def test_the_layers_name_every_part_of_the_library(diagrams: ModuleType) -> None:
    """Each module and package beside the core has a box."""
    package = Path(__file__).parents[1] / "src" / "negotiation"
    names = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    shown = {line for part in parts(diagrams.layers_diagram()) for line in words(part)}

    assert names - {"__init__", "__pycache__"} <= shown


def test_an_arrow_that_a_longer_way_makes_needless_is_left_out(diagrams: ModuleType) -> None:
    """`a` imports `b` and `c`, and `b` imports `c`: the arrow from `a` to `c` says nothing new."""
    graph = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset[str]()}

    assert diagrams.without_detours(graph) == {"a": {"b"}, "b": {"c"}, "c": frozenset()}

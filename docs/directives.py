"""Sphinx directives that put into a page what the library itself says."""

from __future__ import annotations

import re
import shlex
from contextlib import chdir
from functools import cache
from typing import Any, ClassVar

import diagrams
import tables
from click.testing import CliRunner
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python._object import PyObject
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import negotiation as ng
from negotiation.cli import main
from negotiation.lifecycles import LIFECYCLES

OUTSIDE = ("attr", "collections", "datetime", "os", "pathlib", "typing", "_io")
"""Modules whose documentation stands elsewhere."""

ARGUMENTS = re.compile(r" +[a-z_]+(, [a-z_]+)+,")


@cache
def report() -> ng.Log:
    """The example log."""
    return ng.read_log(tables.REPORT)


class FromMarkdown(SphinxDirective):
    """A directive that stands for the Markdown that it makes."""

    option_spec: ClassVar[Any] = {
        "fields": directives.unchanged,
        "as_of": directives.unchanged,
        "known_at": directives.unchanged,
        "known_to": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """The nodes of what `markdown` returns."""
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)

    def markdown(self) -> str:
        """What stands here."""
        raise NotImplementedError


class Records(FromMarkdown):
    """`{records} e01 e02`: records of the example log."""

    required_arguments = 1
    final_argument_whitespace = True

    def markdown(self) -> str:
        """A table with a row for each record."""
        return tables.records_table(report(), self.arguments[0].split())


class State(FromMarkdown):
    """`{state} truces easter`: an item of the example's state, perhaps some `fields` of it."""

    required_arguments = 1
    final_argument_whitespace = True

    def markdown(self) -> str:
        """A table with a row for each field."""
        state = ng.replay(
            report(),
            as_of=tables.at(self.options.get("as_of")),
            known_at=tables.at(self.options.get("known_at")),
            known_to=self.options.get("known_to"),
        )
        fields = self.options.get("fields", "").split()
        return tables.state_table(state, self.arguments[0], fields)


class Generated(FromMarkdown):
    """`{generated} events`: one of the tables that need no argument."""

    required_arguments = 1

    def markdown(self) -> str:
        """The table of this name."""
        return {
            "report": tables.readme_table,
            "events": tables.events_table,
            "event-sections": tables.event_sections,
            "problems": tables.problems_table,
            "attributes": tables.attributes_table,
            "cameo-codes": tables.cameo_table,
            "plover-kinds": tables.plover_table,
            "layers": lambda: tables.layers_table(diagrams.imports()),
            "commands": command_sections,
        }[self.arguments[0]]()


class Picture(SphinxDirective):
    """`{picture} layers.svg`: a drawing, put into the page so that it follows the theme."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The drawing."""
        drawing = (diagrams.FOLDER / self.arguments[0]).read_text(encoding="utf-8")
        return [nodes.raw("", f'<div class="picture">{drawing}</div>', format="html")]


class LifecycleOf(FromMarkdown):
    """`{lifecycle} proposal`: the diagram of a lifecycle and its table."""

    required_arguments = 1

    def markdown(self) -> str:
        """The diagram, the table and what else may refuse an event."""
        [lifecycle] = (
            each for each in LIFECYCLES if diagrams.file_name(each) == f"{self.arguments[0]}.svg"
        )
        return (
            f"```{{picture}} {diagrams.file_name(lifecycle)}\n```\n\n"
            f"{tables.lifecycle_table(lifecycle)}\n{tables.lifecycle_notes(lifecycle)}\n"
        )


class ProtocolOf(FromMarkdown):
    """`{protocol} ceasefire`: the rules of a protocol."""

    required_arguments = 1

    def markdown(self) -> str:
        """A table with a row for each rule."""
        return tables.protocol_table(tables.PROTOCOLS[self.arguments[0]])


# The command line


def run_command(line: str) -> str:
    """What a line such as `negotiation replay LOG` prints, run among the examples."""
    with chdir(tables.ROOT):
        result = CliRunner().invoke(
            main,
            shlex.split(line)[1:],
            prog_name="negotiation",
            env={"COLUMNS": "88", "NO_COLOR": "1", "TERM": "dumb"},
        )
    code = f"\n$ echo $?\n{result.exit_code}" if result.exit_code else ""
    return f"$ {line}\n{result.output.rstrip()}{code}\n"


class Command(SphinxDirective):
    """`{command} negotiation replay LOG`: a command and what it prints, or its first `lines`."""

    option_spec: ClassVar[Any] = {"lines": directives.positive_int}
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The command with its output."""
        line = self.arguments[0].replace("\n", " ")
        text = run_command(line)
        shown = text.splitlines(keepends=True)
        if len(shown) > (most := self.options.get("lines", len(shown))):
            text = "".join(shown[:most]) + "…\n"
        return [nodes.literal_block(text, text, language="console")]


def command_sections() -> str:
    """A section for each command with the help that it prints."""
    lines = ["negotiation", *(f"negotiation {name}" for name in sorted(main.commands))]
    return "\n\n".join(f"## {line}\n\n```{{command}} {line} --help\n```" for line in lines)


# References


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """A reference by a module's own path leads to the public name; one to elsewhere to nothing."""
    if node.get("refdomain") != "py":
        return None
    target: str = node.get("reftarget", "")
    name = target.rpartition(".")[2]
    if name in ng.__all__ and target != f"negotiation.{name}":
        return env.get_domain("py").resolve_any_xref(
            env, node.get("refdoc", ""), app.builder, f"negotiation.{name}", node, content
        )[0][1]
    if target == f"negotiation.{name}":
        return None
    outer = target.partition(".")[0]
    return content if outer in ("negotiation", target, *OUTSIDE) else None


def join_names(app: Sphinx, *context: Any) -> None:
    """Put arguments that are described together on one line, which is all that Napoleon reads."""
    lines: list[str] = context[-1]
    index = 0
    while index + 1 < len(lines):
        if ARGUMENTS.fullmatch(lines[index]):
            lines[index] += " " + lines.pop(index + 1).strip()
        else:
            index += 1


def draw(app: Sphinx) -> None:
    """Write the drawings that the pages show."""
    diagrams.write_diagrams()


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known to Sphinx."""
    for name, directive in {
        "records": Records,
        "state": State,
        "generated": Generated,
        "picture": Picture,
        "lifecycle": LifecycleOf,
        "protocol": ProtocolOf,
        "command": Command,
    }.items():
        app.add_directive(name, directive)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as the docstrings say
    app.connect("builder-inited", draw)
    app.connect("autodoc-process-docstring", join_names, priority=400)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}

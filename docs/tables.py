"""Tables of the documentation, made from the library and the example log, never written by hand.

Each function returns Markdown. `directives` puts them into pages, `readme_table` into README.md.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import attrs

import negotiation as ng
from negotiation import values
from negotiation.events import maker_field
from negotiation.importers.cameo_codes import CODES
from negotiation.importers.coded_events import Meaning
from negotiation.importers.plover_codes import KINDS
from negotiation.lifecycles import LIFECYCLES, STATUS, Lifecycle
from negotiation.problems import REASONS
from negotiation.records import ATTRIBUTES
from negotiation.reducers import REACTIONS
from negotiation.wire.lines import Codec
from negotiation.wire.states import to_json

ROOT: Final = Path(__file__).parents[1]
REPORT: Final = ROOT / "examples" / "easter_truce_2025.jsonl"

README_BEGINS: Final = "<!-- made by docs/generate.py: begins -->\n\n"
README_ENDS: Final = "\n<!-- made by docs/generate.py: ends -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n"
        for line in lines
    )


def code(text: object) -> str:
    """A text as code; nothing for an empty one."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Texts as code, with commas between."""
    return ", ".join(map(code, texts))


def first_sentence(thing: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


# The example report


def readme_table() -> str:
    """Where each party stands by the end of the example report."""
    state = ng.replay(ng.read_log(REPORT))
    rows = [
        [
            name,
            codes(sorted(party.proposals_made)),
            codes(sorted(party.replies_owed)),
            codes(f"{id}: {state.truces[id].status}" for id in party.truces),
            _claims(state, party),
            codes(f"{id}: {state.deadlines[id].status}" for id in sorted(party.deadlines_facing)),
            str(len(party.positions)),
        ]
        for name, party in state.parties.items()
    ]
    head = [
        "party", "offers", "owes a reply to", "under a truce", "accused by, with counts as claimed",
        "faces", "positions",
    ]  # fmt: skip
    return table(head, rows)


def _claims(state: ng.Negotiation, party: ng.PartyState) -> str:
    """The claims against a party, each with its own count; nothing is added up."""
    said: dict[str, list[str]] = {}
    for id in sorted(party.violations_alleged_against):
        claim = state.violations[id]
        counted = "no count" if claim.count is None else f"{claim.qualifier} {claim.count}"
        said.setdefault(claim.alleged_by, []).append(counted)
    return "; ".join(f"{accuser}: {codes(sorted(counts))}" for accuser, counts in said.items())


def readme_with_table(readme: str) -> str:
    """README.md with its table made anew."""
    before, begins, rest = readme.partition(README_BEGINS)
    _, ends, after = rest.partition(README_ENDS)
    assert begins, "README.md has lost the mark above its table"
    assert ends, "README.md has lost the mark below its table"
    return before + begins + readme_table() + ends + after


def records_table(log: Iterable[ng.Record], ids: Iterable[str]) -> str:
    """Records of a log: what, when, who says so in which words, as it stands in the file."""
    encode = Codec().to_json
    wanted = {record.id: record for record in log}
    rows = []
    for record in (wanted[id] for id in ids):
        data = encode(record)["data"]
        when = f"{record.time:%Y-%m-%d %H:%M}Z" + (
            f" ({record.precision})" * bool(record.precision)
        )
        told = " / ".join(filter(None, (record.speaker, record.reported_by)))
        words = f"“{record.quote}”" if record.quote else ""
        event = f"**{type(record.event).__name__}** {_members(data)}"
        rows.append([code(record.id), event, when, told, words])
    return table(["record", "event", "time", "speaker / source", "words"], rows)


def _members(data: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {code(_plain(value))}" for name, value in data.items())


def _plain(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    return json.dumps(value, ensure_ascii=False)


def state_table(state: ng.Negotiation, path: str, names: Iterable[str] = ()) -> str:
    """An item of a state, or the one named in each of its fields, as in its JSON.

    Args:
        state: the state.
        path: the collection and the id, with a blank between: `truces easter`.
        names: the fields to show; all that hold something if none is named.
    """
    collection, _, id = path.partition(" ")
    shown = to_json(getattr(state, collection)[id])
    wanted = tuple(names) or tuple(name for name in shown if shown[name] not in (None, [], {}))
    rows = [[code(name), code(_plain(shown[name]))] for name in wanted]
    return table([f"{collection}: {id}", "at that moment"], rows)


# Events


def events_table() -> str:
    """Every event, its wire type and what it says."""
    rows = [
        [f"{{py:class}}`~negotiation.{cls.__name__}`", code(full_type(cls)), first_sentence(cls)]
        for cls in ng.EVENTS
    ]
    return table(["event", "wire type", "what happened"], rows)


def full_type(cls: type[Any]) -> str:
    """The wire type of one of the library's events."""
    return ng.Model.default.wire_types[cls]


_KINDS: Final[Mapping[Callable[[Any], Any], str]] = {
    values.party_id: "a party's id",
    values.optional_party_id: "a party's id",
    values.party_ids: "parties' ids, at least one, none twice",
    values.optional_party_ids: "parties' ids, at least one, none twice",
    values.item_id: "an id",
    values.optional_item_id: "an id",
    values.text: "text",
    values.optional_text: "text",
    values.moment: "a time",
    values.optional_moment: "a time",
    values.json_object: "a JSON object",
    values.json_value: "any JSON value",
    values.optional_count: "a whole number of zero or more",
}


def fields_table(cls: type[Any]) -> str:
    """The fields of an event."""
    hints = get_type_hints(cls)
    made_by = maker_field(cls)
    rows = []
    for field in attrs.fields(cls):
        hint = hints[field.name]
        words = [word for each in (hint, *get_args(hint)) for word in get_args(each)]
        words = [word for word in words if isinstance(word, str)]
        kind = _KINDS.get(field.converter) or "one of " + codes(words)
        needed = "yes" if field.default is attrs.NOTHING else ""
        rows.append([code(field.name), kind, needed, "yes" if field.name == made_by else ""])
    return table(["field", "holds", "required", "the maker"], rows)


def event_sections() -> str:
    """A section for every event: what it says, its fields."""
    sections = []
    for cls in ng.EVENTS:
        sections += [
            f"## {cls.__name__}",
            f"```{{eval-rst}}\n.. autoclass:: negotiation.{cls.__name__}\n   :no-index-entry:\n```",
            f"Wire type `{full_type(cls)}`.",
            fields_table(cls),
        ]
    return "\n\n".join(sections)


# Problems


def met_by() -> dict[str, list[str]]:
    """Code → the events that may meet it, read from the tables that the fold reads."""
    found: dict[str, list[str]] = {found: [] for found in REASONS}

    def note(problem: str | None, event: type[Any]) -> None:
        if problem is not None and event.__name__ not in found[problem]:
            found[problem].append(event.__name__)

    for event, reaction in REACTIONS.items():
        if reaction.opens is not None:
            note("used-id", event)
        elif reaction.unknown != "used-id":
            note(reaction.unknown, event)
        for link in reaction.links:
            note(link.unknown, event)
    for lifecycle in LIFECYCLES:
        for row in lifecycle.table.values():
            for event, cell in row.items():
                note(cell if isinstance(cell, str) else None, event)
        for event, guards in lifecycle.guards.items():
            for guard in guards:
                note(guard, event)
    found["unknown-type"] = ["an event of a type or version that is not known"]
    found["unknown-record"] = ["EventRetracted", "any record with `repeats`"]
    found["already-retracted"] = ["EventRetracted"]
    return found


def problems_table() -> str:
    """Every code, in the order in which they are looked for."""
    events = met_by()
    rows = [
        [code(name), reason.format(event="it", type="…"), ", ".join(events[name])]
        for name, reason in REASONS.items()
    ]
    return table(["code", "what it says of the event", "events that may meet it"], rows)


# Protocols

PROTOCOLS: Final[Mapping[str, ng.Protocol]] = {
    "alternating-offers": ng.alternating_offers(rounds=3, due=datetime(2031, 3, 1, tzinfo=UTC)),
    "ceasefire": ng.CEASEFIRE,
}
"""The protocols whose rules are shown, by the name that a page gives them."""


def protocol_table(protocol: ng.Protocol) -> str:
    """The rules of a protocol, in the order in which they are asked."""
    rows = []
    for rule in protocol.rules:
        reads = "; ".join(
            f"{event.__name__}: {codes(name for name in attrs.fields_dict(event) if name in names)}"
            for event, names in rule.reads.items()
        )
        rows.append([code(rule.code), rule.reason, reads, rule.source or ""])
    return table(["code", "what it asks", "fields it looks at", "source"], rows)


# Lifecycles


def lifecycle_table(lifecycle: Lifecycle) -> str:
    """Phase × event: the phases that it may lead into, or the code with which it is refused."""
    events = list(dict.fromkeys(event for row in lifecycle.table.values() for event in row))
    rows = []
    for phase, row in lifecycle.table.items():
        shown = STATUS.get(phase)
        cells = [phase if shown is None else f"{phase} (status: {shown})"]
        for event in events:
            cell = row[event]
            cells.append(code(cell) if isinstance(cell, str) else " or ".join(cell))
        cells.append(" or ".join(lifecycle.passing.get(phase, ())))
        rows.append(cells)
    names = (re.sub(r"(?<!^)(?=[A-Z])", "<wbr>", event.__name__) for event in events)
    return table(["phase", *names, "*time passes*"], rows)


def lifecycle_notes(lifecycle: Lifecycle) -> str:
    """How it begins, and the codes that may refuse an event whatever the phase."""
    begins = "; ".join(
        f"`{event.__name__}` brings it into being: {' or '.join(phases)}"
        for event, phases in lifecycle.begins.items()
    )
    guards = "; ".join(
        f"`{event.__name__}` by {codes(guards)}" for event, guards in lifecycle.guards.items()
    )
    further = f"\n\nRefused besides, where the phase allows it: {guards}." if guards else ""
    return f"{begins}.{further}"


# The wire format


def attributes_table() -> str:
    """The optional attributes of a line and the fields of the record that hold them."""
    meaning = described(ng.Record)
    rows = [[code(wire), code(name), meaning[name]] for name, wire in ATTRIBUTES.items()]
    return table(["attribute", "field of the record", "what it holds"], rows)


def described(cls: type[Any]) -> dict[str, str]:
    """Field → what the docstring of a class says of it."""
    found: dict[str, str] = {}
    name = ""
    for line in (inspect.getdoc(cls) or "").partition("Attributes:\n")[2].splitlines():
        if line and not line.startswith(" "):
            break
        if line.startswith("    ") and not line.startswith("     "):
            name, _, text = line.strip().partition(": ")
            found[name] = text
        elif line.strip():
            found[name] += " " + line.strip()
    return found


# Codes of other datasets


def cameo_table() -> str:
    """Every code of CAMEO, its name, our event, and why."""
    rows = [
        [code(each.code), each.name, *_made_of(each.meaning, each.issue), each.note]
        for each in CODES.values()
    ]
    return table(["code", "name", "event", "issue or term", "value, firmness", "why"], rows)


def plover_table() -> str:
    """Every kind of event of PLOVER, our event, and why."""
    rows = []
    for kind in KINDS.values():
        name = code(kind.event) + ("" if kind.mode is None else f", mode {code(kind.mode)}")
        issue = f"what {{{kind.doer}}} is to do" if kind.doer else ""
        event, about, stand = _made_of(kind.meaning, issue)
        rows.append([name, event, about, stand.partition(", ")[2], kind.note])
    return table(["event of PLOVER", "event", "issue", "firmness", "why"], rows)


def _made_of(meaning: Meaning, issue: str) -> list[str]:
    """The event that a code becomes, the issue or term that it has, the value and the firmness."""
    event = "none" if meaning.event is None else code(meaning.event.__name__)
    about = issue.replace("{source}", "*source*").replace("{target}", "*target*")
    firmness = f", {code(meaning.firmness)}" if meaning.firmness else ""
    return [event, about, f"{meaning.value or ''}{firmness}"]


def layers_table(imports: Mapping[str, frozenset[str]]) -> str:
    """Each part of the library and what it does, what is imported above what imports it."""
    rows = []
    placed: set[str] = set()
    waiting = dict(imports)
    while waiting:
        ready = sorted(part for part in waiting if waiting[part] <= placed) or sorted(waiting)
        for part in ready:
            rows.append([code(part), first_sentence(import_module(f"negotiation.{part}"))])
            del waiting[part]
        placed.update(ready)
    return table(["part", "what it does"], rows)


def at(text: str | None) -> datetime | None:
    """A moment from the text of a directive's option, if it is given."""
    return None if text is None else datetime.fromisoformat(text)

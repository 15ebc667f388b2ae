"""The items of a state for reading: proposals, truces, claims about them, deadlines, meetings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from negotiation.cli.layout import BAD, GOOD, ID, OPEN, QUIET, TITLE, Cell, Column, Line, led, table
from negotiation.cli.output import Page
from negotiation.facts import Span
from negotiation.state import (
    Commitment,
    Deadline,
    Meeting,
    Negotiation,
    Observation,
    Proposal,
    Truce,
    Violation,
)
from negotiation.words import (
    count_words,
    due_words,
    kind_words,
    listed,
    span_words,
    terms_words,
    time_words,
)

STYLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("open", "declared", "pending", "in-window", "scheduled"), OPEN),
    **dict.fromkeys(("accepted", "in-force", "met", "held", "active"), GOOD),
    **dict.fromkeys(("rejected", "missed"), BAD),
}
"""The style of each status; one that is over and done with is quiet."""

_NAMED: Final = (Column(), Column())
_CLAIMS: Final = (Column("accused"), Column("alleged by"), Column("count"), Column("claim"))


@frozen
class Items:
    """The items of a state, each read once.

    Attributes:
        as_of: the moment of their statuses.
        proposals, truces, violations, deadlines, meetings: as in the state.
    """

    as_of: datetime | None
    proposals: Mapping[str, Proposal]
    truces: Mapping[str, Truce]
    violations: Mapping[str, Violation]
    deadlines: Mapping[str, Deadline]
    meetings: Mapping[str, Meeting]

    @classmethod
    def of(cls, state: Negotiation) -> Items:
        """The items of a state."""
        kinds = ("proposals", "truces", "violations", "deadlines", "meetings")
        return cls(state.as_of, *(dict(getattr(state, kind)) for kind in kinds))


def titled(title: str, page: Page) -> Iterator[str]:
    """The title of a section, with space above it."""
    yield ""
    yield page.paint(title, TITLE)


def item_lines(items: Items, page: Page) -> Iterator[str]:
    """A section for each kind of item that there is."""
    yield from _section("Proposals", items.proposals, _proposal, page)
    yield from _section("Truces", items.truces, lambda each: _truce(each, items.as_of), page)
    if items.violations:
        yield from titled("Violations alleged", page)
        yield from table(_CLAIMS, _claims(items), page, indent=2)
    yield from _section("Deadlines", items.deadlines, _deadline, page)
    yield from _section("Meetings", items.meetings, _meeting, page)


def _section(
    title: str, items: Mapping[str, Any], describe: Callable[[Any], list[Line]], page: Page
) -> Iterator[str]:
    if items:
        yield from titled(title, page)
        rows = ((Line(id, ID), describe(item)) for id, item in items.items())
        yield from table(_NAMED, rows, page, indent=2, titled=False)


def status_line(status: str, rest: str) -> Line:
    """A line that begins with a status, in its style."""
    return led(status, rest, STYLES.get(status, QUIET))


def lines(*texts: str) -> list[Line]:
    """A line for each text that is not empty."""
    return [Line(text) for text in texts if text]


def labelled(label: str, text: str | None) -> str:
    """A text after its label; nothing where there is no text."""
    return f"{label} {text}" if text else ""


# Proposals


def _proposal(proposal: Proposal) -> list[Line]:
    answers = (f"{party} {answer}" for party, answer in sorted(proposal.answers.items()))
    expires = "" if proposal.expires is None else f", expires {time_words(proposal.expires)}"
    return [
        status_line(proposal.status, f", from {proposal.by} to {listed(proposal.to)}"),
        *lines(
            terms_words(proposal.terms),
            labelled("answers:", listed(answers)),
            labelled("counters", proposal.counters),
            labelled("countered by", listed(proposal.countered_by)),
        ),
        Line(f"made {time_words(proposal.made)}{expires}", QUIET),
    ]


# Truces and claims about them


def _truce(truce: Truce, at: datetime | None) -> list[Line]:
    alone = "" if truce.mutual else " alone"
    return [
        status_line(truce.status, f", {kind_words(truce.kind)} declared by {truce.declared_by}"),
        *(
            line
            for party, commitment in truce.commitments.items()
            for line in commitment_lines(commitment, at, f" for {party}", alone)
        ),
        *lines(
            labelled("rejected by", listed(sorted(truce.rejected_by))),
            labelled("scope:", truce.scope),
            labelled("condition:", truce.condition),
            labelled("under", truce.under),
            *map(_observation, truce.observations),
        ),
    ]


def commitment_lines(
    commitment: Commitment, at: datetime | None, who: str = "", alone: str = ""
) -> list[Line]:
    """Whether a party is bound, since when and until when; and what bound it before.

    Args:
        commitment: what binds it.
        at: the moment at which this is asked.
        who: the words for the party.
        alone: the words for its being the only one that is bound.
    """
    now = Span(commitment.since, commitment.until, commitment.ended)
    standing = _standing(now, at)
    only = alone if standing == "in-force" else ""
    return [
        status_line(standing, f"{who}{only}, {_span(now)}"),
        *(Line(f"before that {_span(each)}", QUIET) for each in reversed(commitment.earlier)),
    ]


def _standing(span: Span, at: datetime | None) -> str:
    """The status that a truce would have which binds nobody else."""
    if at is not None and span.in_force(at):
        return "in-force"
    if span.ended is not None:
        return "ended"
    return "declared" if at is None or at < span.since else "expired"


def _span(span: Span) -> str:
    ended = "" if span.ended is None else f", ended {time_words(span.ended)}"
    return span_words(span.since, span.until) + ended


def _observation(observation: Observation) -> str:
    span = span_words(observation.begins, observation.ends)
    said = listed(filter(None, (observation.what, span)))
    return f"observed by {observation.by}, claims {observation.claimed_by}{said and ': '}{said}"


def _claims(items: Items) -> Iterator[tuple[Cell, ...]]:
    """One row for each claim, those of one accuser against one accused together."""
    for claim in sorted(
        items.violations.values(), key=lambda each: (each.by, each.alleged_by, each.claimed)
    ):
        counted = count_words(claim.count, claim.qualifier)
        said = listed(filter(None, (claim.what, claim.place, _claimed(claim))))
        first = led(claim.id, f": {said}", ID)
        yield claim.by, claim.alleged_by, counted, [first, *claim_lines(claim, items.truces)]


def _claimed(claim: Violation) -> str:
    return span_words(claim.begins, claim.ends) or f"claimed {time_words(claim.claimed)}"


def claim_lines(claim: Violation, truces: Mapping[str, Truce]) -> list[Line]:
    """What stands of a claim beside what it says: whether the accused was bound, what was found."""
    findings = (f"{finding} by {party}" for party, finding in sorted(claim.findings.items()))
    return [
        Line(_whether_bound(claim, truces), QUIET),
        *lines(
            labelled("found", listed(findings)),
            labelled("replaces", claim.replaces),
            labelled("replaced by", claim.replaced_by),
        ),
    ]


def _whether_bound(claim: Violation, truces: Mapping[str, Truce]) -> str:
    if claim.truce not in truces:
        return f"truce {claim.truce} was not declared"
    if not claim.bound:
        return f"{claim.by} was not bound by {claim.truce}"
    when = "at the time" if claim.in_effect else "but not at the time"
    return f"{claim.by} was bound by {claim.truce}, {when}"


# Deadlines and meetings


def _deadline(deadline: Deadline) -> list[Line]:
    who = f", set by {deadline.by} on {listed(deadline.on)}"
    return [*due_lines(deadline, who), *lines(labelled("about", deadline.about))]


def due_lines(deadline: Deadline, who: str) -> list[Line]:
    """When something is due, what is asked for and what is threatened.

    Args:
        deadline: the deadline.
        who: the words for who set it, and to whom.
    """
    return [
        status_line(deadline.status, f", {due_words(deadline.due, deadline.earliest)}{who}"),
        *lines(
            labelled("demand:", deadline.demand),
            labelled("consequence:", deadline.consequence),
        ),
    ]


def _meeting(meeting: Meeting) -> list[Line]:
    when = "" if meeting.starts is None else f", {time_words(meeting.starts)}"
    where = "" if meeting.place is None else f", {meeting.place}"
    return [
        status_line(meeting.status, f"{when}{where}, {listed(meeting.parties)}"),
        *lines(
            labelled("outcome:", meeting.outcome),
            labelled("follows", meeting.follows),
            labelled("scheduled by", meeting.by),
        ),
    ]

"""What each event of PLOVER says in our words: the table by which its records become events.

PLOVER has few kinds of event and keeps the words that were coded, so a position says in those words
where a party stands on what one of the two is to do. What holds of the codes of CAMEO holds here:
an agreement or a rejection is no answer to a proposal that is known, a demand no proposal, a threat
no deadline and an accusation no violation of a truce. The three codes of CAMEO that are proposals
are not told apart in AGREE, which has promises, plans and agreements too: it is a position. So is a
concession, and no firmer one than an agreement: some are promised, others carried out already, and
an undertaking would be too much for either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from negotiation.importers.coded_events import MEANINGS, Meaning


@frozen
class Kind:
    """A kind of event of PLOVER and our event.

    Attributes:
        event: what PLOVER calls it.
        mode: the mode that it is of; None stands for all those that have no line of their own.
        meaning: what becomes of it.
        doer: for a position, who is to do what it is about: `source` or `target`.
        mutual: whether sources without a target do it with each other.
        note: why it becomes that.
    """

    event: str
    mode: str | None
    meaning: Meaning
    doer: str
    mutual: bool
    note: str


_TABLE: Final = """
AGREE                | intended  | source + mutual
CONSULT              | meeting   | + mutual | mediation and talks to come are not told apart
SUPPORT              | deed      |        | praise, signatures and deeds are not told apart
CONCEDE              | intended  | source | promised or done: the least. The demand is not told
COOPERATE            | deed      |
AID                  | deed      |
RETREAT              | deed      |        | a deed; a truce is among them, and not told apart
RETREAT ceasefire    | truce     |        | declared or observed, which is not told; nor until when
INVESTIGATE          | deed      |
DEMAND               | demanded  | target
REQUEST              | asked     | target | a request or a demand: the least is taken. No proposal
DISAPPROVE           | statement |        | an allegation is no violation of a truce
ACCUSE               | statement |        | an allegation is no violation of a truce
ACCUSE investigate   | deed      |
REJECT               | refused   | source | of what is not told; a failure to agree is among it
THREATEN             | statement |        | by when is not told: an ultimatum sets no deadline
PROTEST              | deed      |        | a deed; whether it demands anything is not told
CRIME                | deed      |
SANCTION             | deed      |        | a deed; talks broken off are among them, not told apart
MOBILIZE             | deed      |
COERCE               | deed      |
ASSAULT              | deed      |
FIGHT                | deed      |        | a deed; a breach of a truce among them is not told apart
"""


def _entries(table: str) -> Iterator[Kind]:
    """The rows of the table."""
    for line in table.strip().splitlines():
        told, word, doer, *note = (cell.strip() for cell in line.split("|"))
        event, _, mode = told.partition(" ")
        meaning = MEANINGS[word]
        doer, _, mutual = doer.partition("+")
        yield Kind(
            event, mode or None, meaning, doer.strip(), bool(mutual), *note or [meaning.note]
        )


KINDS: Final[Mapping[tuple[str, str | None], Kind]] = MappingProxyType(
    {(each.event, each.mode): each for each in _entries(_TABLE)}
)
"""The kinds of event of PLOVER, of its first version and of later ones, by event and mode."""

DOCUMENT: Final = "DOCUMENT"
"""The event of a record that says something of its file."""

NO_COUNTRY: Final = frozenset({"IGO", "NGO", "NGM", "IMG", "INT", "ISM", "MNC", "UIS"})
"""The codes of actors that are of no country."""

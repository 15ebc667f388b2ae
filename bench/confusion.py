"""How the events of PLOVER fall among ours: `python -m bench.confusion FILE`.

FILE holds the gold standard records of PLOVER's first version. It prints how many records of each
of their events became which of ours, by full name, and then all those of which a person who reads
the sentence makes another event, with the reason: the importer has codes to go by, and a sentence
says more than its code. What else a sentence says is not compared, as how firm a position is and on
what condition.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

import negotiation as ng
from negotiation.importers import json_rows
from negotiation.importers.common import Read, Row, SetAside
from negotiation.importers.plover_records import plover_records

NONE: Final = "no counterpart"


@frozen
class Reading:
    """What a person makes of some records, where it is not what becomes of their code.

    Attributes:
        event: the event that the sentence tells of.
        why: why the code does not say so.
        records: the ids of the records, without what is the same in all of them.
    """

    event: str
    why: str
    records: tuple[str, ...]


def _of(event: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{event}-00{number}" for number in numbers.split())


READINGS: Final = (
    Reading(
        "ProposalMade", "an offer; AGREE holds offers, promises and plans alike",
        _of("AGREE", "05 14 22 36"),
    ),
    Reading(
        "ProposalAccepted", "the sentence says to what; AGREE names no proposal", _of("AGREE", "37")
    ),
    Reading(
        "TruceDeclared", "a ceasefire of both; AGREE does not say what was agreed to",
        _of("AGREE", "32"),
    ),
    Reading(
        "PositionStated, of one of the two", "one will visit the other; both are the source, and "
        "both get the words", _of("AGREE", "35"),
    ),
    Reading(
        "PositionStated", "a stand of the only actor of the record, and a log is of two",
        (*_of("AGREE", "18 19 21"), *_of("DEMAND", "19"), *_of("REJECT", "09")),
    ),
    Reading(
        "nothing", "a visit of a city or a country: that two met is not said",
        _of("CONSULT", "03 04"),
    ),
    Reading("MeetingScheduled", "talks to come, coded as if held", _of("CONSULT", "07")),
    Reading("PartyJoined", "mediation, which no mode tells", _of("CONSULT", "08 09")),
    Reading(
        "StatementMade", "words; SUPPORT holds deeds and signatures too",
        _of("SUPPORT", "02 03 04 05 06 09"),
    ),
    Reading(
        "PositionStated", "a readiness, or a signed agreement; SUPPORT holds words and deeds too",
        _of("SUPPORT", "10 11 12"),
    ),
    Reading(
        "nothing", "a concession already carried out; CONCEDE holds those that are promised too",
        _of("CONCEDE", "02 05 06 07 08 09 11 12"),
    ),
    Reading(
        "nothing", "a step in court or of the police, coded for what it grants, orders or alleges",
        (*_of("CONCEDE", "04"), *_of("DEMAND", "03"), *_of("DISAPPROVE", "08 09 10 15")),
    ),
    Reading("MeetingHeld", "observers were received and informed", _of("RETREAT", "09")),
    Reading(
        "TruceDeclared", "a truce of one party, which is alone in the record; its mode is missing",
        _of("RETREAT", "14"),
    ),
    Reading(
        "PositionStated", "an intent to resign; RETREAT is of deeds, and the party is alone",
        _of("RETREAT", "20"),
    ),
    Reading("nothing", "flight, and not words", _of("DEMAND", "13")),
    Reading(
        "TruceViolated", "the accuser says which truce was broken; DISAPPROVE is any criticism",
        _of("DISAPPROVE", "06"),
    ),
    Reading(
        "ProposalRejected", "the sentence says that it was proposed, offered, invited to or put to "
        "the vote; REJECT does not tell that from demands, appeals and requests",
        _of("REJECT", "01 03 22 25 26 27 29 33"),
    ),
    Reading(
        "StatementMade", "an answer is refused, and not what was demanded", _of("REJECT", "30")
    ),
    Reading(
        "MeetingHeld", "talks that came to nothing: nobody refused anything", _of("REJECT", "17")
    ),
    Reading("nothing", "a deed, coded as a refusal", _of("REJECT", "32")),
    Reading(
        "DeadlineSet", "a span within which it is due; THREATEN has no such field",
        _of("THREATEN", "03 16"),
    ),
    Reading(
        "PositionStated", "a plan or a decision; nobody is said to have threatened",
        _of("THREATEN", "08 10"),
    ),
    Reading(
        "PositionStated", "the protest is for something; PROTEST does not say for what",
        _of("PROTEST", "01 03 04 06 08 10 18 21 22 24 27"),
    ),
    Reading(
        "StatementMade", "announced, and not yet carried out; SANCTION is of deeds",
        _of("SANCTION", "04 15"),
    ),
    Reading(
        "PartyWithdrew", "mediation broken off; SANCTION holds other deeds", _of("SANCTION", "11")
    ),
    Reading(
        "TruceViolated", "a third party, which is not in the record, says so of both; FIGHT is any "
        "fighting", _of("FIGHT", "15"),
    ),
)  # fmt: skip
"""All that are read otherwise than they are coded, by the events that a person makes of them."""


def fates(rows: Iterable[Row | Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each record of the source, and what became of it."""
    read: list[Mapping[str, Any]] = []

    def noted() -> Iterator[Mapping[str, Any]]:
        for row in rows:
            read.append(row.cells if isinstance(row, Row) else row)
            yield read[-1]

    told = 0
    for made in plover_records(noted(), by="name"):
        if not isinstance(made, Read) and told < len(read):  # what else becomes of it is alike
            told = len(read)
            yield read[-1], _fate(made)


def _fate(made: ng.Record | SetAside) -> str:
    if isinstance(made, SetAside):
        return NONE if made.reason.startswith(NONE) else made.reason
    return type(made.event).__name__


def confusion(told: Iterable[tuple[Mapping[str, Any], str]]) -> dict[str, Counter[str]]:
    """Their events, and how many of each became which of ours."""
    table: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for cells, fate in told:
        table[cells["event"]][fate] += 1
    return dict(table)


def main(path: str) -> None:
    """Print both tables."""
    told = [*fates(json_rows(Path(path)))]
    table = confusion(told)
    ours = sorted({fate for row in table.values() for fate in row})
    wide = max(map(len, table))
    print(" " * wide, *ours, sep="  ")
    for event, row in table.items():
        cells = (str(row[fate] or "").rjust(len(fate)) for fate in ours)
        print(event.ljust(wide), *cells, sep="  ")
    became = {cells["id"].partition("-")[2].partition("-")[2]: fate for cells, fate in told}
    for reading in READINGS:
        fate = " or ".join({became[record]: None for record in reading.records})
        print(f"\n{fate}, read as {reading.event}: {reading.why}")
        print(" ", *reading.records)


if __name__ == "__main__":
    main(sys.argv[1])

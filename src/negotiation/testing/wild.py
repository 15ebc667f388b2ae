"""Random records that hold whatever a line may hold: any JSON, any text, any moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import attrs
import hypothesis.strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from negotiation.events import UnknownEvent
from negotiation.model import Model
from negotiation.records import ATTRIBUTES, Precision, Record
from negotiation.testing.histories import Events, event_of, lines, number
from negotiation.testing.kinds import kinds_of
from negotiation.testing.universe import NEGOTIATION, PARTIES, START, WHOLE, Chance, Dice, Words

ODD_TEXTS: Final = (
    "", " ", '"', "\\", "\x00", "\n", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "\uffff",
    "e\u0301", "\U0001f54a", "null", "[", "{", "0",
)  # fmt: skip

texts: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ODD_TEXTS
)

json_values: Final[SearchStrategy[Any]] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

json_objects: Final = st.dictionaries(texts, json_values, max_size=3)

attribute_texts: Final = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=6
) | st.sampled_from([" ", '"', "\\", "\u2028", "\ufeff", "\U0001f54a", "a  b"])

_NAMES: Final = ("subject", "dataschema", "traceparent", "x1", "0")
_VIEWERS: Final = (*PARTIES, "nör:d", "a,b")
_OPTIONAL: Final = tuple(name for name in ATTRIBUTES if name not in ("precision", "visible_to"))

_FIRST: Final = datetime(1, 1, 2, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 30, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)

moments: Final = st.integers((_FIRST - START) // _TICK, (_LAST - START) // _TICK).map(
    lambda ticks: START + ticks * _TICK
)
"""Any moment in UTC, many of them near the others."""


def full_records(*, model: Model = Model.default, events: Events = None) -> SearchStrategy[Record]:
    """Single records of every type with every optional field, and any JSON and text in them.

    Arguments and errors are those of `negotiation.testing.histories.histories`.
    """
    kinds = kinds_of(model, events)
    classes = (*kinds.every_class(), UnknownEvent)
    said = st.lists(texts, min_size=1, max_size=2)
    attributes = st.lists(attribute_texts, min_size=1, max_size=3)

    @st.composite
    def drawn(draw: DrawFn) -> Record:
        kind, who, which, how, _, about = draw(lines)
        cls = Dice(kind).one(classes)
        words = Words(
            texts=tuple(draw(said)),
            values=(draw(json_values),),
            terms=(draw(json_objects),),
            numbers=(1, 0, -1, 7, 2**40, -(2**70)),
        )
        event = event_of(cls, kinds, draw, Chance.of((who, which, how), WHOLE, words))
        values, dice, more = draw(attributes), Dice(about), Dice(draw(number))
        optional: dict[str, Any] = {name: dice.one((None, None, *values)) for name in _OPTIONAL}
        return Record(
            id=more.one(values),
            negotiation=draw(texts.filter(bool)),
            time=draw(moments),
            recorded=draw(moments),
            event=event,
            precision=more.one((None, *get_args(Precision))),
            visible_to=more.some(_VIEWERS, 3) if more.below(2) else None,
            attributes={name: more.one(values) for name in _NAMES if more.below(6) == 5},
            **optional,
        )

    return drawn()


def wild_histories(
    *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[list[Record]]:
    """Histories of records that hold any JSON and any text, years apart.

    Arguments and errors are those of `negotiation.testing.histories.histories`.
    """
    several = st.lists(full_records(model=model, events=events), max_size=6)

    @st.composite
    def drawn(draw: DrawFn) -> list[Record]:
        records = draw(several)
        recorded = sorted(each.recorded for each in records)
        return [
            attrs.evolve(each, id=f"e{n}", negotiation=NEGOTIATION, position=n, recorded=moment)
            for n, (each, moment) in enumerate(zip(records, recorded, strict=True), start=1)
        ]

    return drawn()

"""The columns of a sheet: which there are, what stands in them, and how their cells are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from functools import partial
from typing import Any, Final, NamedTuple, get_args

import attrs
from attrs import define

from negotiation.errors import nearest
from negotiation.events import EVENTS, UnknownEvent
from negotiation.importers.sheet_cells import Reader, Times, chosen, json_cell, listed, reader
from negotiation.model import NAMESPACE, Model, versioned
from negotiation.records import ATTRIBUTES, Precision, Record, party_set
from negotiation.values import Refused, describe
from negotiation.wire.data import DataCodec
from negotiation.wire.shapes import Field, fields_of
from negotiation.wire.times import time_text

COMMENT: Final = "#"
"""How the name of a column begins that is not read, and the event of a row that is not read."""

FIRST: Final = ("negotiation", "id", "event", "time", "precision")
LAST: Final = (
    *(name for name in ATTRIBUTES if name not in ("precision", "prevhash", "hash")),
    "recorded",
)
OWN: Final = (*FIRST, *LAST)
"""The columns of the record itself; between the two parts stand those of the events."""

OBJECTS: Final = ("object", "nested")
"""The kinds of value whose members may have columns of their own."""


def event_names(model: Model) -> dict[str, type[Any]]:
    """What each event may be called: by its class's name, or by its wire type.

    Args:
        model: the events that are known.
    """
    names: dict[str, type[Any]] = {}
    for cls in model.wire_types:
        names.setdefault(cls.__name__, cls)
    for cls, wire_type in model.wire_types.items():
        name, _ = versioned(wire_type) or (wire_type, 0)
        for each in (wire_type, name, name.removeprefix(f"{NAMESPACE}.")):
            names.setdefault(each, cls)
    return names


def column_of(field: str) -> str:
    """The column in which a field of an event stands."""
    return f"data.{field}" if field in OWN else field


def columns(model: Model) -> tuple[str, ...]:
    """Every column that a sheet may have, in an order for people.

    Args:
        model: the events that are known.
    """
    fields = (field.name for cls in model.wire_types for field in fields_of(cls))
    return (*FIRST, *dict.fromkeys(map(column_of, fields)), *LAST)


class Step(NamedTuple):
    """What is done with the cells of one column.

    Attributes:
        into: the name of the field; None for a column that is not read.
        read: what reads a cell; None where its text is what it says.
        of_record: whether the field is one of the record.
        member: the member of the field that it is, where it is one.
    """

    into: str | None = None
    read: Reader | None = None
    of_record: bool = False
    member: str | None = None


UNREAD: Final = Step()


@define
class Plan:
    """What is done with the rows of one kind of event.

    Attributes:
        cls: the class of the event.
        build: makes the event of the values of its fields.
        fields: its fields, by their columns.
        needed: the names of those that must be there.
        steps: what is done with each column, as far as it was met.
    """

    cls: type[Any]
    build: Callable[..., Any]
    fields: Mapping[str, Field]
    needed: frozenset[str]
    steps: dict[Any, Step]


class Plans:
    """Finds out what is done with rows and their cells, once for each kind and column.

    Args:
        model: the events that are known.
        zone: the time zone of times without an offset.
    """

    def __init__(self, model: Model, zone: tzinfo) -> None:
        self._model: Final = model
        self._times: Final = Times(zone)
        self._names: Final = event_names(model)
        self._data: Final = DataCodec()
        self._plans: Final[dict[str, Plan]] = {}
        self.of_any: Final = Plan(UnknownEvent, UnknownEvent, {}, frozenset(), {})
        """What is done with the rows of a kind that is not known."""
        self._columns: Final = columns(model)
        self._objects: Final = tuple({*self._object_columns()})
        precision = partial(chosen, get_args(Precision))
        checks: Mapping[str, Any] = {each.name: each.converter for each in attrs.fields(Record)}
        self._own: Final[Mapping[str, Step]] = {
            **{name: Step(name, checks[name], of_record=True) for name in OWN},
            "event": UNREAD,
            "time": Step("time", self._times.read, of_record=True),
            "recorded": Step("recorded", self._times.moment, of_record=True),
            "precision": Step("precision", precision, of_record=True),
            "visible_to": Step("visible_to", _party_set, of_record=True),
        }

    def _object_columns(self) -> Iterator[str]:
        for cls in self._model.wire_types:
            for field in fields_of(cls):
                if field.shape.kind in OBJECTS:
                    yield column_of(field.name) + "."

    def of(self, kind: Any) -> Plan:
        """What is done with the rows of a kind of event.

        Raises:
            Refused: there is no such kind.
        """
        if not kind or not isinstance(kind, str):
            raise Refused(f"must be the name of an event, not {describe(kind or None)}")
        if (plan := self._plans.get(kind)) is None:
            if (cls := self._names.get(kind)) is None:
                names = [cls.__name__ for cls in self._model.wire_types]
                hint = nearest(kind, names, alike=0.8)  # TruceAccepted is not TruceRejected
                raise Refused(f"is no event: {kind!r}; {hint}")
            fields = {column_of(field.name): field for field in fields_of(cls)}
            needed = frozenset(field.name for field in fields.values() if field.required)
            plan = Plan(cls, self._builder(cls), fields, needed, {})
            self._plans[kind] = plan
        return plan

    def _builder(self, cls: type[Any]) -> Callable[..., Any]:
        if cls in EVENTS:
            return cls
        return lambda **given: self._data.structure(given, cls)

    def step(self, plan: Plan, column: Any) -> Step | None:
        """What is done with the cells of a column in rows of a kind; None if there is none such."""
        step = self._step(plan, column)
        if step is not None:
            plan.steps[column] = step
        return step

    def _step(self, plan: Plan, column: Any) -> Step | None:
        if not isinstance(column, str):
            return Step("", _nameless)
        if column.startswith(COMMENT):
            return UNREAD
        if (own := self._own.get(column)) is not None:
            return own
        moment = self._times.moment
        times: Reader = moment if plan.cls in EVENTS else lambda cell: time_text(moment(cell))
        for name, field in plan.fields.items():
            if column == name:
                return Step(field.name, reader(field.shape, times))
            if field.shape.kind in OBJECTS and column.startswith(f"{name}."):
                return Step(field.name, json_cell, member=column.removeprefix(f"{name}."))
        if column in self._columns or column.startswith(self._objects):
            return UNREAD if plan is self.of_any else Step("", partial(_refuse, plan, column))
        return None

    def unknown(self, column: str) -> str:
        """What is wrong with a column that no event has."""
        return (
            f"is no column of a sheet; {nearest(column, self._columns)}; one whose name begins "
            f"with {COMMENT} is not read"
        )


def _party_set(cell: str) -> frozenset[str] | None:
    return party_set(listed(cell))


def _nameless(cell: str) -> Any:
    raise Refused(f"holds {describe(cell)} in a column that has no name")


def _refuse(plan: Plan, column: str, cell: str) -> Any:
    name = plan.cls.__name__
    raise Refused(f"must be empty: {name} has no such field; {nearest(column, plan.fields)}")

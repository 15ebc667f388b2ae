"""The JSON Schema of the wire format: what it takes is what is read, as far as a schema can say."""

from __future__ import annotations

import copy
import json
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

import negotiation as ng
from negotiation.testing import logs
from negotiation.wire.schema import attribute_words, class_words
from negotiation.wire.shapes import Shape, fields_of

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = (ROOT / "examples" / "easter_truce_2025.jsonl").read_text(encoding="utf-8")
LINES: Final = [json.loads(line) for line in EXAMPLE.splitlines()]


@cache
def validator(model: ng.Model = ng.Model.default) -> Any:
    """What validates against the schema of a model, which is a schema itself."""
    schema = json.loads(json.dumps(ng.json_schema(model=model)))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def valid(line: Any, model: ng.Model = ng.Model.default) -> bool:
    return bool(validator(model).is_valid(line))


def readable(line: Any, model: ng.Model = ng.Model.default) -> bool:
    """Whether the library reads a line."""
    try:
        ng.Codec(model).decode(json.dumps(line))
    except ng.DecodeError:
        return False
    return True


def line(**changes: Any) -> dict[str, Any]:
    """A line, with some attributes changed or, where `...`, taken away."""
    fields = {
        "specversion": "1.0",
        "type": "negotiation.statement-made.v1",
        "source": "talks",
        "id": "e1",
        "time": "2031-03-01T00:00:00Z",
        "data": {"by": "north", "text": "no"},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not ...}


def said(kind: str, /, **data: Any) -> dict[str, Any]:
    return line(type=f"negotiation.{kind}.v1", data=data)


# What is read


@pytest.mark.parametrize("record", LINES, ids=lambda record: str(record["id"]))
def test_every_line_of_the_example_is_valid(record: Any) -> None:
    """The example log is what the schema describes."""
    assert [*validator().iter_errors(record)] == []


@given(logs(legal=False, late=True, hidden=True, retracted=True))
def test_every_line_that_is_written_is_valid(log: ng.Log) -> None:
    """Whatever log is drawn, and sealed, its lines are valid."""
    for record in ng.seal(log):
        written = json.loads(ng.Codec().encode(record))
        assert [*validator().iter_errors(written)] == []


@pytest.mark.parametrize(
    "record",
    [
        line(type="org.example.unknown.v1", data={"any": ["thing"]}),
        line(type="negotiation.statement-made.v2", data={}),
        line(speaker=None, hash=None, recordedtime=None, Foo=None, data_base64=None),
        line(datacontenttype="application/vnd.example+json; charset=utf-8", subject="x"),
        line(datacontenttype="application/JSON", further2="x"),
        line(time="2031-03-01t00:00:00.5+05:30", visibleto="north south"),
        line(source="caf%C3%A9%3A1#branch", precision="week"),
        said("truce-violated", violation="v", truce="t", by="north", alleged_by="south",
             qualifier=None, count=0, begins=None),
        said("position-stated", by="north", issue="land", value=None, firmness="open",
             condition=None, attributed_by=None),
        said("truce-declared", truce="t", by="n", kind="truce", binds=None, starts=None,
             ends=None, condition=None, scope=None, under=None),
        said("proposal-made", proposal="p", by="n", to=["s"], terms={"a": {"b": [1, None]}}),
    ],
    ids=["unknown type", "unknown version", "null", "attributes", "capitals", "time",
         "source", "null field", "value", "null fields", "terms"],
)  # fmt: skip
def test_what_is_unusual_is_valid_where_it_is_read(record: Any) -> None:
    """Null for what is absent, attributes and types that are not known, the forms of times."""
    assert readable(record)
    assert valid(record)


# What is refused


REFUSED: Final[Sequence[Any]] = [
    [], "line", line(data=...), line(id=...), line(time=...), line(source=...), line(type=...),
    line(specversion=...), line(id=None), line(id=""), line(id=7), line(id="a\x07"),
    line(specversion="0.3"), line(source="a b"), line(source="a\n"), line(source="#branch"),
    line(source="a%2"), line(time="2031-03-01"), line(time="2031-03-01T00:00:00"),
    line(time="2031-13-01T00:00:00Z"), line(time="2031-03-01T24:00:00Z"),
    line(time="2031-03-01T00:00:00.1234567Z"), line(time="2031-03-01T00:00:00Z\n"),
    line(time="0000-03-01T00:00:00Z"), line(recordedtime=""), line(precision="dya"),
    line(visibleto="north  south"), line(visibleto=" north"), line(visibleto=["north"]),
    line(quote="two\nlines"), line(speaker="x\ufdd0"), line(speaker="x\uffff"),
    line(speaker=["x"]), line(Foo="x"), line(foo=1),
    line(foo2=1), line(time="2031-03-01T00:00:00+24:00"), line(time="2031-03-01T00:00:00+05:60"),
    line(datacontenttype="text/plain"), line(data_base64="eA=="), line(data=[]),
    line(data="no"), line(data={"by": "north"}), line(data={"by": "north", "text": None}),
    line(data={"by": "no rth", "text": ""}), line(data={"by": "", "text": ""}),
    line(data={"by": "north", "text": "", "txt": ""}),
    line(data={"by": "north", "text": 1}), line(data={"by": "north", "text": "", "about": ""}),
    line(type="", data={}),
    said("party-joined", party="north", role="boss"), said("party-joined", party="north"),
    said("truce-joined", truce="t", by="north", starts="soon"),
    said("proposal-made", proposal="p", by="north", to=[], terms={}),
    said("proposal-made", proposal="p", by="north", to="south", terms={}),
    said("proposal-made", proposal="p", by="north", to=["s", "s"], terms={}),
    said("proposal-made", proposal="p", by="north", to=["s"], terms=[]),
    said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", count=-1),
    said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", count="3"),
    said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", count=True),
    said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", qualifier="about"),
    said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", qualifier="about",
         count=None),
]  # fmt: skip


@pytest.mark.parametrize("record", REFUSED, ids=map(str, range(len(REFUSED))))
def test_what_is_refused_for_its_shape_is_not_valid(record: Any) -> None:
    """Attributes, times, ids, fields, words and counts of another shape are told by the schema."""
    assert not readable(record)
    assert not valid(record)


_ODD: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [..., None, "", " ", "x y", "north", 0, 1, -1, True, [], ["north"], ["a", "a"], {},
     "2031-01-01", "a%20", "open", "principal", "\n"]
)  # fmt: skip
_TIMES: Final = st.sampled_from(["2031-01-01T00:00:00Z", "2031-01-01T00:00:00+01:00"])


@given(st.sampled_from(LINES), st.booleans(), st.data())
def test_a_line_that_is_changed_is_valid_if_it_is_read(
    record: Any, inside: bool, data: st.DataObject
) -> None:
    """Whatever is put in the place of an attribute or of a field, schema and library agree."""
    changed = copy.deepcopy(record)
    there = changed["data"] if inside else changed
    names = [*there, "data", "foo", "reason", "precision", "visibleto", "by"]
    name = data.draw(st.sampled_from(names))
    # a time in the data may be out of order, of which no schema knows
    value = data.draw(_ODD if inside else _ODD | _TIMES)
    if value is ...:
        there.pop(name, None)
    else:
        there[name] = value

    assert valid(changed) == readable(changed)


@pytest.mark.parametrize(
    "record",
    [
        line(time="2031-02-30T00:00:00Z"), line(source="%FF"), line(visibleto="north north"),
        said("truce-violated", violation="v", truce="t", by="n", alleged_by="s", count=3.0),
        said("truce-declared", truce="t", by="n", kind="truce", starts="2031-03-02T00:00:00Z",
             ends="2031-03-01T00:00:00Z"),
        said("proposal-made", proposal="p", by="north", to=["north"], terms={}),
        line(id="x" * (1 << 20)),
    ],
    ids=["day", "encoding", "twice", "count", "order", "maker", "length"],
)  # fmt: skip
def test_what_no_schema_can_say(record: Any) -> None:
    """Some lines are valid and are refused all the same, as the documentation says."""
    assert valid(record)
    assert not readable(record)


# Models


@attrs.frozen
class Price:
    """What something costs."""

    amount: float
    currency: Literal["EUR", "USD"] = "EUR"
    part_of: Price | None = None


@ng.event
@attrs.frozen(kw_only=True)
class PriceQuoted:
    """A price is named.

    It binds nobody.
    """

    by: str
    price: Price
    others: tuple[Price, ...] = ()
    until: datetime | None = None
    counts: Sequence[int] = ()
    words: list[str] | None = None
    anything: Any = None
    pair: tuple[int, str] = (0, "")
    bare: list = attrs.Factory(list)  # type: ignore[type-arg]  # of whatever there may be
    rates: Mapping[str, float] = attrs.Factory(dict)
    places: frozenset[str] = frozenset()
    ranks: set[int] = attrs.Factory(set)
    names: Iterable[str] = ()
    dates: Iterable = attrs.field(converter=tuple, default=())  # type: ignore[type-arg]
    loose: dict = attrs.Factory(dict)  # type: ignore[type-arg]  # of whatever there may be
    old: typing.List = attrs.Factory(list)  # type: ignore[type-arg]  # noqa: UP006  # as it was
    final: bool = False
    code: Literal[1, 2] = 1
    derived: str = attrs.field(init=False, default="")


def _same(slice: Any, record: ng.Record) -> Any:
    return slice


QUOTED: Final = ng.Model.default.extended(
    ng.Extension("prices", "org.example.price-quoted", PriceQuoted, None, _same, version=3)
)


def quoted(**data: Any) -> dict[str, Any]:
    full = {"by": "north", "price": {"amount": 1}, **data}
    return line(type="org.example.price-quoted.v3", data=full)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"price": {"amount": 1.5, "currency": "USD", "part_of": {"amount": 2}}},
        {"others": [{"amount": 1}, {"amount": 2}], "until": "2031-03-01T00:00:00Z"},
        {"until": None, "words": None, "anything": [None], "bare": [1, "a"], "pair": [1, "a"]},
        {"counts": [1, 2], "words": ["a"], "rates": {"a": 0.5}, "final": True},
        {"places": ["a", "b"], "ranks": [2, 1], "names": ["a"], "dates": ["a", 1], "old": [1]},
        {"loose": {"a": []}},
    ],
    ids=["least", "nested", "list", "anything", "plain", "lists", "object"],
)  # fmt: skip
def test_events_of_a_model_are_in_the_schema(data: Any) -> None:
    """Their fields are described by their types, as the library reads them."""
    assert readable(quoted(**data), QUOTED)
    assert valid(quoted(**data), QUOTED)


@pytest.mark.parametrize(
    "data",
    [
        {"by": "no rth"}, {"price": 1}, {"price": {}}, {"price": {"amount": "1"}},
        {"price": {"amount": 1, "currency": "GBP"}}, {"others": [{"amount": None}]},
        {"price": {"amount": 1, "part_of": {"amount": 1, "of": 2}}},
        {"until": "soon"}, {"counts": [1.5]}, {"words": [1]}, {"rates": []}, {"final": 1},
        {"derived": "x"}, {"amount": 1}, {"rates": [["a", 0.5]]}, {"loose": [["a", 1]]},
        {"names": [1]}, {"places": [1]}, {"places": None},
        *(
            {name: wrong}
            for name in ("others", "counts", "words", "bare", "places", "ranks", "names", "dates",
                         "old")
            for wrong in ("north", "", {"north": 1}, {}, 1)
        ),
    ],
    ids=json.dumps,
)  # fmt: skip
def test_events_of_a_model_are_refused_alike(data: Any) -> None:
    """What the library refuses of them is not valid."""
    assert not readable(quoted(**data), QUOTED)
    assert not valid(quoted(**data), QUOTED)


@attrs.frozen
class Item:
    name: str


@attrs.frozen(kw_only=True)
class Listed:
    by: str
    rows: tuple[tuple[Item, ...], ...]


def test_what_stands_in_lists_alone_is_in_the_schema_too() -> None:
    """However deep the lists are."""
    model = ng.Model.default.extended(
        ng.Extension("listed", "org.example.listed", Listed, None, _same)
    )
    right, wrong = (
        line(type="org.example.listed.v1", data={"by": "north", "rows": [[{"name": name}]]})
        for name in ("a", 1)
    )

    assert valid(right, model)
    assert readable(right, model)
    assert not valid(wrong, model)
    assert not readable(wrong, model)


def test_without_the_model_data_is_any_object() -> None:
    """A type that is not known is read as it is."""
    assert valid(quoted(price=1))
    assert valid(line(type="org.example.price-quoted.v2", data={}), QUOTED)


def test_classes_of_one_name_stand_apart() -> None:
    """Two classes that are called alike have a schema each, and so has one called as a part."""

    @attrs.frozen(kw_only=True)
    class StatementMade:
        by: str

    @attrs.frozen(kw_only=True)
    class party:  # noqa: N801  # called as a part of the schema
        at: int

    @attrs.frozen(kw_only=True)
    class further:  # noqa: N801  # as above
        at: int

    model = ng.Model.default.extended(
        ng.Extension("a", "org.example.said", StatementMade, None, _same),
        ng.Extension("b", "org.example.party", party, None, _same),
        ng.Extension("c", "org.example.further", further, None, _same),
    )

    assert valid(line(), model)
    assert valid(line(further="attribute"), model)
    assert valid(line(type="org.example.further.v1", data={"at": 1}), model)
    assert valid(line(type="org.example.said.v1", data={"by": "north"}), model)
    assert not valid(line(type="org.example.said.v1", data={"by": "north", "text": "no"}), model)
    assert valid(line(type="org.example.party.v1", data={"at": 1}), model)
    assert valid(said("party-withdrew", by="north"), model)


def test_types_that_cannot_be_told_are_anything() -> None:
    """A type that only a type checker can see says nothing of the field."""

    @attrs.frozen(kw_only=True)
    class Odd:
        by: str
        what: NotThere  # type: ignore[name-defined]  # noqa: F821  # that is the point

    @attrs.frozen(kw_only=True)
    class Odder:
        by: str
        what: json.NotThere  # type: ignore[name-defined]  # that is the point

    for cls in (Odd, Odder):
        assert [(each.name, each.shape) for each in fields_of(cls)] == [
            ("by", Shape("party", null=True)),
            ("what", Shape("json", null=True)),
        ]


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        (Iterable[str], "list"), (set[int], "list"), (frozenset, "list"),
        (dict[str, int], "object"),
        (ng.FrozenDict, "object"), (bytes, "json"), (Callable[[], int], "json"),
        (Literal["a", 1], "json"), (int | str, "json"), (int | None, "whole"), (float, "number"),
    ],
    ids=str,
)  # fmt: skip
def test_a_type_tells_what_a_field_holds(hint: Any, kind: str) -> None:
    """Lists, objects, numbers and words are told from it; whatever else, nothing is known of."""
    cls = attrs.make_class("Made", {"field": attrs.field(type=hint)})
    (field,) = fields_of(cls)

    assert field.shape.kind == kind
    assert field.shape.null == (hint == int | None or kind == "json")


# Words


def test_the_schema_says_what_the_classes_say() -> None:
    """Descriptions are from the docstrings of events, and of the record's attributes."""
    schema = ng.json_schema(model=QUOTED)
    events = schema["$defs"]

    assert events["TruceRejected"]["description"] == (
        "A party will not be bound; whoever declared the truce still is."
    )
    assert events["PriceQuoted"]["description"] == "A price is named."
    assert schema["properties"]["speaker"]["description"] == (
        "The person who spoke for the acting party."
    )
    assert all(events[cls.__name__]["description"] for cls in ng.EVENTS)
    assert all(events[cls.__name__]["title"] == cls.__name__ for cls in ng.EVENTS)
    assert events["moment"]["format"] == "date-time"
    assert (schema["title"], schema["description"]) == (
        "A line of a log of negotiations",
        "A record as a CloudEvents 1.0 event in the JSON format.",
    )


def test_a_class_without_words_has_none() -> None:
    """What attrs writes of a class that has no docstring is none either."""

    @attrs.frozen
    class Silent:
        a: int

    assert class_words(Silent) == ""
    assert attribute_words(Silent) == {}
    assert class_words(attrs.make_class("Made", ["a"])) == ""

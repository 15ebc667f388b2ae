"""What tells one model from another: whatever could make something else of the same log."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any, Final

import attrs
import grimp
import pytest

import negotiation as ng
from negotiation.errors import EncodeError
from negotiation.stores import MemoryStore, fingerprints
from negotiation.stores.fingerprints import FOLDING, fingerprint
from negotiation.wire.kept import Kept
from tests.properties.quotes import QUOTES
from tests.worked.story import t

HELPERS: Final = """
def halved(price):
    return price // 2
"""

RULES: Final = """
import re
from functools import partial, wraps
from statistics import mean as middle

import attrs
import negotiation as ng
from attrs import field
from shop import helpers

LIMIT = 3
FORM = re.compile("[a-z]+")
LOCK = object()
RATES = {"low": [1, 2], "high": (3.5,)}
PRICES, COSTS = [1], [2]
CHOSEN = PRICES


def positive(value):
    return abs(value)


def fallback():
    return 0


@ng.event
@attrs.frozen(kw_only=True)
class Quoted:
    by: str
    price: int = field(default=1, converter=positive)
    note: str = ""


class Counting:
    most = 10

    def more(self):
        return self.count + 1


@attrs.frozen
class Prices(Counting):
    count: int = field(factory=fallback)
    unit: str = "piece"

    @property
    def half(self):
        return self.count / 2

    @classmethod
    def none(cls):
        return cls(0)

    @staticmethod
    def one():
        return 1

    def with_one(self):
        return attrs.evolve(self, count=self.more())


@attrs.frozen
class Adding:
    by: int = 1

    def __call__(self, prices, record):
        return prices.with_one()

    def other(self, prices, record):
        return prices


def rounded(price, to=5, *, up=False):
    return helpers.halved(price) if FORM.match("a") and LOCK else middle([price, LIMIT])


def looked_up(name):
    return [rate for rate in (*RATES[name], PRICES, COSTS, CHOSEN) if rate in {"few", "many"}]


def at_most(limit):
    def limited(prices, record):
        if record.event.price > limit:
            return prices
        return attrs.evolve(prices, count=rounded(prices.count) + len(looked_up("low")))

    return limited


def lifted(key, data):
    return {**data, key: 1}


MODEL = ng.Model.default.extended(
    ng.Extension("prices", "quoted", Quoted, Prices(), at_most(7)),
    ng.Extension("sums", "summed", type("Summed", (Quoted,), {}), frozenset({"a", "b"}), Adding()),
    ng.Extension("bound", "bound", type("Bound", (Quoted,), {}), {}, Adding().other),
    ng.Extension("dated", "dated", type("Dated", (Quoted,), {}), 0, max, version=2),
).lifting(ng.Upcaster("dated", 1, partial(lifted, "price")))
"""


def model(old: str = "", new: str = "", helpers: str = HELPERS) -> ng.Model:
    """The model of the shop, after a change of its rules."""
    assert old in RULES
    package, beside, rules = map(ModuleType, ("shop", "shop.helpers", "shop.rules"))
    package.helpers = beside  # type: ignore[attr-defined]  # as importing it would
    exec(helpers, vars(beside))  # noqa: S102  # the source is above
    with pytest.MonkeyPatch.context() as patch:
        for each in (package, beside, rules):
            patch.setitem(sys.modules, each.__name__, each)
        exec(RULES.replace(old, new) if old else RULES, vars(rules))  # noqa: S102  # as above
    found: ng.Model = rules.MODEL
    return found


def test_the_same_rules_have_the_same_fingerprint() -> None:
    """Where the code lies in memory or in its file, and what is said about it, is all one."""
    assert fingerprint(model()) == fingerprint(model())
    assert fingerprint(model("LIMIT = 3\n", "# many\n\nLIMIT = 3\n")) == fingerprint(model())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("prices.count) + len", "prices.count) - len"),  # the code of a reducer
        ("record.event.price > limit", "record.event.price >= limit"),
        ("at_most(7)", "at_most(8)"),  # what it closes over
        ("else middle([price", "else middle([2 * price"),  # a function that it names
        ("rate in {", "rate not in {"),  # code inside the code of such a function
        ('"few", "many"', '"few", "most"'),
        ("to=5", "to=6"),  # defaults
        ("up=False", "up=True"),
        ("LIMIT = 3", "LIMIT = 4"),  # constants
        ('"[a-z]+"', '"[a-y]+"'),
        ("[1, 2]", "[1, 3]"),
        ("(3.5,)", "(3.25,)"),
        ("CHOSEN = PRICES", "CHOSEN = COSTS"),
        ("mean as middle", "median as middle"),  # a function of another package
        ("by: str\n", "by: int\n"),  # the event
        ("price: int = field(default=1", "price: int = field(default=2"),
        ("abs(value)", "int(value)"),
        ('note: str = ""', 'note: str = "none"'),
        ("Prices(), at", "Prices(1), at"),  # what a slice begins with
        ('{"a", "b"}', '{"a", "c"}'),
        ("count + 1", "count + 2"),  # the class of a slice, and what it builds on
        ("most = 10", "most = 11"),
        ("self.count / 2", "self.count / 3"),
        ("cls(0)", "cls(1)"),
        ("return 1\n", "return 2\n"),
        ("return 0\n", "return 9\n"),
        ('unit: str = "piece"', 'unit: str = "tonne"'),
        ("Adding())", "Adding(2))"),  # a reducer that is an object
        ("return prices.with_one()", "return prices"),
        ("Adding().other", "Adding(2).other"),  # a reducer that is a method
        ("        return prices\n\n\ndef rounded", "        return record\n\n\ndef rounded"),
        ("0, max, version", "0, min, version"),  # a reducer that is built in
        ("version=2", "version=3"),
        ('"prices", "quoted"', '"prices", "named"'),
        ('"prices", "quoted"', '"quotes", "quoted"'),
        ('Upcaster("dated", 1', 'Upcaster("dated", 0'),  # an upcaster
        ('Upcaster("dated"', 'Upcaster("quoted"'),
        ("key: 1}", "key: 2}"),
        ('partial(lifted, "price")', 'partial(lifted, "note")'),
    ],
)
def test_a_change_of_the_rules_shows(old: str, new: str) -> None:
    """Whatever the model calls, names, closes over or begins with makes another fingerprint."""
    assert fingerprint(model(old, new)) != fingerprint(model())


def test_a_change_of_a_module_beside_shows() -> None:
    """A function that is reached through another module of the same package is looked at."""
    other = model(helpers=HELPERS.replace("// 2", "// 3"))
    assert fingerprint(other) != fingerprint(model())


def test_each_process_finds_the_same() -> None:
    """In what order sets and objects lie in memory is not in it, and neither is what was used."""
    program = (
        "from negotiation.stores.fingerprints import fingerprint\n"
        "from tests.stores.test_fingerprints import QUOTES, model\n"
        "print(fingerprint(QUOTES), fingerprint(model()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    record = ng.Record(id="e", negotiation="t", time=t(1), event=QUOTES_EVENT)
    codec = ng.Codec(QUOTES)
    assert codec.decode(codec.encode(record)) == record  # which resolves the types of its fields
    assert found == {f"{fingerprint(QUOTES)} {fingerprint(model())}\n"}


PLAIN: Final = """
import enum, functools, logging, re, threading, datetime, decimal, collections, dataclasses, typing
import operator, pathlib, contextlib
import attrs
import negotiation as ng
import shop


class Scale:
    def __init__(self, by):
        self.by = by

    def __call__(self, state, record):
        return state + self.by

    def __repr__(self):
        return "a scale"

    go = __call__


class Slotted(Scale):
    __slots__ = ("__by", "empty")

    def __init__(self, by):
        self.__by = by


@dataclasses.dataclass(repr=False)
class Data(Scale):
    by: object


@attrs.define(repr=False)
class Fields:
    by: object
    unset: int = attrs.field(init=False)


class Steps(list):
    pass


class Rates(dict):
    def __missing__(self, name):
        return 1


class Missed(dict):
    def __missing__(self, name):
        return 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Holding:
    RATES = {"low": (1, [2])}


class Lazy:
    by = 1

    @functools.cached_property
    def twice(self):
        return self.by * 2


class Unreadable:
    def __reduce_ex__(self, version):
        raise ValueError("no")

    @property
    def __dict__(self):
        raise ValueError("no")


class Raising:
    def __repr__(self):
        raise ValueError("no")


class Endless(collections.deque):
    def __reduce_ex__(self, version):
        return Endless, (Endless(),)


class Odd(logging.Logger):
    pass


@functools.singledispatch
def dispatched(value):
    return 1


def told(value):
    return shop.steps(value)


told.limit = 1


def over(held):
    def reduce(state, record):
        return (held, state)[1]
    return reduce


def unfilled():
    def reduce(state, record):
        return later
    return reduce
    later = 1


def steps(*items, by=None):
    made = Steps(items)
    made.by = by
    return made


def looped(by):
    made = Scale(by)
    made.itself = [made]
    return made


def nested(depth, held=0):
    for _ in range(depth):
        held = [held]
    return held


def doubled(depth, held=()):
    for _ in range(depth):
        held = (held, held)
    return held


def shared(name):
    made = Lazy()
    getattr(made, name)
    return made
"""


def of(reduce: str, old: str = "", new: str = "") -> ng.Model:
    """A model of one extension with this reducer."""
    assert old in PLAIN
    module = ModuleType("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "shop", module)
        exec(PLAIN.replace(old, new) if old else PLAIN, vars(module))  # noqa: S102  # as above
    reducer = eval(reduce, vars(module))  # noqa: S307  # as above
    return ng.Model.default.extended(ng.Extension("sums", "summed", Summed, 0, reducer))


@ng.event
@attrs.frozen(kw_only=True)
class Summed:
    """Something was added."""

    by: str


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Scale(2)", "Scale(3)"),
        ("Scale(2).go", "Scale(3).go"),
        ("over(Scale(2))", "over(Scale(3))"),
        ("over([{1: Scale(2)}])", "over([{1: Scale(3)}])"),
        ("over({Scale(2)})", "over({Scale(3)})"),
        ("over([1, [2], 3])", "over([1, [2, 3]])"),
        ("Slotted(2)", "Slotted(3)"),
        ("Data(2)", "Data(3)"),
        ("over(Fields(2))", "over(Fields(3))"),
        ("over(steps(1, by=2))", "over(steps(1, by=3))"),
        ("over(steps(1))", "over(steps(2))"),
        ("over(Rates(a=1))", "over(Missed(a=1))"),
        ("looped(2)", "looped(3)"),
        ("over(nested(5_000, 1))", "over(nested(5_000, 2))"),
        ("over(10 ** 5_000)", "over(10 ** 5_000 + 1)"),
        ("over(re.compile('a' * 300 + 'b'))", "over(re.compile('a' * 300 + 'c'))"),
        ("over(Level.LOW)", "over(Level.HIGH)"),
        ("over(decimal.Decimal(1))", "over(decimal.Decimal(2))"),
        ("over(datetime.date(2031, 3, 1))", "over(datetime.date(2031, 3, 2))"),
        ("over(collections.deque([Scale(2)]))", "over(collections.deque([Scale(3)]))"),
        ("over(pathlib.PurePath('a'))", "over(pathlib.PurePath('b'))"),
        ("over(ValueError(1))", "over(ValueError(2))"),
        ("over(logging.getLogger('a'))", "over(logging.getLogger('b'))"),
        ("over(Odd('a'))", "over(Odd('b'))"),
        ("over(list[int])", "over(list[str])"),
        ("over(int | None)", "over(str | None)"),
        ("over(typing.Optional['int'])", "over(typing.Optional['str'])"),
        ("over(typing.TypeVar('T'))", "over(typing.TypeVar('S'))"),
        ("over([1].count)", "over([2].count)"),
        ("over(operator.itemgetter(1))", "over(operator.itemgetter(2))"),
        ("functools.lru_cache(over(2))", "functools.lru_cache(over(3))"),
        ("over(operator)", "over(functools)"),
    ],
)
def test_what_an_object_holds_shows(one: str, other: str) -> None:
    """An object is told by its class and by all that it holds, however it is shown."""
    assert fingerprint(of(one)) == fingerprint(of(one))
    assert fingerprint(of(one)) != fingerprint(of(other))


@pytest.mark.parametrize(
    ("reduce", "old", "new"),
    [
        ("over(Level)", "HIGH = 2", "HIGH = 3"),
        ("over(Holding)", "(1, [2])", "(1, [3])"),
        ("over(Scale(2))", "state + self.by", "state - self.by"),
        ("told", "told.limit = 1", "told.limit = 2"),
        ("told", "made.by = by\n    return made\n\n\ndef looped", "return made\n\n\ndef looped"),
        ("dispatched", "return 1\n\n\ndef told", "return 2\n\n\ndef told"),
        ("over(Lazy())", "self.by * 2", "self.by * 3"),
    ],
)
def test_what_a_class_or_a_function_holds_shows(reduce: str, old: str, new: str) -> None:
    """Members of a class and attributes of a function are told as values are."""
    assert fingerprint(of(reduce, old, new)) != fingerprint(of(reduce))


@pytest.mark.parametrize(
    "value",
    [
        "object()", "threading.Lock()", "threading.RLock()", "Raising()", "max", "print", "...",
        "contextlib.suppress", "datetime.timezone.utc", "str.upper", "re", "unfilled()", "type",
        "collections.OrderedDict(a=1)", "collections.defaultdict(list)", "Slotted", "Data",
        "range(3)",
    ],
)  # fmt: skip
def test_harmless_values_can_be_told(value: str) -> None:
    """What has no state, or one that can be read, stands in the way of no snapshot."""
    assert fingerprint(of(f"over({value})")) == fingerprint(of(f"over({value})"))


def test_what_was_worked_out_does_not_show() -> None:
    """A property that an object keeps once it was asked for follows from the rest."""
    assert fingerprint(of("over(shared('twice'))")) == fingerprint(of("over(shared('by'))"))


def test_what_a_function_of_another_package_closes_over_shows() -> None:
    """A function that another package made is told by what it was made of, not by its code."""
    assert fingerprint(lending("1")) == fingerprint(lending("1", code="return state"))
    assert fingerprint(lending("1")) != fingerprint(lending("2"))


def lending(held: str, code: str = "return held") -> ng.Model:
    """A model that uses what a function of another package made of this."""
    lender = ModuleType("lender")
    source = f"def lend(held):\n def lent():\n  held; {code}\n return lent\nlent = lend({held})"
    exec(source, vars(lender))  # noqa: S102  # the source is here
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "lender", lender)
        return of("over((lent, lend))", "import attrs\n", "import attrs\nfrom lender import *\n")


@pytest.mark.parametrize(
    ("value", "called"),
    [
        ("(each for each in 'ab')", "builtins.generator"),
        ("Unreadable()", "shop.Unreadable"),
        ("[{Unreadable()}]", "shop.Unreadable"),
        ("Endless()", "behind too many others"),
        ("threading.local()", "_thread._local"),
        ("doubled(30)", "builtins.tuple"),
    ],
)
def test_what_cannot_be_told_is_refused(
    value: str, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state is not kept where a change of the model might not show, nor is one used."""
    monkeypatch.setattr(fingerprints, "MOST", 20_000)
    record = ng.Record(id="e", negotiation="talks", time=t(1), event=Summed(by="north"))
    with MemoryStore(model=of(f"over({value})")) as store:
        store.append("talks", [record])
        with pytest.raises(EncodeError, match=rf"^extension 'sums': its reducer uses .*{called}"):
            store.snapshot("talks")
        store._keep_snapshot("talks", "mark hash text")
        assert store.state("talks").position == 1


QUOTES_EVENT: Final = QUOTES.extensions[0].event_class(by="north", lot="hull", price=5)


def test_the_fold_of_the_library_is_in_it() -> None:
    """Every module that a kept state passes through is one whose code counts."""
    graph = grimp.build_graph("negotiation", exclude_type_checking_imports=True, cache_dir=None)
    upstream = {
        each.removeprefix("negotiation.")
        for each in graph.find_upstream_modules("negotiation.stores.snapshots")
    }
    assert {*FOLDING} <= {*upstream, "stores.snapshots"}
    assert upstream - {*FOLDING} == {"errors", "legal", "log", "paths", "rules"}


@pytest.mark.parametrize("opened", [ng.open_store, lambda _, model: MemoryStore(model=model)])
def test_a_store_takes_no_other_model(opened: Any) -> None:
    """What is no model is refused when the store is opened."""
    with pytest.raises(ng.InvalidModel, match=r"^model must be a Model, .* not nothing$"):
        opened("memory:", model=None)


def test_only_a_function_decides() -> None:
    """What cannot be asked is refused before anything is read."""
    decide: Any = 7
    with (
        MemoryStore() as store,
        pytest.raises(ng.InvalidLog, match=r"^decide must be a function of the state, not int 7$"),
    ):
        store.transact("talks", decide, time=t(1))


def test_a_state_is_kept_for_one_model() -> None:
    """A state is folded on from what was kept under the same model, and under no other."""
    quoted = ng.Record(
        id="e1", negotiation="talks", time=t(1), event=ng.StatementMade(by="north", text="so")
    )
    with MemoryStore(model=model()) as store:
        store.append("talks", [quoted])
        store.snapshot("talks")
        text = store._snapshot("talks")
    assert text is not None
    for each, same in ((model(), True), (model("LIMIT = 3", "LIMIT = 4"), False)):
        with MemoryStore(model=each) as store:
            store.append("talks", [quoted])
            store._keep_snapshot("talks", text)
            state = store.state("talks")
            assert isinstance(state.facts.items, Kept) is same
            assert state == ng.replay(store.read("talks"), model=each)

"""What tells one model from another: whatever could make something else of the same log."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Final

import grimp
import pytest

import negotiation as ng
from negotiation.stores import MemoryStore
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

"""A model with sound extensions: quotes, delegates and visits; their slices keep every law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

import attrs
from attrs import field, frozen

import negotiation as ng
from negotiation.values import item_id, optional_moment, optional_party_ids, party_id


@ng.event
@frozen(kw_only=True)
class PriceQuoted:
    """A party quotes a price for a lot, perhaps to some, perhaps for a while."""

    by: str = field(converter=party_id)
    lot: str = field(converter=item_id)
    price: int
    unit: Literal["piece", "tonne"] = "piece"
    firm: bool = False
    to: tuple[str, ...] | None = field(default=None, converter=optional_party_ids)
    until: datetime | None = field(default=None, converter=optional_moment)
    about: str | None = None


@ng.event
@frozen(kw_only=True)
class DelegateNamed:
    """A party says who speaks for it."""

    by: str
    name: str


@frozen
class Legs:
    """Where a visit leads, and when."""

    place: str
    times: tuple[datetime, ...]


@ng.event
@frozen(kw_only=True)
class VisitPaid:
    """A journey between parties."""

    by: str
    legs: tuple[Legs, ...]
    share: float


@frozen
class Visits:
    """How many visits there were, and of how many legs."""

    count: int = 0
    legs: int = 0


def quoted(quotes: Mapping[str, Any], record: ng.Record) -> Mapping[str, Any]:
    """The latest quotes of each party by lot, as JSON."""
    quote: Any = record.event
    said = {
        "price": quote.price,
        "firm": quote.firm,
        "unit": quote.unit,
        "to": [*(quote.to or ())],
        "about": quote.about,
        "until": quote.until and quote.until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    return {**quotes, quote.by: {**quotes.get(quote.by, {}), quote.lot: said}}


def named(parties: frozenset[str], record: ng.Record) -> frozenset[str]:
    """Who has a delegate."""
    event: Any = record.event
    return parties | {event.by}


def visited(visits: Visits, record: ng.Record) -> Visits:
    """One visit more."""
    event: Any = record.event
    return attrs.evolve(visits, count=visits.count + 1, legs=visits.legs + len(event.legs))


QUOTES: Final = ng.Model.default.extended(
    ng.Extension("quotes", "price-quoted", PriceQuoted, {}, quoted),
    ng.Extension("delegates", "org.example.delegate-named", DelegateNamed, frozenset(), named),
    ng.Extension("visits", "org.example.visit-paid", VisitPaid, Visits(), visited, version=3),
)

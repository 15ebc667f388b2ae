"""Verifying: what of sealed lines, logs and heads is found to be other than it was."""

from __future__ import annotations

import json
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation.wire.seals import sealed_line
from negotiation.wire.text import canonical_text
from negotiation.wire.verifying import Verifier

CODEC: Final = ng.Codec()
NINE: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said(id: str, text: str = "so be it", **more: Any) -> ng.Record:
    """A statement on the border."""
    return ng.Record(
        id=id,
        negotiation="border",
        time=NINE,
        event=ng.StatementMade(by="north", text=text),
        **more,
    )


def log_of(*records: ng.Record) -> ng.Log:
    """The log of records on the border."""
    return ng.Log("border", records)


def lines_of(log: ng.Log) -> list[bytes]:
    """The lines of a log."""
    return [CODEC.encode(record).encode() for record in log]


def verified(
    *lines: bytes, head: ng.Head | None = None, model: ng.Model = ng.Model.default
) -> ng.Verification:
    """What verifying lines of the border finds."""
    verifier = Verifier("border", ng.Codec(model), head)
    for line in lines:
        verifier.take(line)
    return verifier.done()


def faulty(finding: ng.Verification) -> tuple[int, str]:
    """The position and the reason of the fault that was found."""
    assert finding.fault is not None
    return finding.fault.position, finding.fault.reason


def found(*lines: bytes, head: ng.Head | None = None) -> tuple[int, str]:
    """The position and the reason of the fault that verifying lines finds."""
    return faulty(verified(*lines, head=head))


# Verifying


FIRST, SECOND, THIRD = LINES = lines_of(ng.seal(log_of(said("e1"), said("e2"), said("e3"))))
HASH, NEXT, LAST = (json.loads(line)["hash"] for line in LINES)
HEAD: Final = ng.Head("border", 3, LAST)

ALTERED: Final = "is not what was sealed: its hash is another"
ELSEWHERE: Final = (
    "was sealed behind another record, or the one before it was altered and sealed anew"
)


def resealed(line: bytes, prevhash: str | None, **changes: Any) -> bytes:
    """A line with other attributes and a seal that fits, as somebody who knows how would forge."""
    return sealed_line({**json.loads(line), **changes}, prevhash)[0].encode()


def changed(line: bytes, **changes: Any) -> bytes:
    """A line with other attributes and the seal that it had."""
    return canonical_text({**json.loads(line), **changes}).encode()


def test_lines_as_they_were_sealed_are_intact() -> None:
    """The finding says how many there are and are sealed, and where the negotiation stands."""
    finding = verified(*LINES)

    assert finding == ng.Verification("border", 3, 3, HEAD, None)
    assert finding.intact
    finding.insist()
    assert finding.to_json() == {
        "negotiation": "border",
        "count": 3,
        "sealed": 3,
        "head": {"negotiation": "border", "position": 3, "hash": HEAD.hash},
        "fault": None,
    }


def test_no_lines_are_intact() -> None:
    """A negotiation without records stands nowhere."""
    assert verified() == ng.Verification("border", 0, 0, None, None)
    assert verified().to_json()["head"] is None


def test_a_fault_can_be_insisted_on() -> None:
    """The error has the negotiation, the position and what shows that something was altered."""
    finding = verified(FIRST, THIRD)

    assert not finding.intact
    assert finding.to_json()["fault"] == {"position": 2, "reason": ELSEWHERE}
    with pytest.raises(ng.Altered, match="negotiation 'border', position 2: was sealed") as caught:
        finding.insist()
    assert (caught.value.negotiation, caught.value.position) == ("border", 2)
    assert caught.value.reason == ELSEWHERE


def test_what_stands_before_a_fault_is_told() -> None:
    """The count and the head are those of the last record that was as it should be."""
    altered = changed(SECOND, quote="never")
    known = ng.Head("border", 2, NEXT)

    for finding in (
        verified(FIRST, altered, THIRD),
        verified(FIRST, resealed(altered, HASH), head=known),
    ):
        assert (finding.count, finding.sealed) == (1, 1)
        assert finding.head == ng.Head("border", 1, HASH)
        assert faulty(finding)[0] == 2


FAULTS: Final[dict[str, tuple[tuple[bytes, ...], int, str]]] = {
    "content": ((FIRST, changed(SECOND, quote="oh"), THIRD), 2, ALTERED),
    "a null": ((changed(FIRST, quote=None), SECOND), 1, ALTERED),
    "the hash": ((FIRST, changed(SECOND, hash="0" * 64)), 2, ALTERED),
    "the hash before": ((FIRST, changed(SECOND, prevhash="0" * 64)), 2, ALTERED),
    "a hash that is none": (
        (FIRST, changed(SECOND, hash="x")),
        2,
        "has no seal any more: its hash must be 64 digits of 0-9 and a-f, not str 'x'",
    ),
    "a hash in capitals": (
        (FIRST, changed(SECOND, hash=NEXT.upper())),
        2,
        "has no seal any more: its hash must be 64 digits of 0-9 and a-f, not str",
    ),
    "a seal taken off": (
        (FIRST, changed(SECOND, hash=None), THIRD),
        2,
        "has no seal, and the record before it has one",
    ),
    "the first seals taken off": (
        (changed(FIRST, hash=None), changed(SECOND, hash=None), THIRD),
        2,
        "has no seal any more: it has a prevhash, and no hash",
    ),
    "the first dropped": (
        (SECOND, THIRD),
        1,
        "was sealed behind another record, and none stands before it",
    ),
    "one dropped": ((FIRST, THIRD), 2, "was sealed behind another record, or the one before it"),
    "one twice": ((FIRST, SECOND, SECOND), 3, "was sealed behind another record"),
    "a first one again": (
        (FIRST, SECOND, FIRST),
        3,
        "was sealed as the first record of its negotiation, and is not",
    ),
    "another negotiation's": (
        (FIRST, resealed(SECOND, HASH, source="water")),
        2,
        "belongs to another negotiation, str 'water'",
    ),
    "nobody's": ((b'{"source":"a b"}',), 1, "belongs to another negotiation, str 'a b'"),
    "a source that is none": ((b'{"source":7}',), 1, "belongs to another negotiation, int 7"),
    "no source": ((b"{}",), 1, "belongs to another negotiation, nothing"),
    "no object": ((FIRST, b"[1]"), 2, "is no record: must be a JSON object, not a list"),
    "no JSON": ((FIRST, b"{"), 2, "is no record: is not JSON"),
    "no line": ((b"",), 1, "is no record: is not JSON"),
    "no record": ((b'{"source":"border"}',), 1, "is no record: specversion: is missing"),
    "a lone surrogate": (
        (FIRST.replace(b"so be it", b"\\ud800"),),
        1,
        ALTERED,
    ),
    "next to nothing": (
        (b'{"source":"border","hash":"' + b"0" * 64 + b'"}',),
        1,
        ALTERED,
    ),
}


@pytest.mark.parametrize(("lines", "position", "reason"), FAULTS.values(), ids=FAULTS)
def test_what_is_not_as_it_was_sealed_is_found(
    lines: tuple[bytes, ...], position: int, reason: str
) -> None:
    """The fault has the first position at which it shows, and says what shows it."""
    at, told = found(*lines)

    assert at == position
    assert told.startswith(reason)


MEMBER: Final = f',"hash":"{NEXT}"'.encode()
BARE: Final = SECOND.replace(MEMBER, b"")
REWRITTEN: Final[dict[str, bytes]] = {
    "white space": SECOND.replace(b'"id":', b'"id": '),
    "a blank behind": SECOND + b" ",
    "an escape": SECOND.replace(b"so be it", b"so be i\\u0074"),
    "another order": SECOND.replace(
        b'"by":"north","text":"so be it"', b'"text":"so be it","by":"north"'
    ),
    "its hash at the end": BARE[:-1] + MEMBER + b"}",
    "its hash in front": b"{" + MEMBER[1:] + b"," + BARE[1:],
    "its hash behind its id": BARE.replace(b'"e2"', b'"e2"' + MEMBER),
}


@pytest.mark.parametrize("line", REWRITTEN.values(), ids=REWRITTEN)
def test_a_line_that_was_merely_written_anew_is_found(line: bytes) -> None:
    """It says what was sealed, and yet is not the line that was written."""
    finding = verified(FIRST, line, THIRD)

    assert line != SECOND
    assert finding.fault == ng.Fault(2, "says what was sealed, but is written in another way")
    assert (finding.count, finding.head) == (3, HEAD)


def test_what_says_something_else_is_told_before_what_is_written_anew() -> None:
    """Of several lines that are merely written anew the first is told, if nothing worse follows."""
    anew = [line + b" " for line in LINES]

    assert found(FIRST, *anew[1:])[0] == 2
    assert found(*anew[:2], changed(THIRD, quote="oh")) == (3, ALTERED)
    assert found(*anew[:2], head=HEAD)[0] == 3


def test_a_line_that_was_sealed_anew_shows_at_the_next() -> None:
    """Whoever knows how can seal what he altered; the record behind it was sealed on another."""
    forged = resealed(SECOND, HASH, data={"by": "north", "text": "never"})

    assert found(FIRST, forged, THIRD) == (3, ELSEWHERE)


# Records without a seal


UNSEALED: Final = (
    "was sealed behind other records: those before it, which have no seal of their own, were "
    "altered, or are read with another model than then"
)


def test_the_first_seal_covers_what_stands_before_it() -> None:
    """A record without a seal counts as it would be sealed, so that it cannot be altered."""
    plain = [CODEC.encode(said(id)).encode() for id in ("e1", "e2")]

    finding = verified(*plain, THIRD)
    assert finding == ng.Verification("border", 3, 1, HEAD, None)
    assert verified(*plain, head=attrs.evolve(HEAD, position=2)).fault is not None
    assert found(plain[0], CODEC.encode(said("e2", "never")).encode(), THIRD) == (3, UNSEALED)


def test_however_a_record_without_a_seal_is_written_it_counts_the_same() -> None:
    """Order, white space, offsets, defaults, a null and the way its source is encoded are free."""
    line = (
        '{"specversion": "1.0", "type": "negotiation.statement-made.v1", "source": "b%6Frder",'
        ' "id": "e1", "time": "2026-03-02T10:00:00.0+01:00", "hash": null,'
        ' "data": {"text": "so be it", "by": "north", "about": null}}'
    )

    assert verified(line.encode(), SECOND, THIRD) == ng.Verification("border", 3, 2, HEAD, None)


def without(record: ng.Record) -> dict[str, Any]:
    """The line of a record, which does not say when that was recorded."""
    line = CODEC.to_json(record)
    del line["recordedtime"]
    return line


def test_a_record_without_a_seal_need_not_say_when_it_was_recorded() -> None:
    """It was recorded when it happened, or with the one above it if that is later."""
    late = attrs.evolve(said("e2"), time=NINE - timedelta(days=1), recorded=NINE)
    plain = [canonical_text(without(said("e1"))).encode(), canonical_text(without(late)).encode()]

    assert verified(*plain).head == ng.verify(log_of(said("e1"), late)).head


def test_a_record_without_a_seal_may_fill_the_longest_line() -> None:
    """What it would have with a seal need not fit."""
    line = CODEC.encode(said("e1")).encode()
    codec = ng.Codec(limits=ng.Limits(line_bytes=len(line)))
    verifier = Verifier("border", codec)
    verifier.take(line)

    assert verifier.done().intact
    verifier.take(line[:-1] + b" }")
    assert faulty(verifier.done()) == (
        2,
        f"is no record: the line has {len(line) + 1} bytes; at most {len(line)} are read",
    )


# Where it is known to have stood


def test_a_head_shows_a_tail_that_was_cut_off() -> None:
    """The first record that is missing is named."""
    told = "is missing; the negotiation is known to have stood at position 3"

    for kept in range(3):
        assert verified(*LINES[:kept]).intact
        assert found(*LINES[:kept], head=HEAD) == (kept + 1, told)
    assert verified(*LINES, head=HEAD).intact


def test_a_head_shows_what_was_sealed_anew_to_its_end() -> None:
    """An earlier head is no less good: later records do not change it."""
    first = resealed(FIRST, None, data={"by": "north", "text": "never"})
    second = resealed(SECOND, json.loads(first)["hash"])
    third = resealed(THIRD, json.loads(second)["hash"])
    earlier = ng.Head("border", 2, NEXT)
    told = f"has another hash than was noted for it, {NEXT}: it or one before it was altered"

    assert verified(first, second, third).intact
    assert verified(*LINES, head=earlier).intact
    assert found(first, second, third, head=earlier) == (2, f"{told} and sealed anew")


def test_a_head_goes_into_json_and_comes_back() -> None:
    """Heads are kept elsewhere, as JSON."""
    assert ng.Head.from_json(json.loads(json.dumps(HEAD.to_json()))) == HEAD


WRONG_HEADS: Final[dict[str, tuple[Any, str]]] = {
    "a list": ([], "must be an object of negotiation, position, hash, not a list"),
    "nothing": ({}, "negotiation: is missing"),
    "a name too many": (
        {**HEAD.to_json(), "heash": 1},
        "heash: is not of a head; did you mean 'hash'? allowed: hash, negotiation, position",
    ),
    "no id": ({**HEAD.to_json(), "negotiation": ""}, "negotiation: must be an id, which is not"),
    "position 0": (
        {**HEAD.to_json(), "position": 0},
        "position: must be a whole number from 1, not int 0",
    ),
    "no number": ({**HEAD.to_json(), "position": True}, "position: must be a whole number from 1"),
    "short": ({**HEAD.to_json(), "hash": "ab"}, "hash: must be 64 digits of 0-9 and a-f, not str"),
    "capitals": ({**HEAD.to_json(), "hash": "A" * 64}, "hash: must be 64 digits of 0-9 and a-f"),
    "no text": ({**HEAD.to_json(), "hash": None}, "hash: must be 64 digits of 0-9 and a-f"),
}


@pytest.mark.parametrize(("value", "message"), WRONG_HEADS.values(), ids=WRONG_HEADS)
def test_what_is_no_head_is_refused(value: Any, message: str) -> None:
    """The error says which member is wrong and what it may be."""
    with pytest.raises(ng.DecodeError) as caught:
        ng.Head.from_json(value)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("e3", "head must be a Head of 'border', not str 'e3'"),
        (attrs.evolve(HEAD, negotiation="water"), "head is one of 'water', not of 'border'"),
        (attrs.evolve(HEAD, position=0), "head: its position must be a whole number from 1, not"),
        (attrs.evolve(HEAD, hash=HEAD.hash.upper()), "head: its hash must be 64 digits of 0-9"),
    ],
    ids=["text", "owner", "position", "hash"],
)
def test_a_head_that_could_prove_nothing_is_refused(head: Any, message: str) -> None:
    """It would never be compared, and so find nothing."""
    with pytest.raises(ng.InvalidLog, match=message):
        ng.verify(log_of(said("e1")), head=head)


# What a store knows beside its lines


def test_what_a_store_says_of_a_line_is_compared_with_it() -> None:
    """A line that is filed elsewhere than it says is a fault, and so is a gap."""
    verifier = Verifier("border", CODEC)
    verifier.take(FIRST, position=1, id="e1")
    gap, other = copy(verifier), copy(verifier)

    verifier.take(SECOND, position=2, id="e2")
    assert verifier.done().intact
    gap.take(THIRD, position=3, id="e3")
    assert faulty(gap.done()) == (2, "is missing; the next record is that of position 3")
    other.take(SECOND, position=2, id="e9")
    assert faulty(other.done()) == (2, "has the id str 'e2', and is filed under 'e9'")


def test_nothing_is_said_of_what_stands_behind_a_fault() -> None:
    """The first fault is the one that counts, whatever else is found."""
    verifier = Verifier("border", CODEC)
    verifier.take(THIRD)
    assert verifier.over
    first = faulty(verifier.done())

    verifier.take(FIRST)
    verifier.cut("is torn")
    assert faulty(verifier.done()) == first
    assert verifier.done().count == 0


def test_a_store_can_say_that_the_end_is_no_end() -> None:
    """What follows on the last line that was taken is then at fault."""
    verifier = Verifier("border", CODEC)
    verifier.take(FIRST)
    verifier.cut("is torn")

    assert verifier.over
    assert faulty(verifier.done()) == (2, "is torn")


# Logs


def test_a_log_is_verified_as_it_would_be_written() -> None:
    """A record of a log that was changed after it was sealed no longer has its hash."""
    sealed = ng.seal(log_of(said("e1"), said("e2")))
    altered = log_of(sealed[0], attrs.evolve(sealed[1], quote="oh"))

    assert ng.verify(sealed).intact
    assert ng.verify(altered).fault == ng.Fault(2, ALTERED)
    assert ng.verify(sealed.append(ng.StatementMade(by="south", text="no"), time=NINE)).fault == (
        ng.Fault(3, "has no seal, and the record before it has one")
    )


def test_a_log_of_no_negotiation_cannot_be_verified() -> None:
    """An empty log may not know which it is."""
    with pytest.raises(ng.InvalidLog, match="negotiation is not known; start with Log"):
        ng.verify(ng.Log())


def test_an_empty_log_is_intact_unless_it_is_known_to_have_had_records() -> None:
    """A head shows that all of it was cut off."""
    assert ng.verify(ng.Log("border")).intact
    assert ng.verify(ng.Log("border"), head=HEAD).fault == ng.Fault(
        1, "is missing; the negotiation is known to have stood at position 3"
    )


# Older versions


@ng.event
@attrs.frozen(kw_only=True)
class Priced:
    """A price as it was written at first."""

    by: str
    price: str


@ng.event
@attrs.frozen(kw_only=True)
class PricedAnew:
    """The same in two fields."""

    by: str
    amount: int
    currency: str = "EUR"


def lift(data: dict[str, Any]) -> dict[str, Any]:
    """The first version's data as the second's."""
    amount, currency = data.pop("price").split()
    return {**data, "amount": int(amount), "currency": currency}


def nothing(slice: Any, record: ng.Record) -> Any:
    """Fold nothing."""
    return slice


OLD: Final = ng.Model.default.extended(ng.Extension("price", "priced", Priced, None, nothing))
NEW: Final = ng.Model.default.extended(
    ng.Extension("price", "priced", PricedAnew, None, nothing, version=2)
).lifting(ng.Upcaster(wire_type="priced", version=1, lift=lift))
QUOTES: Final = log_of(
    attrs.evolve(said("e1"), event=Priced(by="north", price="7 EUR")),
    attrs.evolve(said("e2"), event=Priced(by="south", price="5 GBP")),
)


def test_lines_of_an_older_version_stay_as_they_were_sealed() -> None:
    """A line is verified as it lies there, whichever model reads it, and can be gone on from."""
    sealed = ng.seal(QUOTES, model=OLD)
    lines = [ng.Codec(OLD).encode(record).encode() for record in sealed]
    new = ng.Codec(NEW)
    assert new.decode(lines[0]).event == PricedAnew(by="north", amount=7)

    finding = verified(*lines, model=NEW)
    assert finding == ng.verify(sealed, model=OLD)
    assert finding.intact
    assert finding.head is not None
    later = attrs.evolve(said("e3"), event=PricedAnew(by="east", amount=6))
    line, _ = new.seal(later, finding.head.hash)
    assert verified(*lines, line.encode(), model=NEW).intact


def test_a_record_that_was_lifted_is_no_longer_what_was_sealed() -> None:
    """A log holds what it became, so the fault says where to ask; others are told as ever."""
    lines = [ng.Codec(OLD).encode(record) for record in ng.seal(QUOTES, model=OLD)]
    lifted = log_of(*(ng.Codec(NEW).decode(line) for line in lines))

    assert ng.verify(lifted, model=NEW).fault == ng.Fault(
        1,
        f"{ALTERED}; or an older version was lifted: ask the store that it was read from",
    )
    assert ng.verify(ng.seal(lifted, model=NEW), model=NEW).intact
    altered = log_of(attrs.evolve(ng.seal(log_of(said("e1")))[0], quote="oh"))
    assert ng.verify(altered, model=NEW).fault == ng.Fault(1, ALTERED)
    unknown = attrs.evolve(said("e1"), event=ng.UnknownEvent(type="x", data={}), hash="0" * 64)
    assert ng.verify(log_of(unknown), model=NEW).fault == ng.Fault(1, ALTERED)
    missing = ng.Head("border", 3, "0" * 64)
    assert ng.verify(ng.seal(lifted, model=NEW), head=missing, model=NEW).fault == ng.Fault(
        3, "is missing; the negotiation is known to have stood at position 3"
    )


def test_an_older_version_without_a_seal_counts_as_it_is_read() -> None:
    """The model that was in use when the first seal was put behind it must read it."""
    plain = [ng.Codec(OLD).encode(record).encode() for record in QUOTES]
    head = ng.verify(QUOTES, model=OLD).head
    assert head is not None
    last = CODEC.seal(said("e3"), head.hash)[0].encode()

    assert verified(*plain, last, model=OLD).intact
    assert faulty(verified(*plain, last, model=NEW)) == (3, UNSEALED)

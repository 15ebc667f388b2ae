"""Paths into a state: how they are written, read and followed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.paths import parse_path, path_text, resolve


def at(hour: int) -> datetime:
    """An hour of one day."""
    return datetime(2030, 5, 1, hour, tzinfo=UTC)


STATE = ng.replay(
    ng.Log("talks")
    .append(ng.TruceDeclared(truce="easter", by="northport", kind="truce"), time=at(1))
    .append(
        ng.ProposalMade(
            proposal="p1", by="northport", to=["southvale"], terms={"price": {"due now": [7]}}
        ),
        time=at(2),
    )
    .append(
        ng.PositionStated(by="southvale", issue="annexed land", value=1, firmness="demand"),
        time=at(3),
    )
    .append(ng.TruceEnded(truce="lull", by="southvale"), time=at(4), strict=False)
)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        (("truces", "easter", "status"), "truces.easter.status"),
        (("truces", "lull_2-b"), "truces.lull_2-b"),
        (("truces", "Easter truce"), 'truces["Easter truce"]'),
        (("truces", 'a"b.c'), r'truces["a\"b.c"]'),
        (("truces", "été"), "truces.été"),
        (("problems", 0, "code"), "problems[0].code"),
        (("truces", ""), 'truces[""]'),
    ],
)
def test_a_path_and_its_text(steps: tuple[str | int, ...], text: str) -> None:
    """Ids of letters, digits, - and _ stand after a dot, others in brackets, and so do indices."""
    assert path_text(steps) == text
    assert parse_path(text) == steps


@given(st.lists(st.text() | st.integers(0, 99), min_size=1))
def test_what_is_written_is_read_back(steps: list[str | int]) -> None:
    """Every path is read back from its text."""
    assert parse_path(path_text(["parties", *steps])) == ("parties", *steps)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("id", "talks"),
        ("truces.easter.status", "in-force"),
        ('truces["easter"].commitments.northport.until', None),
        ('parties.southvale.positions["annexed land"].value', 1),
        ('proposals.p1.terms.price["due now"][0]', 7),
        ("proposals.p1.to.0", "southvale"),
        ("problems[0].code", "unknown-truce"),
        ("parties.southvale.replies_owed.p1", "p1"),
    ],
)
def test_a_path_leads_to_a_value(text: str, value: object) -> None:
    """A path leads through attributes, mappings, objects in terms, sequences, and into sets."""
    assert resolve(STATE, parse_path(text)) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("truces.eastern.status", "did you mean truces.easter? allowed: easter"),
        ("truce.easter", "did you mean truces? allowed: as_of, deadlines, id, known_at"),
        ("truces.easter.statis", "did you mean truces.easter.status? allowed: commitments,"),
        ("truces.easter.status.now", "leads past truces.easter.status: it has no parts"),
        ("deadlines.d1", "leads past deadlines: it is empty"),
        ("problems[7].code", "leads nowhere at '7'; allowed: 0"),
        (
            "parties.southvale.replies_owed.p2",
            "did you mean parties.southvale.replies_owed.p1? allowed: p1",
        ),
        ("truces.easter.rejected_by.p2", "leads past truces.easter.rejected_by: it is empty"),
        ("problems.first", "leads nowhere at 'first'; allowed: 0"),
        ("truces..easter", "cannot be read from character 7 on"),
        (".truces", "cannot be read from character 1 on"),
        ("truces easter", "cannot be read from character 7 on"),
        ('["truces"]easter', "cannot be read from character 11 on"),
        (r'truces["\x"]', r'holds "\x", which is no JSON text'),
        ("", "is empty; a path is such as truces.easter.status"),
    ],
)
def test_a_wrong_path(text: str, message: str) -> None:
    """A path that leads nowhere is refused with where it ends and the nearest right one."""
    with pytest.raises(ng.InvalidPath) as caught:
        resolve(STATE, parse_path(text))
    assert message in str(caught.value)
    assert caught.value.path == text


def test_a_path_is_a_text() -> None:
    """What is no text is no path."""
    with pytest.raises(ng.InvalidPath, match=r"a path is a text, such as truces\.easter\.status"):
        parse_path(7)  # type: ignore[arg-type]

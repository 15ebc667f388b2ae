"""A second, slow reading of the rules, written apart from the library, to compare it with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
Time = dt.datetime

KINDS = [
    "party-joined",
    "party-withdrew",
    "proposal-made",
    "proposal-clarified",
    "proposal-accepted",
    "proposal-rejected",
    "proposal-withdrawn",
    "position-stated",
    "truce-declared",
    "truce-joined",
    "truce-rejected",
    "truce-extended",
    "truce-ended",
    "truce-violated",
    "truce-observed",
    "violation-assessed",
    "deadline-set",
    "deadline-moved",
    "deadline-met",
    "deadline-lifted",
    "meeting-scheduled",
    "meeting-held",
    "meeting-cancelled",
    "statement-made",
    "event-retracted",
]
TYPES = {f"negotiation.{kind}.v1": kind for kind in KINDS}
UNKNOWN = "unknown"
TIME_FIELDS = ("expires", "starts", "ends", "begins", "due", "earliest")
PARTY_FIELDS = ("party", "by", "attributed_by", "alleged_by", "claimed_by")
PARTY_LIST_FIELDS = ("to", "binds", "on", "parties")


@dataclass
class Rec:
    """One line of the log that has a position."""

    position: int
    id: str
    kind: str
    time: Time
    recorded: Time
    data: Json
    visible_to: list[str] | None
    repeats: str | None

    def get(self, name: str) -> Any:
        return self.data.get(name)

    def pick(self, names: str) -> Json:
        return {name: self.get(name) for name in names.split()}

    def maker(self) -> str | None:
        if self.kind in (UNKNOWN, "meeting-held"):
            return None
        if self.kind == "position-stated" and self.get("attributed_by") is not None:
            return str(self.get("attributed_by"))
        field = {
            "party-joined": "party",
            "truce-violated": "alleged_by",
            "truce-observed": "claimed_by",
        }
        return str(self.data[field.get(self.kind, "by")])

    def named(self) -> list[str]:
        # choice: "whoever a counting record's event names": in an event of unknown type no field
        # is known to hold a party, so it names nobody.
        if self.kind == UNKNOWN:
            return []
        names = [self.data[field] for field in PARTY_FIELDS if self.get(field) is not None]
        for field in PARTY_LIST_FIELDS:
            names.extend(self.get(field) or [])
        return names


@dataclass
class Problem:
    """A problem before it is written down."""

    record: Rec
    code: str

    def json(self) -> Json:
        event, position, party = self.record.id, self.record.position, self.record.maker()
        message = f"record {event}: {self.code}"
        return {
            "event": event,
            "position": position,
            "code": self.code,
            "party": party,
            "message": message,
        }


def read(
    lines: list[Json],
    *,
    as_of: str | None = None,
    known_at: str | None = None,
    known_to: str | None = None,
) -> Json:
    """The state of the negotiation in these lines, as JSON."""
    known_by = None if known_at is None else parse_time(known_at)
    known = [
        r
        for r in parse(lines)
        if visible(r, known_to) and (known_by is None or r.recorded <= known_by)
    ]
    candidates, found = select(known)
    if as_of is not None:
        used: Time | None = parse_time(as_of)
    else:
        used = max((record.time for record in candidates), default=None)
    counting = [record for record in candidates if used is not None and record.time <= used]
    counting.sort(key=fold_key)

    fold = Fold()
    for record in counting:
        fold.take(record)
    # choice: "it follows `known_at`, never `as_of`": the problem of a retraction, too, stands at
    # every as_of.
    problems = sorted(fold.problems + found, key=lambda problem: fold_key(problem.record))

    state: Json = {
        # choice: "`id`": an empty log has no `source` to read it from; it is then the empty text.
        "id": unquote(lines[0]["source"]) if lines else "",
        "position": max((record.position for record in counting), default=0),
        "time": max((record.time for record in counting), default=None),
        "as_of": used,
        "known_at": known_by,
        "known_to": known_to,
        "slices": {},
        "problems": [problem.json() for problem in problems],
    }
    state.update(
        views(fold, used or dt.datetime.max.replace(tzinfo=dt.UTC))
    )  # nothing to view if there is no time
    result: Json = plain(state)
    return result


# Lines to records ---------------------------------------------------------------------------------


def parse_time(text: str) -> Time:
    return dt.datetime.fromisoformat(text.upper()).astimezone(dt.UTC)


def parse(lines: list[Json]) -> list[Rec]:
    records: list[Rec] = []
    seen: set[str] = set()
    for line in lines:
        if line["id"] in seen:
            continue  # a copy: it takes no position
        seen.add(line["id"])
        kind = TYPES.get(line["type"], UNKNOWN)
        data = line.get("data")
        if kind != UNKNOWN:
            data = {
                name: value
                for name, value in line["data"].items()
                if value is not None or name == "value"
            }
            for name in TIME_FIELDS:
                if name in data:
                    data[name] = parse_time(data[name])
        time = parse_time(line["time"])
        if line.get("recordedtime") is not None:
            recorded = parse_time(line["recordedtime"])
        else:
            # choice: "the later of `time` and the record above's": a copy is not a record above.
            recorded = max(time, records[-1].recorded) if records else time
        record = Rec(
            position=len(records) + 1,
            id=line["id"],
            kind=kind,
            time=time,
            recorded=recorded,
            data=data if isinstance(data, dict) else {},
            visible_to=None if line.get("visibleto") is None else line["visibleto"].split(" "),
            repeats=line.get("repeats"),
        )
        records.append(record)
    return records


# Which records count ------------------------------------------------------------------------------


def fold_key(record: Rec) -> tuple[Time, int]:
    return (record.time, record.position)


def visible(record: Rec, known_to: str | None) -> bool:
    if known_to is None or record.visible_to is None:
        return True
    return known_to in record.visible_to or record.maker() == known_to


def select(known: list[Rec]) -> tuple[list[Rec], list[Problem]]:
    """The records that count but for as_of, and the problems of the retractions.

    `known` are the records the viewer knows, in log order.
    """

    def above(record: Rec, wanted: str) -> bool:
        return any(other.id == wanted and other.position < record.position for other in known)

    # choice: "a `repeats` of none": of no record above it that the viewer knows (retracted or not,
    # happened by as_of or not).
    # choice: "repeats no other": a `repeats` of none repeats no other, so such a record counts
    # ("problematic
    # records count": position, time, parties, last_heard); its event is still "folded as nothing".
    repeating = {r.position for r in known if r.repeats is not None and above(r, r.repeats)}

    # Whether a record is retracted is settled by those below it; so go from the last to the first.
    # choice: "folded as nothing": a retraction with a `repeats`, be it of none, retracts nothing.
    named: set[str] = set()
    live: list[Rec] = []
    for record in reversed(known):
        if record.id not in named:
            live.insert(0, record)
            if record.kind == "event-retracted" and record.repeats is None:
                named.add(record.data["event"])

    candidates: list[Rec] = []
    problems: list[Problem] = []
    retracted: set[str] = set()
    for record in live:
        if record.position in repeating:
            continue
        if record.kind != "event-retracted":
            candidates.append(record)
        elif record.repeats is not None or not above(record, record.data["event"]):
            problems.append(Problem(record, "unknown-record"))
        # choice: "already-retracted": by a retraction above it in the log that is not itself
        # retracted.
        elif record.data["event"] in retracted:
            problems.append(Problem(record, "already-retracted"))
        else:
            retracted.add(record.data["event"])
    return candidates, problems


# The fold -----------------------------------------------------------------------------------------


class Broken(Exception):
    """What the record says breaks this rule, so it changes nothing."""


class Fold:
    def __init__(self) -> None:
        self.parties: Json = {}
        self.items: dict[str, Json] = {
            name: {} for name in ("proposal", "truce", "violation", "deadline", "meeting")
        }
        self.problems: list[Problem] = []

    def take(self, record: Rec) -> None:
        for party in record.named():
            self.parties.setdefault(party, new_party(party))
        maker = record.maker()
        if maker is not None:
            self.parties[maker]["last_heard"] = record.time
        try:
            # choice: "Codes, in the order in which they are looked for: … unknown-type; unknown-
            # record": an event
            # of unknown type whose `repeats` is of none has unknown-type.
            if record.kind == UNKNOWN:
                raise Broken("unknown-type")
            if record.repeats is not None:
                raise Broken("unknown-record")
            handler: Callable[[Rec], None] = getattr(self, record.kind.replace("-", "_"))
            handler(record)
        except Broken as broken:
            self.problem(record, broken)

    def problem(self, record: Rec, broken: Broken) -> None:
        self.problems.append(Problem(record, str(broken)))

    def unused(self, name: str) -> None:
        if any(name in items for items in self.items.values()):
            raise Broken("used-id")

    def new(self, kind: str, r: Rec, /, **facts: Any) -> None:
        self.unused(r.data[kind])
        self.items[kind][r.data[kind]] = {"id": r.data[kind], **facts, "records": [r.id]}

    def find(self, kind: str, name: str) -> Json:
        if name not in self.items[kind]:
            raise Broken(f"unknown-{kind}")
        item: Json = self.items[kind][name]
        return item

    # Parties

    def party_joined(self, r: Rec) -> None:
        party = self.parties[r.data["party"]]
        party["role"] = r.data["role"]
        party["status"] = "active"
        if r.get("name") is not None:
            party["name"] = r.get("name")

    def party_withdrew(self, r: Rec) -> None:
        party = self.parties[r.data["by"]]
        if party["status"] == "withdrawn":
            raise Broken("already-withdrawn")
        party["status"] = "withdrawn"

    def position_stated(self, r: Rec) -> None:
        positions = self.parties[r.data["by"]]["positions"]
        before = positions.get(r.data["issue"])
        stand = {**r.pick("value firmness condition attributed_by"), "since": r.time}
        history = [] if before is None else [*before["history"], without(before, "history")]
        positions[r.data["issue"]] = {**stand, "history": history}

    def statement_made(self, r: Rec) -> None:
        self.parties[r.data["by"]]["statements"].append({**r.pick("text about"), "time": r.time})

    # Proposals

    def answer(self, r: Rec, proposal: str, answer: str) -> None:
        item = self.find("proposal", proposal)
        if r.data["by"] not in item["to"]:
            raise Broken("not-addressee")
        if proposal_closed(item, r.time, withdrawing=False):
            raise Broken("proposal-closed")
        if r.data["by"] in item["answers"]:
            raise Broken("already-answered")
        item["answers"][r.data["by"]] = answer
        item["records"].append(r.id)

    def proposal_made(self, r: Rec) -> None:
        self.unused(r.data["proposal"])
        countered = r.get("counters")
        if countered is not None:
            try:
                self.answer(r, countered, "countered")
                self.items["proposal"][countered]["countered_by"].append(r.data["proposal"])
            except Broken as broken:
                self.problem(r, broken)
        facts = {**r.pick("by to counters expires"), "terms": dict(r.data["terms"]), "made": r.time}
        self.new("proposal", r, **facts, answers={}, countered_by=[], withdrawn=False)

    def own_proposal(self, r: Rec, *, withdrawing: bool) -> Json:
        item = self.find("proposal", r.data["proposal"])
        if r.data["by"] != item["by"]:
            raise Broken("not-maker")
        if proposal_closed(item, r.time, withdrawing=withdrawing):
            raise Broken("proposal-closed")
        item["records"].append(r.id)
        return item

    def proposal_clarified(self, r: Rec) -> None:
        item = self.own_proposal(r, withdrawing=False)
        item["terms"].update(r.data["terms"])
        item["answers"] = {}

    def proposal_accepted(self, r: Rec) -> None:
        self.answer(r, r.data["proposal"], "accepted")

    def proposal_rejected(self, r: Rec) -> None:
        self.answer(r, r.data["proposal"], "rejected")

    def proposal_withdrawn(self, r: Rec) -> None:
        self.own_proposal(r, withdrawing=True)["withdrawn"] = True

    # Truces

    def truce_declared(self, r: Rec) -> None:
        starts, ends = r.get("starts") or r.time, r.get("ends")
        facts = {
            **r.pick("kind scope condition under"),
            "declared_by": r.data["by"],
            "starts": starts,
            "ends": ends,
        }
        bound = r.get("binds") or [r.data["by"]]
        commitments = {
            party: {"since": starts, "until": ends, "ended": None, "earlier": []} for party in bound
        }
        self.new("truce", r, **facts, rejected_by=set(), observations=[], commitments=commitments)

    def truce_joined(self, r: Rec) -> None:
        truce, party = self.find("truce", r.data["truce"]), r.data["by"]
        before = truce["commitments"].get(party)
        # choice: "or if the party stands bound": bound on paper at the record's time, its span
        # begun or to come.
        if before is not None and not over(before, r.time):
            raise Broken("already-bound")
        since = max(r.get("starts") or r.time, truce["starts"])
        # choice: "a problem if that is over by then": "then" is the moment from which the new span
        # would run.
        if truce["ends"] is not None and truce["ends"] <= since:
            raise Broken("truce-over")
        earlier = [] if before is None else spans(before)
        truce["commitments"][party] = {
            "since": since,
            "until": truce["ends"],
            "ended": None,
            "earlier": earlier,
        }
        truce["rejected_by"].discard(party)
        truce["records"].append(r.id)

    def truce_rejected(self, r: Rec) -> None:
        truce, party = self.find("truce", r.data["truce"]), r.data["by"]
        commitment = truce["commitments"].get(party)
        # choice: "so is rejecting once any span has begun": any span of the rejecter, the earlier
        # ones too; no code
        # is named for it, already-bound is the one that fits, also when that span is over.
        if commitment is not None and any(begun(span, r.time) for span in spans(commitment)):
            raise Broken("already-bound")
        # choice: "rejecting before that unbinds": the whole commitment goes, with spans ended
        # before they began.
        truce["commitments"].pop(party, None)
        truce["rejected_by"].add(party)
        truce["records"].append(r.id)

    def own_commitment(self, r: Rec) -> Json:
        truce = self.find("truce", r.data["truce"])
        commitment: Json | None = truce["commitments"].get(r.data["by"])
        # choice: "when not bound on paper or after the end": the end is that of the party's own
        # span, by its
        # `until` or its ending (truce-over); a party without a commitment is not-bound, whatever
        # the truce's end.
        if commitment is None:
            raise Broken("not-bound")
        if over(commitment, r.time):
            raise Broken("truce-over")
        truce["records"].append(r.id)
        return commitment

    def truce_extended(self, r: Rec) -> None:
        # choice: "moves the end": to any time, an earlier one and one in the past too.
        self.own_commitment(r)["until"] = r.data["ends"]

    def truce_ended(self, r: Rec) -> None:
        self.own_commitment(r)["ended"] = r.time

    def truce_observed(self, r: Rec) -> None:
        truce = self.find("truce", r.data["truce"])
        truce["observations"].append({**r.pick("by claimed_by what begins ends"), "time": r.time})
        truce["records"].append(r.id)

    # Violations

    def truce_violated(self, r: Rec) -> None:
        # choice: "A claim is always kept": not one under a used id, which has that one problem and
        # no other.
        self.unused(r.data["violation"])
        if r.data["truce"] not in self.items["truce"]:
            self.problem(r, Broken("unknown-truce"))
        if r.get("replaces") is not None:
            # choice: "a wrong `replaces`": one that names no earlier claim of the same accuser, in
            # fold order; the
            # code is wrong-replaces also for an unknown id. Truce and accused of the two claims may
            # differ.
            replaced = self.items["violation"].get(r.data["replaces"])
            if replaced is None or replaced["alleged_by"] != r.data["alleged_by"]:
                self.problem(r, Broken("wrong-replaces"))
            else:
                replaced["replaced_by"] = r.data["violation"]
                replaced["records"].append(r.id)
        facts = {
            **r.pick("truce by alleged_by what place begins ends count replaces"),
            "claimed": r.time,
        }
        qualifier = None if r.get("count") is None else r.get("qualifier") or "exact"
        # choice: "the records that made it what it is": a claim is a record of the violation, not
        # of the truce.
        self.new("violation", r, **facts, qualifier=qualifier, findings={}, replaced_by=None)

    def violation_assessed(self, r: Rec) -> None:
        violation = self.find("violation", r.data["violation"])
        violation["findings"][r.data["by"]] = r.data["finding"]
        violation["records"].append(r.id)

    # Deadlines

    def deadline_set(self, r: Rec) -> None:
        self.new(
            "deadline", r, **r.pick("by on due earliest demand consequence about"), closed=None
        )

    def open_deadline(self, r: Rec, *, before_due: bool) -> Json:
        deadline = self.find("deadline", r.data["deadline"])
        if deadline["closed"] is not None:
            raise Broken("deadline-closed")
        if before_due and r.time >= deadline["due"]:
            raise Broken("deadline-missed")
        deadline["records"].append(r.id)
        return deadline

    def deadline_moved(self, r: Rec) -> None:
        # choice: "replaces both": without `earliest` in the event there is none afterwards.
        self.open_deadline(r, before_due=False).update(r.pick("due earliest"))

    def deadline_met(self, r: Rec) -> None:
        self.open_deadline(r, before_due=True)["closed"] = "met"

    def deadline_lifted(self, r: Rec) -> None:
        self.open_deadline(r, before_due=True)["closed"] = "lifted"

    # Meetings

    def meeting_scheduled(self, r: Rec) -> None:
        self.new(
            "meeting",
            r,
            **r.pick("by parties starts place follows"),
            outcome=None,
            status="scheduled",
        )

    def meeting_held(self, r: Rec) -> None:
        if r.data["meeting"] not in self.items["meeting"]:
            facts = r.pick("parties place follows outcome")
            self.new("meeting", r, **facts, by=None, starts=None, status="held")
            return
        meeting = self.scheduled_meeting(r)
        given = {
            name: value for name, value in r.pick("place follows").items() if value is not None
        }
        meeting.update(given, **r.pick("parties outcome"), status="held")

    def meeting_cancelled(self, r: Rec) -> None:
        self.scheduled_meeting(r)["status"] = "cancelled"

    def scheduled_meeting(self, r: Rec) -> Json:
        meeting = self.find("meeting", r.data["meeting"])
        if meeting["status"] != "scheduled":
            raise Broken("meeting-closed")
        meeting["records"].append(r.id)
        return meeting


def new_party(party: str) -> Json:
    facts: Json = {"party": party, "name": None, "role": None, "status": "active"}
    return facts | {"positions": {}, "statements": [], "last_heard": None}


# What depends on the time at which one looks ------------------------------------------------------


def proposal_status(item: Json, at: Time) -> str:
    if item["withdrawn"]:
        return "withdrawn"
    answers = item["answers"]
    if all(answers.get(party) == "accepted" for party in item["to"]):
        return "accepted"
    if "rejected" in answers.values():
        return "rejected"
    # choice: "else countered if any countered": by the answers, which lapse at a clarification; not
    # by `countered_by`.
    if "countered" in answers.values():
        return "countered"
    if item["expires"] is not None and at >= item["expires"]:
        return "expired"
    return "open"


def proposal_closed(item: Json, at: Time, *, withdrawing: bool) -> bool:
    if proposal_status(item, at) in ("accepted", "withdrawn", "expired"):
        return True
    return not withdrawing and item["expires"] is not None and at >= item["expires"]


def spans(commitment: Json) -> list[Json]:
    """All spans of a party under a truce, oldest first."""
    return [
        *commitment["earlier"],
        {name: commitment[name] for name in ("since", "until", "ended")},
    ]


def end_of(span: Json) -> Time | None:
    return min((end for end in (span["until"], span["ended"]) if end is not None), default=None)


def over(span: Json, at: Time) -> bool:
    end = end_of(span)
    return end is not None and at >= end


def in_force(span: Json, at: Time) -> bool:
    return span["since"] <= at and not over(span, at)


def begun(span: Json, at: Time) -> bool:
    # choice: "a span ended before it began never bound": strictly before, by its `until` as by its
    # ending; one that
    # ends at its very start has begun, but nothing can meet it.
    end = end_of(span)
    return span["since"] <= at and not (end is not None and end < span["since"])


def truce_status(truce: Json, at: Time) -> str:
    commitments = list(truce["commitments"].values())
    if any(in_force(commitment, at) for commitment in commitments):
        return "in-force"
    # choice: "declared if one is still to come": its start lies ahead and its end, of either kind,
    # has not passed.
    if not commitments or any(at < c["since"] and not over(c, at) for c in commitments):
        return "declared"
    # choice: "ended if all were ended": by the latest span of each party, not by the earlier ones.
    if all(commitment["ended"] is not None for commitment in commitments):
        return "ended"
    return "expired"


def meets(violation: Json, span: Json) -> bool:
    since, end = span["since"], end_of(span)
    if end is not None and end <= since:
        return False
    begins, ends = violation["begins"], violation["ends"]
    if begins is not None and ends is not None and begins < ends:
        return bool(since < ends and (end is None or begins < end))
    instant = violation["claimed"]
    if begins is not None:
        instant = begins
    elif ends is not None:
        instant = ends
    return bool(since <= instant and (end is None or instant < end))


def deadline_status(deadline: Json, at: Time) -> str:
    if deadline["closed"] is not None:
        return str(deadline["closed"])
    if at >= deadline["due"]:
        return "missed"
    if deadline["earliest"] is not None and deadline["earliest"] <= at:
        return "in-window"
    return "pending"


def views(fold: Fold, at: Time) -> Json:
    proposals: Json = {}
    for name, item in fold.items["proposal"].items():
        proposals[name] = {**without(item, "withdrawn"), "status": proposal_status(item, at)}
    truces: Json = {}
    for name, item in fold.items["truce"].items():
        # choice: "mutual (two or more bound at `as_of`)": in force at as_of, not merely bound on
        # paper.
        bound = [party for party, c in item["commitments"].items() if in_force(c, at)]
        truces[name] = {**item, "mutual": len(bound) >= 2, "status": truce_status(item, at)}
    violations: Json = {}
    for name, item in fold.items["violation"].items():
        truce = truces.get(item["truce"], {"commitments": {}})
        commitment = truce["commitments"].get(item["by"])
        of_accused = [] if commitment is None else [s for s in spans(commitment) if begun(s, at)]
        in_effect = any(meets(item, span) for span in of_accused)
        violations[name] = {**item, "bound": bool(of_accused), "in_effect": in_effect}
    deadlines: Json = {}
    for name, item in fold.items["deadline"].items():
        deadlines[name] = {**without(item, "closed"), "status": deadline_status(item, at)}

    still_open = {name: item for name, item in proposals.items() if item["status"] == "open"}
    pending = {
        name: item for name, item in deadlines.items() if item["status"] not in ("met", "lifted")
    }
    parties: Json = {}
    for party, facts in fold.parties.items():
        asked = {name for name, item in still_open.items() if party in item["to"]}
        parties[party] = {
            **facts,
            "proposals_made": {name for name, item in proposals.items() if item["by"] == party},
            "replies_owed": {name for name in asked if party not in proposals[name]["answers"]},
            "replies_awaited": {name for name, item in still_open.items() if item["by"] == party},
            "truces": {
                name: truce["commitments"][party]
                for name, truce in truces.items()
                if party in truce["commitments"]
            },
            "violations_alleged_against": {
                name for name, item in violations.items() if item["by"] == party
            },
            "violations_alleged_by": {
                name for name, item in violations.items() if item["alleged_by"] == party
            },
            "deadlines_facing": {name for name, item in pending.items() if party in item["on"]},
            "deadlines_set": {name for name, item in pending.items() if item["by"] == party},
        }

    return {
        "parties": parties,
        "proposals": proposals,
        "truces": truces,
        "violations": violations,
        "deadlines": deadlines,
        "meetings": fold.items["meeting"],
    }


def without(item: Json, name: str) -> Json:
    return {key: value for key, value in item.items() if key != name}


# State to JSON ------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A copy in JSON: sets as sorted lists, times as text."""
    if isinstance(value, dt.datetime):
        text = value.astimezone(dt.UTC).replace(tzinfo=None).isoformat()
        return text + "Z"
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value

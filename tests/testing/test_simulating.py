"""Simulation: who is asked, what reaches whom and when, and what happens to agents that fail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import find, given, settings

import negotiation as ng
from negotiation.errors import AgentFailed, InvalidStrategy
from negotiation.testing.simulating import SEEDS, Agent, Choose, simulate, simulations

START = datetime(2000, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

Options = tuple[ng.Template, ...]


def at(hours: float) -> datetime:
    return START + hours * HOUR


def talker(times: int = 1) -> Agent:
    """An agent that says something so many times, and then passes."""

    def agent(view: ng.Negotiation, options: Options, random: Random) -> Any:
        me = str(view.known_to)
        said = len(view.parties[me].statements) if me in view.parties else 0
        return ng.StatementMade(by=me, text=f"word {said + 1}") if said < times else None

    return agent


def silent(view: ng.Negotiation, options: Options, random: Random) -> Any:
    return None


def returning(event: object) -> Agent:
    """An agent that returns the same whenever it is asked."""

    def agent(view: ng.Negotiation, options: Options, random: Random) -> Any:
        return event

    return agent


def watcher(seen: list[ng.Negotiation]) -> Agent:
    """An agent that passes, and notes what it knew."""

    def agent(view: ng.Negotiation, options: Options, random: Random) -> Any:
        seen.append(view)

    return agent


def chosen(*numbers: int) -> Choose:
    """These choices, and then the simplest; the seeds of the agents are the simplest as well."""
    left = iter(numbers)

    def choose(number: int) -> int:
        return 0 if number == SEEDS else next(left, 0)

    return choose


@ng.event
@attrs.frozen(kw_only=True)
class Counted:
    """An event of an extension."""

    by: str


def one_more(total: int, record: ng.Record) -> int:
    return total + 1


def words(log: Iterable[ng.Record]) -> list[tuple[str, Any, str]]:
    return [(each.id, each.event.by, each.event.text) for each in log]  # type: ignore[union-attr]


# Who is asked


def test_without_a_seed_the_parties_are_asked_in_order() -> None:
    """One party a turn, an hour apart, as the mapping names them; nothing is late or lost."""
    log = simulate({"north": talker(2), "south": talker(1)}, delay=3, losses=1)

    assert words(log) == [
        ("e1", "north", "word 1"), ("e2", "south", "word 1"), ("e3", "north", "word 2"),
    ]  # fmt: skip
    assert [each.time for each in log] == [at(0), at(1), at(2)]
    assert all(each.recorded == each.time and each.visible_to is None for each in log)
    assert log.negotiation == "talks"


def test_a_choice_decides_who_is_asked_next() -> None:
    """Of those that did not pass since something happened, the party that acted last comes last."""
    log = simulate({party: talker(2) for party in "abc"}, choose=chosen(2, 2, 1))

    assert [by for _, by, _ in words(log)] == ["c", "c", "b", "a", "b", "a"]


def test_it_ends_when_all_have_passed() -> None:
    """Whoever passes is not asked again before something happens."""
    seen: list[ng.Negotiation] = []
    log = simulate({"north": watcher(seen), "south": talker(2)})

    assert [view.as_of for view in seen] == [at(0), at(2), at(4)]
    assert len(log) == 2


def test_a_pass_takes_a_turn() -> None:
    """The clock goes on while somebody decides to do nothing."""
    assert [each.time for each in simulate({"north": silent, "south": talker()})] == [at(1)]


def test_it_ends_when_the_turns_are_used_up() -> None:
    """Those that never stop talking are stopped."""
    assert len(simulate({"north": talker(99), "south": talker(99)}, turns=5)) == 5


def test_no_turns_are_no_records() -> None:
    """What may take no turn gives the log that it began with."""
    assert simulate({"north": talker()}, turns=0) == ng.Log("talks")


def test_who_may_do_nothing_is_not_asked() -> None:
    """In alternating offers whoever is out of turn has no options, and takes no turn."""
    seen: list[Options] = []

    def north(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if view.proposals:
            return None
        return ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={})

    def south(view: ng.Negotiation, options: Options, random: Random) -> Any:
        seen.append(options)
        return next(each for each in options if each.event is ng.ProposalAccepted).build()

    log = simulate({"north": north, "south": south}, ng.ALTERNATING_OFFERS)

    assert [each.time for each in log] == [at(0), at(1)]
    assert len(seen) == 1


def test_the_deadline_of_a_protocol_ends_it() -> None:
    """From the moment on at which nothing more may be said nobody is asked."""

    def offers(view: ng.Negotiation, options: Options, random: Random) -> Any:
        offer = next(each for each in options if each.event is ng.ProposalMade)
        return offer.build(proposal=f"p{len(view.proposals) + 1}")

    log = simulate({"north": offers, "south": offers}, ng.alternating_offers(due=at(4)))

    assert [each.time for each in log] == [at(0), at(1), at(2), at(3)]


def test_the_interval_lies_between_two_turns() -> None:
    """Turns can be as far apart as one likes, from any moment on."""
    log = simulate({"north": talker(2)}, start=at(24), interval=timedelta(minutes=5))

    assert [each.time - at(24) for each in log] == [timedelta(0), timedelta(minutes=5)]


# What an agent is told


def test_an_agent_sees_the_state_of_its_party_now() -> None:
    """`known_to` says which party it is, `as_of` what time it is, and statuses are as of then."""
    seen: list[ng.Negotiation] = []

    def offers(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if view.proposals:
            return None
        return ng.ProposalMade(
            proposal="p1", by="north", to=["south"], terms={}, expires=at(1)
        )  # fmt: skip

    simulate({"north": offers, "south": watcher(seen)})

    assert [(view.known_to, view.as_of) for view in seen] == [("south", at(1))]
    assert seen[0].proposals["p1"].status == "expired"


def test_an_agent_is_given_what_its_party_may_do() -> None:
    """The options are those of `legal_events`, in which every agent's party can be named."""
    given: list[Options] = []

    def north(view: ng.Negotiation, options: Options, random: Random) -> Any:
        given.append(options)
        assert options == ng.legal_events(
            view, ng.ALTERNATING_OFFERS, "north", at=view.as_of, parties=("north", "south", "east")
        )

    simulate({"north": north, "south": silent, "east": silent}, ng.ALTERNATING_OFFERS)

    assert len(given) == 1


# Late and lost messages


def test_a_message_reaches_the_others_before_the_next_turn() -> None:
    """What is not delayed is known to whoever is asked next."""
    seen: list[ng.Negotiation] = []
    simulate({"north": talker(), "south": watcher(seen)})

    assert [len(view.parties) for view in seen] == [1]


def test_a_delayed_message_arrives_between_two_turns() -> None:
    """Delayed by one turn, it is unknown at the next one and known at the one after that."""
    seen: list[ng.Negotiation] = []
    log = simulate(
        {"north": talker(), "south": watcher(seen)}, choose=chosen(0, 1, 0), delay=1
    )  # north is asked, its message is late, south is asked

    assert [(each.time, each.recorded) for each in log] == [(at(0), at(1.5))]
    assert [(view.as_of, len(view.parties)) for view in seen] == [(at(1), 0), (at(3), 1)]


def test_a_party_knows_at_once_what_it_did() -> None:
    """A message that is under way is in the state of its maker."""
    log = simulate({"north": talker(2)}, choose=lambda number: number - 1, delay=9)

    assert words(log) == [("e1", "north", "word 1"), ("e2", "north", "word 2")]
    assert [each.recorded for each in log] == [at(9.5), at(10.5)]


def test_the_log_is_in_the_order_in_which_messages_arrived() -> None:
    """A delayed message is a late report: recorded after what happened later."""
    log = simulate({"north": talker(), "south": talker()}, choose=chosen(0, 2, 0, 0), delay=2)

    assert [(each.id, each.position, each.time, each.recorded) for each in log] == [
        ("e2", 1, at(1), at(1)),
        ("e1", 2, at(0), at(2.5)),
    ]


def test_what_a_party_knew_can_be_read_off_the_log() -> None:
    """At each turn it knows what was recorded by then, and what it did itself."""
    seen: list[ng.Negotiation] = []
    agents = {"north": talker(4), "south": talker(4), "west": watcher(seen)}
    log = simulate(agents, seed=5, delay=3)

    assert len(seen) > 3
    for view in seen:
        known = ng.replay(log, as_of=view.as_of, known_at=view.as_of, known_to="west")
        assert known.parties == view.parties


def test_messages_that_cross_leave_problems() -> None:
    """Each keeps the rules as far as its maker knows; `check` finds that together they do not."""

    def offers(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if view.proposals:
            return None
        me = str(view.known_to)
        other = "south" if me == "north" else "north"
        return ng.ProposalMade(proposal=f"of-{me}", by=me, to=[other], terms={})

    agents = {"north": offers, "south": offers}
    crossed = simulate(agents, ng.ALTERNATING_OFFERS, choose=chosen(0, 1), delay=1)

    assert ng.check(simulate(agents, ng.ALTERNATING_OFFERS), protocol=ng.ALTERNATING_OFFERS) == ()
    assert [
        (found.event, found.code)
        for found in ng.check(crossed, protocol=ng.ALTERNATING_OFFERS)
    ] == [("e2", "no-answer")]  # fmt: skip


def test_what_is_under_way_is_awaited() -> None:
    """Nobody speaks again before the message arrives, and then all may answer it."""

    def answers(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if "north" not in view.parties or "south" in view.parties:
            return None
        return ng.StatementMade(by="south", text="heard")

    log = simulate({"north": talker(), "south": answers}, choose=chosen(0, 5), delay=5)

    assert [(each.id, each.time) for each in log] == [("e1", at(0)), ("e2", at(7))]


def test_a_message_still_under_way_at_the_end_is_recorded_when_it_would_arrive() -> None:
    """The last turn does not make it arrive earlier."""
    log = simulate({"north": talker()}, choose=chosen(9), delay=9, turns=1)

    assert [each.recorded for each in log] == [at(9.5)]


def test_a_lost_message_is_known_to_its_maker_alone() -> None:
    """It is in the log, visible to whoever sent it, and reaches nobody."""
    seen: list[ng.Negotiation] = []
    log = simulate({"north": talker(), "south": watcher(seen)}, choose=chosen(0, 1), losses=1)

    assert [(each.visible_to, each.recorded) for each in log] == [(frozenset({"north"}), at(0))]
    assert [len(view.parties) for view in seen] == [0]


def test_no_more_messages_are_lost_than_may_be() -> None:
    """Once they are used up, losses are not even asked for."""
    log = simulate({"north": talker(5)}, choose=lambda number: number - 1, losses=2)

    assert [each.visible_to is not None for each in log] == [True, True, False, False, False]


def test_a_lost_meeting_is_known_to_whoever_reported_it() -> None:
    """Nobody makes a meeting that was held, but somebody says so."""

    def meets(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if view.meetings:
            return None
        return ng.MeetingHeld(meeting="m1", parties=["south", "north"])

    log = simulate({"north": meets, "south": silent}, choose=chosen(0, 1), losses=1)

    assert [each.visible_to for each in log] == [frozenset({"north"})]


# What happened before


def before() -> ng.Log:
    """A log in which something was hidden from south and something came late."""
    log = ng.Log("harbour")
    log = log.append(ng.StatementMade(by="north", text="public"), time=at(0), id="e2")
    log = log.append(
        ng.StatementMade(by="north", text="hidden"), time=at(1), visible_to=["north"], id="e4"
    )
    return log.append(
        ng.StatementMade(by="east", text="late"), time=at(0), recorded=at(5), id="late"
    )


def test_a_simulation_can_go_on_from_a_log() -> None:
    """It begins an interval after all that the log holds, and its ids are ones that are free."""
    log = simulate({"north": talker(4)}, log=before())

    assert log.upto(3) == before()
    assert [(each.id, each.time) for each in log[3:]] == [("e5", at(6)), ("e6", at(7))]
    assert log.negotiation == "harbour"


def test_what_was_hidden_before_stays_hidden() -> None:
    """A party knows of the beginning what it was shown."""
    seen: list[ng.Negotiation] = []
    simulate({"north": watcher(seen), "south": watcher(seen)}, log=before())

    assert [len(view.parties["north"].statements) for view in seen] == [2, 1]


def test_an_agent_is_not_measured_by_what_was_hidden_from_it() -> None:
    """An id that only others know to be taken breaks no rule in its own view."""
    offer = ng.ProposalMade(proposal="p1", by="north", to=["east"], terms={})
    log = ng.Log("harbour").append(offer, time=at(0), visible_to=["north", "east"])

    def south(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if view.proposals:
            return None
        return ng.ProposalMade(proposal="p1", by="south", to=["west"], terms={})

    log = simulate({"south": south}, log=log)

    assert [(found.event, found.code) for found in ng.check(log)] == [("e2", "used-id")]


def test_a_free_id_is_looked_for() -> None:
    """An id that the log uses is passed over."""
    log = simulate({"north": talker(9)}, log=before().upto(2), turns=2)

    assert [each.id for each in log] == ["e2", "e4", "e3", "e5"]


def test_a_model_with_extensions_is_used_throughout() -> None:
    """Views and the log are folded with the model that is given."""
    counted = ng.Extension(
        name="count",
        wire_type="example.counted",
        event_class=Counted,
        initial=0,
        reduce=one_more,
    )
    model = ng.Model.default.extended(counted)

    def north(view: ng.Negotiation, options: Options, random: Random) -> Any:
        return Counted(by="north") if view.slices["count"] < 3 else None

    log = simulate({"north": north}, model=model)

    assert [type(each.event) for each in log] == [Counted, Counted, Counted]


# Choices


def chatty(view: ng.Negotiation, options: Options, random: Random) -> Any:
    """Says a number that is left to chance."""
    return ng.StatementMade(by=str(view.known_to), text=str(random.randrange(1_000_000)))


TWO = {"north": chatty, "south": chatty}


def test_the_same_seed_gives_the_same_log() -> None:
    """Whatever is left to chance is decided by the seed."""
    runs = [simulate(TWO, seed=seed, turns=9, delay=2, losses=2) for seed in (1, 2, 1)]

    assert runs[0] == runs[2] != runs[1]


def test_each_agent_has_a_chance_of_its_own() -> None:
    """Two agents do not draw the same numbers, and one's draws are not moved by another's."""
    both = simulate(TWO, turns=4)
    alone = simulate({"north": chatty, "south": silent}, turns=4)

    said = [text for _, _, text in words(both)]
    assert len(set(said)) == 4
    assert [text for _, _, text in words(alone)] == said[::2]


def test_the_chance_of_an_agent_can_be_chosen_too() -> None:
    """`choose` is asked first for the seed of each agent, however much that agent draws."""
    asked: list[int] = []

    def choose(number: int) -> int:
        asked.append(number)
        return len(asked)

    log = simulate(TWO, choose=choose, turns=0)
    assert asked == [SEEDS, SEEDS]

    said = [words(simulate(TWO, choose=seeded(*seeds), turns=4)) for seeds in ((1, 2), (1, 3))]
    assert [text for _, by, text in said[0] if by == "north"] == [
        text for _, by, text in said[1] if by == "north"
    ]
    assert said[0] != said[1] != words(log)
    assert said[0] == words(simulate(TWO, choose=seeded(1, 2), turns=4))


def seeded(*seeds: int) -> Choose:
    """These seeds for the agents, and beside them the simplest choices."""
    left = iter(seeds)

    def choose(number: int) -> int:
        return next(left) if number == SEEDS else 0

    return choose


def test_two_agents_with_the_same_choices_draw_different_numbers() -> None:
    """The simplest seed is one for all, and yet they do not say the same."""
    said = [text for _, _, text in words(simulate(TWO, choose=chosen(), turns=2))]

    assert said[0] != said[1]


def drawing(view: ng.Negotiation, options: Options, random: Random) -> Any:
    """Draws in every way in which a source of chance can be asked."""
    drawn = (
        random.gauss(0, 1), random.normalvariate(0, 1), random.lognormvariate(0, 1),
        random.betavariate(2, 3), random.gammavariate(2, 3), random.vonmisesvariate(0, 1),
        random.expovariate(1), random.triangular(), random.paretovariate(1), random.uniform(1, 2),
        random.weibullvariate(1, 2), random.sample(range(9), 4), random.choices("abc", k=3),
        random.randbytes(3), random.getrandbits(9), random.randrange(7), random.choice("abc"),
    )  # fmt: skip
    return ng.StatementMade(by=str(view.known_to), text=repr(drawn))


@pytest.mark.parametrize("choose", [lambda _: 0, lambda number: number - 1], ids=["low", "high"])
def test_an_agent_may_draw_what_it_likes(choose: Choose) -> None:
    """Its `random` is an ordinary one, whatever is chosen, and draws the same again."""
    runs = [simulate({"north": drawing, "south": drawing}, choose=choose) for _ in range(2)]

    assert runs[0] == runs[1]
    assert len({text for _, _, text in words(runs[0])}) == 100


@settings(max_examples=20)
@given(simulations({"north": drawing, "south": drawing}, turns=5))
def test_hypothesis_lets_an_agent_draw_what_it_likes(log: ng.Log) -> None:
    """However much it draws, the example is no larger for it."""
    assert len(log) == 5


# Agents that fail


def failure(agent: Agent, **how: Any) -> AgentFailed:
    with pytest.raises(AgentFailed) as caught:
        simulate({"north": talker(), "south": agent}, **how)
    return caught.value


def test_an_agent_that_raises_is_named() -> None:
    """The error says whose agent it was, what it raised and what it saw, and is chained to that."""

    def raises(view: ng.Negotiation, options: Options, random: Random) -> Any:
        return view.proposals["p1"]

    failed = failure(raises)

    assert str(failed) == "the agent of 'south' raised UnknownName: there is no 'p1'; allowed: none"
    assert isinstance(failed.__cause__, ng.UnknownName)
    assert (failed.party, failed.event, failed.problem) == ("south", None, None)
    assert (failed.state.known_to, failed.state.as_of) == ("south", at(1))
    assert words(failed.log) == [("e1", "north", "word 1")]


def test_a_failure_prints_what_had_happened() -> None:
    """The log that leads there is a note of the error, as a table."""
    notes = "\n".join(failure(returning(1)).__notes__)

    assert notes.startswith("What had happened:\n\nid  time ")
    assert "north" in notes


def test_an_event_that_breaks_a_rule_in_its_makers_view_is_named() -> None:
    """The problem that it would have been is told."""
    event = ng.ProposalAccepted(proposal="p1", by="south")
    failed = failure(returning(event))

    assert str(failed) == (
        "the agent of 'south' returned a ProposalAccepted that breaks a rule: unknown-proposal: "
        "south's ProposalAccepted, proposal 'p1', names a proposal that nobody has made by then"
    )
    assert failed.event == event
    assert failed.problem is not None
    assert (failed.problem.code, failed.problem.party) == ("unknown-proposal", "south")
    assert isinstance(failed.__cause__, ng.IllegalEvent)


def test_an_event_that_breaks_a_rule_of_the_protocol_is_named() -> None:
    """The rules beside the lifecycles hold for agents too."""
    agent = returning(ng.StatementMade(by="north", text="hello"))
    with pytest.raises(
        AgentFailed, match="a StatementMade that breaks a rule: no-place: "
    ) as caught:
        simulate({"north": agent, "south": silent}, ng.ALTERNATING_OFFERS)

    assert caught.value.problem is not None
    assert caught.value.problem.code == "no-place"


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("yes", "returned str 'yes', which is no event; return an event, or None to pass"),
        (ng.Template(ng.StatementMade, {}), "returned a Template; its build() makes the event"),
        (
            ng.StatementMade(by="north", text="hello"),
            "returned a StatementMade of 'north'; an agent acts for its own party",
        ),
        (
            ng.MeetingHeld(meeting="m1", parties=["north"]),
            "returned a MeetingHeld of nobody; an agent acts for its own party",
        ),
        (
            ng.UnknownEvent(type="x", data={}),
            "returned an UnknownEvent of nobody; an agent acts for its own party",
        ),
        (
            ng.EventRetracted(event="e1", by="south"),
            "returned an EventRetracted, which is about the log and nothing that a party does",
        ),
    ],
    ids=["no-event", "template", "another-party", "of-others", "of-nobody", "retraction"],
)
def test_what_is_no_event_of_the_party_is_named(returned: object, reason: str) -> None:
    """An agent returns an event that its own party makes."""
    failed = failure(returning(returned))

    assert str(failed) == f"the agent of 'south' {reason}"
    assert failed.event is returned
    assert failed.problem is None


def test_an_event_that_the_model_does_not_know_is_named() -> None:
    """An extension's event needs the model that has the extension."""
    failed = failure(returning(Counted(by="south")))

    assert failed.problem is not None
    assert failed.problem.code == "unknown-type"


def test_what_is_legal_only_because_a_message_is_late_is_no_failure() -> None:
    """An agent is measured by what its party knows."""

    def offers(view: ng.Negotiation, options: Options, random: Random) -> Any:
        if not view.proposals:
            return ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={})
        if view.proposals["p1"].status == "open":
            return ng.ProposalWithdrawn(proposal="p1", by="north")
        return None

    def accepts(view: ng.Negotiation, options: Options, random: Random) -> Any:
        yes = [each for each in options if each.event is ng.ProposalAccepted]
        return yes[0].build() if yes else None

    # north offers at once, withdraws late, and south accepts before it hears of it
    log = simulate({"north": offers, "south": accepts}, choose=chosen(0, 0, 1, 1, 0, 0), delay=1)

    assert [type(each.event) for each in log] == [
        ng.ProposalMade, ng.ProposalAccepted, ng.ProposalWithdrawn,
    ]  # fmt: skip
    assert [found.event for found in ng.check(log)] == ["e3"]


# Bad input


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"agents": {}}, "agents must be a mapping .* with one at least, not an empty one"),
        ({"agents": [silent]}, "agents must be a mapping .*, not a list"),
        ({"agents": {"north": "silent"}}, r"agents\['north'\] must be a function of \(view, opt"),
        ({"agents": {"the north": silent}}, "agents: the party 'the north' must"),
        ({"agents": {1: silent}}, "agents: the party 1 must"),
        ({"protocol": "open"}, "protocol must be a Protocol, not str 'open'"),
        ({"delay": -1}, "delay must be a whole number from 0, not -1"),
        ({"losses": True}, "losses must be a whole number from 0, not True"),
        ({"turns": 1.5}, "turns must be a whole number from 0, not 1.5"),
        ({"interval": timedelta(0)}, "interval must be a timedelta of at least 1 s"),
        ({"interval": 60}, "interval must be a timedelta of at least 1 s, not 60"),
        ({"start": datetime(2000, 1, 1)}, "start must"),  # noqa: DTZ001  # refused for that
        ({"log": []}, "log must be a Log with an id, not a list"),
        ({"log": ng.Log()}, "log must be a Log with an id"),
        ({"log": before(), "start": at(5)}, "start must lie after all that the log holds, 2000-01"),
        ({"interval": timedelta(days=99_999)}, "reach beyond the year 9999; take fewer turns"),
        (
            {"start": datetime(9999, 12, 31, 20, tzinfo=UTC), "turns": 1, "delay": 4},
            "1 turns every 1:00:00 and delays of up to 4 reach beyond the year 9999",
        ),
    ],
    ids=[
        "no-agents",
        "a-list",
        "no-function",
        "odd-party",
        "no-party",
        "no-protocol",
        "delay",
        "losses",
        "turns",
        "no-interval",
        "odd-interval",
        "no-zone",
        "no-log",
        "log-without-id",
        "early-start",
        "too-long",
        "too-late",
    ],
)
@pytest.mark.parametrize("function", [simulate, simulations])
def test_what_cannot_be_simulated_is_refused_at_once(
    function: Any, how: dict[str, Any], message: str
) -> None:
    """The error says what is wrong and what would be right, before any agent is asked."""
    with pytest.raises(InvalidStrategy, match=message):
        function(**{"agents": {"north": silent}, **how})


def test_a_seed_and_choices_exclude_each_other() -> None:
    """One of them decides."""
    with pytest.raises(InvalidStrategy, match="give a seed or choose, not both"):
        simulate(TWO, seed=1, choose=chosen())


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"seed": 0.5}, "seed must be a whole number, not float 0.5"),
        ({"choose": 7}, "choose must be a function of a number, not int 7"),
    ],
    ids=["seed", "choose"],
)
def test_what_decides_nothing_is_refused(how: dict[str, Any], message: str) -> None:
    """A seed is a whole number, and what chooses is a function."""
    with pytest.raises(InvalidStrategy, match=message):
        simulate(TWO, **how)


@pytest.mark.parametrize("number", [-1, 2, 0.5, True, None])
def test_a_choice_that_is_none_is_refused(number: Any) -> None:
    """A source of choices gives whole numbers below the one that it is given."""
    with pytest.raises(
        InvalidStrategy, match=r"choose\(2\) must give a whole number from 0 to 1, no"
    ):
        simulate(TWO, choose=lambda below: number if below == 2 else 0)


@pytest.mark.parametrize("agent", [silent, chatty])
def test_a_seed_that_is_none_is_refused(agent: Agent) -> None:
    """Also where its agent never draws."""
    with pytest.raises(InvalidStrategy, match=r"choose\(65536\) must give .* to 65535, not 65536"):
        simulate({"north": agent}, choose=lambda below: below)


@pytest.mark.parametrize("number", [2, SEEDS])
def test_a_source_of_choices_that_raises_is_named(number: int) -> None:
    """The error says what was asked and what it raised, and is chained to that."""

    def choose(below: int) -> int:
        return 1 // (below - number)

    with pytest.raises(InvalidStrategy) as caught:
        simulate(TWO, choose=lambda below: choose(below) and 0)

    assert str(caught.value) == (
        f"choose({number}) must give a whole number from 0 to {number - 1}; it raised "
        "ZeroDivisionError: integer division or modulo by zero"
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


# With Hypothesis


@settings(max_examples=20)
@given(simulations(TWO, turns=6, delay=2, losses=1))
def test_hypothesis_chooses_what_is_left_to_chance(log: ng.Log) -> None:
    """Every log that it draws keeps to what was asked for."""
    assert len(log) == 6
    assert sum(each.visible_to is not None for each in log) <= 1
    assert all(each.recorded - each.time <= 2.5 * HOUR for each in log)


@settings(max_examples=20)
@given(st.data())
def test_simulate_can_draw_its_choices(data: st.DataObject) -> None:
    """Any test of Hypothesis can be the source of choices."""
    log = simulate(TWO, choose=lambda n: data.draw(st.integers(0, n - 1)), turns=2)

    assert len(log) == 2


def test_a_simulation_shrinks_to_the_simplest() -> None:
    """Nothing is late, lost, out of order or by chance that does not have to be."""
    fresh = settings(database=None)
    drawn = simulations(TWO, turns=3, delay=2, losses=1)
    plain = find(drawn, lambda log: len(log) == 3, settings=fresh)
    late = find(drawn, lambda log: any(each.recorded > each.time for each in log), settings=fresh)

    assert plain == simulate(TWO, choose=chosen(), turns=3)
    assert attrs.evolve(late[-1], recorded=late[-1].time, position=3) == plain[2]
    assert [each.recorded - each.time for each in late] == [0 * HOUR, 0 * HOUR, 1.5 * HOUR]

"""States that are kept beside a log, so that it need not be folded from its start.

A snapshot is used only where folding on from it is sure to give what the whole log gives: its text
is as it was written, by the same version of the library under the same model; the record at its
position is the same; and nothing since changes the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
from rpds import HashTrieMap

from negotiation.collector import collector_paused
from negotiation.errors import EncodeError
from negotiation.events import EventRetracted
from negotiation.facts import Facts
from negotiation.fold import Draft, Seen, Written, fold_into, handlers_of, replay
from negotiation.knowledge import instant
from negotiation.log import Log
from negotiation.model import Model
from negotiation.problems import UNKNOWN_RECORD, Code
from negotiation.records import Record
from negotiation.state import Negotiation
from negotiation.stores.fingerprints import fingerprint
from negotiation.wire.kept import Kept, state_from_text, state_to_text

if TYPE_CHECKING:
    from negotiation.stores.store import Store


def text_of(log: Log, model: Model) -> str:
    """A snapshot of the state that a log gives, as a line of text.

    Raises:
        EncodeError: a slice of an extension would not come back from JSON as it is, or the model
            holds something that cannot be told from another.
    """
    kept = f"{log[-1].hash} {state_to_text(replay(log, model=model), log, model)}"
    return f"{_mark(kept, model)} {kept}"


def _mark(kept: str, model: Model) -> str:
    """What a text begins with as long as neither it nor the model is another one."""
    return f"{fingerprint(model)}-{sha256(kept.encode('utf-8', 'replace')).hexdigest()}"


def state(
    store: Store,
    negotiation: str,
    text: str | None,
    model: Model,
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    known_to: str | None,
) -> Negotiation:
    """What `Store.state` promises.

    Args:
        store: the store.
        negotiation: as in `Store.state`, and so are those below the model.
        text: the snapshot that is kept, as text.
        model: the events that are known.
        as_of: only what had happened by then.
        known_at: only what had been recorded by then.
        known_to: only what this party knows.
    """
    as_of = instant(as_of, "as_of")
    if text is not None and known_at is None and known_to is None:
        with collector_paused():
            resumed = _resumed(store, negotiation, text, model, as_of)
        if resumed is not None:
            return resumed
    log = store.read(negotiation)
    return replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)


def _resumed(
    store: Store, negotiation: str, text: str, model: Model, as_of: datetime | None
) -> Negotiation | None:
    """The state folded on from a snapshot; None where the whole log has to be folded."""
    mark, _, kept = text.partition(" ")
    try:
        if mark != _mark(kept, model):
            return None
    except EncodeError:  # nothing is kept under a model that cannot be told from another
        return None
    hash, _, written = kept.partition(" ")
    state = state_from_text(written, model)
    if as_of is not None and state.time is not None and as_of < state.time:
        return None
    records = store.records(negotiation, after=len(state.seen.history) - 1)
    last = next(records, None)
    if last is None or last.hash != hash:
        return None
    return _followed(state, [*records], model, as_of)


def _followed(
    state: Negotiation, later: Sequence[Record], model: Model, as_of: datetime | None
) -> Negotiation | None:
    """A state with the records that follow in the log; None where they change the past."""
    recorded = state.seen.history.updated({record.id: record for record in later})
    taken = {each.id: each for each in later if as_of is None or each.time <= as_of}
    seen = Seen(recorded, None, HashTrieMap(taken), state.seen.void)
    counting: list[Record] = []
    faults: dict[str, Code] = {}
    for record in later:
        if type(record.event) is EventRetracted:
            return None
        if record.repeats is not None:
            if seen.known(record.repeats, record) is not None:
                continue
            faults[record.id] = UNKNOWN_RECORD
        if state.time is not None and record.time < state.time:
            return None
        if record.id in taken:
            counting.append(record)
    counting.sort(key=attrgetter("time"))  # stable: equal times keep log order
    draft = Draft(state.facts)
    fold_into(draft, counting, faults, handlers_of(model))
    time = counting[-1].time if counting else state.time
    return attrs.evolve(
        state,
        position=max([state.position, *(record.position for record in counting)]),
        time=time,
        as_of=time if as_of is None else as_of,
        facts=Facts(
            _laid_over(draft.items),
            _laid_over(draft.parties),
            _laid_over(draft.positions),
            _laid_over(draft.heard),
            _laid_over(draft.slices),
            draft.problems,
            state.facts.notes,
        ),
        seen=seen,
    )


def _laid_over(written: Written[Any, Any]) -> Mapping[Any, Any]:
    """The map under a draft with what was written in it."""
    base = written.base
    return base.updated(written) if isinstance(base, Kept) else {**base, **written}

"""Where negotiations are kept: one protocol, and the stores that keep its promises.

`store` says what is promised; `deciding` what an append comes to; `lines` is a store but for where
its lines lie, and `memory`, `jsonlines`, `sqlite` and `postgres` say where, the last two of them
by way of `filed`: in a database, beside notes of where each negotiation stands.
"""

from negotiation.stores.deciding import Standing
from negotiation.stores.lines import KeptLine, LineStore, NewLine, NumberedLine, Writing
from negotiation.stores.memory import MemoryStore
from negotiation.stores.opening import open_store
from negotiation.stores.store import ANY, NEW, Expected, Store, StoredNegotiation, whole

__all__ = [
    "ANY",
    "NEW",
    "Expected",
    "KeptLine",
    "LineStore",
    "MemoryStore",
    "NewLine",
    "NumberedLine",
    "Standing",
    "Store",
    "StoredNegotiation",
    "Writing",
    "open_store",
    "whole",
]

"""Where negotiations are kept: one small protocol, and the stores that keep its promises."""

from negotiation.stores.memory import MemoryStore
from negotiation.stores.opening import open_store
from negotiation.stores.store import ANY, NEW, Expected, Store, StoredNegotiation, cut, grow, whole

__all__ = [
    "ANY",
    "NEW",
    "Expected",
    "MemoryStore",
    "Store",
    "StoredNegotiation",
    "cut",
    "grow",
    "open_store",
    "whole",
]

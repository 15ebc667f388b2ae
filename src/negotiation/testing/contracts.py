"""What every store promises, as tests: a class to subclass, with one test for each promise.

    class TestMyStore(negotiation.testing.StoreContract):
        def store(self):
            return MyStore()

The tests need no fixtures and import nothing of pytest, so that any runner can call them. They
stand in `negotiation.testing.promises`, by what they are about.
"""

from __future__ import annotations

from negotiation.testing.promises.closing import Closing
from negotiation.testing.promises.expecting import Expecting
from negotiation.testing.promises.folding import Folding
from negotiation.testing.promises.following import Following
from negotiation.testing.promises.keeping import Keeping
from negotiation.testing.promises.lasting import Lasting
from negotiation.testing.promises.racing import Racing
from negotiation.testing.promises.reading import Reading
from negotiation.testing.promises.refusing import Refusing
from negotiation.testing.promises.sealing import Sealing
from negotiation.testing.promises.transacting import Transacting


class StoreContract(
    Keeping,
    Reading,
    Following,
    Expecting,
    Transacting,
    Refusing,
    Folding,
    Sealing,
    Racing,
    Closing,
):
    """The promises of a `Store`, one test each. Subclass it and say how a store is made.

    `store` gives a new, empty store at each call; the tests close it.

    Attributes:
        settings: how hard Hypothesis tries; None for the profile that is loaded.
    """


class DurableStoreContract(StoreContract, Lasting):
    """The same, and the promises of a store that outlives the object by which it is used.

    A subclass also says how the place where a store lies is opened once more:
    `def again(self, store: Store) -> Store`. The store that it is given may be open or closed.
    """

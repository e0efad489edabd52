"""The link of the experiment `loss`: 10 ms each way, and the same loss in both directions."""

from __future__ import annotations

from lab.link import Conditions, Network
from lab.measure.figures.loss import ONE_WAY_MS

MS = 1_000_000


def losing(percent: int, seed: int = 0) -> Network:
    """A network that loses this share of the packets by chance, and delays the others.

    Equal `seed`s give equal fates. Raises ValueError for a share above 100 %.
    """
    each = Conditions(delay_ns=ONE_WAY_MS * MS, loss=percent / 100)
    return Network(up=each, down=each, seed=seed)

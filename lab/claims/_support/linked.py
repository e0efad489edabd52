"""Opens a link for an experiment, where this machine allows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.claims._support.claim import needs
from lab.link import Conditions, Link, Network, unavailable
from lab.link.kernel import is_able

UNABLE = "a link is opened as root, or in a user namespace: unshare -Urn lab claims NAME"


@contextmanager
def opened_link(way_ns: int) -> Iterator[Link]:
    """A link with this delay in each direction. Raises NotTestable, LinkError."""
    # An ordinary user may open one, but this process has threads: see unshare(2), CLONE_NEWUSER.
    needs(unavailable() or (None if is_able() else UNABLE))
    way = Conditions(delay_ns=way_ns)
    with Link(Network(up=way, down=way)) as link:
        yield link

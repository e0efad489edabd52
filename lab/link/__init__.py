"""A link that loses packets: two network namespaces, and a process that carries packets between.

`lab/relay` carries the bytes of TCP connections, so it can only delay them. Here the kernel's own
TCP and UDP run on both sides, and each packet has a fate of its own. `path` decides it, `pump`
carries the packets, `Link` opens and closes the whole.
"""

from __future__ import annotations

from lab.link.kernel import LinkError
from lab.link.link import ADDRESS, Link, Side, unavailable
from lab.link.path import Conditions, Network

__all__ = ["ADDRESS", "Conditions", "Link", "LinkError", "Network", "Side", "unavailable"]

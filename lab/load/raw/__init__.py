"""The raw driver: a client that does almost nothing, to measure the limit of a server.

A library's client takes longer to receive a delivery than a good server takes to send it. So a good
server never reaches its limit. This client skips frames by their header, counts deliveries and
decodes only the last one. Its figures never share a column with those of a library's client.
"""

from __future__ import annotations

from lab.load.raw.exchange import RawError
from lab.load.raw.room import RawRoom
from lab.load.raw.speakers import speaks
from lab.load.raw.worker import cpus_for

__all__ = ["RawError", "RawRoom", "cpus_for", "speaks"]

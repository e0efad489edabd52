"""The raw driver: what a server can do, asked by a client that does next to nothing.

A library's client takes longer to absorb a delivery than a good server takes to send it, so that
no such server is ever at its limit. This one skips frames by their header, counts deliveries and
decodes the last one only. What it finds is never put beside a library client's in one column.
"""

from __future__ import annotations

from lab.load.raw.exchange import RawError
from lab.load.raw.room import RawRoom
from lab.load.raw.speakers import speaks
from lab.load.raw.worker import cpus_for

__all__ = ["RawError", "RawRoom", "cpus_for", "speaks"]

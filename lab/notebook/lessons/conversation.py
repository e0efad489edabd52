"""One captured conversation: its bytes by part. Several lessons share it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from lab.contract import Heartbeat
from lab.decode.tree import Trace
from lab.ledger.ledger import Entry, Handshake, ledger
from lab.ledger.shares import ByteCost
from lab.ledger.show import annotate
from lab.load.tapped import Script, converse, trace_of
from lab.notebook.pictures import PARTS
from lab.notebook.served_transport import ServedTransport
from lab.relay.relay import Network

T = TypeVar("T")

LABELS = ("payload", "framing", "http")
HEARTBEAT = ("--heartbeat", "1", "20")
"""A heartbeat each second, so that a short capture contains some."""
IDLE_S = 2.5


async def captured(
    served: ServedTransport, script: Script, network: Network | None = None
) -> Trace:
    """Play one conversation through the relay, and decode its bytes."""
    capture = await converse(
        served.transport, served.url, served.port, script, served.options, network
    )
    return trace_of(capture, served.options.tls)


def only(trace: Trace) -> Entry:
    """Return the ledger of the trace's conversation, with heartbeats at their usual interval."""
    return ledger(trace, Heartbeat().interval_s).entries[0]


def present(part: T | None) -> T:
    """Return what a conversation has. Raises ValueError where it did not happen."""
    if part is None:
        raise ValueError("the conversation ended too early")
    return part


def connect(entry: Entry) -> Handshake:
    """Return the handshake."""
    return present(entry.connect)


def parts(cost: ByteCost | None) -> dict[str, float]:
    """Return bytes by part, both directions together."""
    there = present(cost)
    found = {name: getattr(there.up, name) + getattr(there.down, name) for name in PARTS}
    return {name: size for name, size in found.items() if size or name in LABELS}


def both(cost: ByteCost | None) -> float:
    """Return all bytes of both directions."""
    there = present(cost)
    return there.up.total + there.down.total


def by_part(entries: dict[str, Entry]) -> dict[str, dict[str, dict[str, float]]]:
    """Panel -> transport -> bytes by part: of a message, and of its delivery."""
    return {
        "one say, with its reply": {name: parts(one.message) for name, one in entries.items()},
        "its delivery to one member": {name: parts(one.delivery) for name, one in entries.items()},
    }


def idle(entries: dict[str, Entry]) -> dict[str, float]:
    """Transport -> bytes of an idle minute, for those that have a heartbeat."""
    return {
        name: both(entry.heartbeat.per_minute)
        for name, entry in entries.items()
        if entry.heartbeat and entry.heartbeat.per_minute
    }


def blocks(trace: Trace, words: Iterable[str], lines_each: int) -> list[str]:
    """Return the annotated messages that contain all of the words."""
    shown = "\n".join(annotate(trace, lines_each)).split("\n\n")
    return [block for block in shown if all(word in block for word in words)]

"""Say in which order a session joined and moved from polling to a WebSocket.

Engine.IO's client sends its poll and the request to upgrade at the same time, on two TCP
connections (Engine.IO protocol, "Upgrade"). Which of them the server serves first differs from time
to time, also where the network takes no time, and the round trips until `join` differ with it. A
server may hold back what it has to say until the upgrade is over (python-engineio does).
"""

from __future__ import annotations

__pure__ = True

from typing import Literal

import msgspec

from lab.ledger.purposes import turns_to
from lab.ledger.round_trips import RoundTrips
from lab.ledger.session import Step, took_over

Carrier = Literal["polling", "websocket"]
POLLS = ("GET", "POST")
"""What `purposes` calls a request that brought nothing but its end."""


class Upgrade(msgspec.Struct, frozen=True):
    """What carried the answer for the namespace, and the reply to `join`.

    `polls`: round trips of the handshake that waited for a request to end, and for nothing in it.
    """

    namespace: Carrier
    joined: Carrier
    polls: int


def upgrade_of(counted: RoundTrips) -> Upgrade | None:
    """None where the session did not join, or keeps the transport that it began with."""
    ready, joined = counted.ready, counted.joined
    moves = any(step.exchange and took_over(step.exchange) for step in counted.steps)
    if ready is None or joined is None or not moves:
        return None
    polls = sum(turn.purpose in POLLS for turn in turns_to(joined))
    return Upgrade(_carrier(ready), _carrier(joined), polls)


def _carrier(step: Step) -> Carrier:
    return "websocket" if step.kind == "frame" else "polling"

"""The expected result of each client at each server, by the transport's capabilities."""

from __future__ import annotations

from typing import NamedTuple

from lab.contract import Capability
from lab.interop.outcome import Aim, State

ENGINE_IO = Capability.ENGINE_IO
JSON_TEXTS = Capability.DEFAULT_PARSER
POLLS = Capability.HTTP_SESSION
WEBSOCKET = Capability.WEBSOCKET
NATIVE = Capability.NATIVE_FRAMES

SOCKETIO_4 = ("python-socketio", "socket.io-client-4", "chromium-socket.io")
SOCKETIO_2 = ("socket.io-client-2",)
NATIVES = ("websockets", "ws", "chromium-websocket")

CHATS = frozenset({State.CHATS})
CONNECTS = frozenset({State.CONNECTS})
REFUSED = frozenset({State.REFUSED})
NEVER = frozenset({State.REFUSED, State.SILENT})
ANY = frozenset({State.CHATS, *NEVER})


class Rule(NamedTuple):
    """Expectation for clients and an aim, at transports with and without certain capabilities.

    `status`: an HTTP status that crosses the wire; Node's Socket.IO server sends its 400 where
    frames are due, after 101.
    """

    clients: tuple[str, ...]
    aim: Aim
    has: frozenset[Capability]
    lacks: frozenset[Capability]
    states: frozenset[State]
    status: int | None = None

    def covers(self, client: str, aim: Aim, capabilities: frozenset[Capability]) -> bool:
        """Whether the rule applies to this client at such a transport."""
        able = self.has <= capabilities and not self.lacks & capabilities
        return client in self.clients and aim is self.aim and able


def _rule(
    clients: tuple[str, ...],
    aim: Aim,
    has: set[Capability],
    lacks: set[Capability],
    states: frozenset[State],
    status: int | None = None,
) -> Rule:
    return Rule(clients, aim, frozenset(has), frozenset(lacks), states, status)


PLAIN, STRAIGHT = Aim.PLAIN, Aim.ENGINE_IO

RULES = (
    # Their own family connects at once. The default begins with polling, which some servers lack.
    _rule(SOCKETIO_4, PLAIN, {JSON_TEXTS, POLLS}, set(), CHATS, 200),
    _rule(SOCKETIO_4, PLAIN, {ENGINE_IO}, {POLLS}, REFUSED, 400),
    _rule(SOCKETIO_4, STRAIGHT, {JSON_TEXTS, WEBSOCKET}, set(), CHATS, 101),
    # Another parser: Engine.IO opens a session, and Socket.IO's first packet ends it.
    _rule(SOCKETIO_4, STRAIGHT, {ENGINE_IO, WEBSOCKET}, {JSON_TEXTS}, NEVER, 101),
    _rule(SOCKETIO_4, STRAIGHT, {ENGINE_IO}, {WEBSOCKET}, REFUSED, 400),
    _rule(NATIVES, PLAIN, {NATIVE}, set(), CHATS, 101),
    # Two versions older: an older Engine.IO, which no server here speaks by default.
    _rule(SOCKETIO_2, PLAIN, {ENGINE_IO}, set(), REFUSED, 400),
    _rule(SOCKETIO_2, STRAIGHT, {ENGINE_IO}, set(), REFUSED, 400),
    # The other family: a WebSocket with Engine.IO's path connects, but cannot send anything useful.
    _rule(NATIVES, STRAIGHT, {ENGINE_IO, WEBSOCKET}, set(), CONNECTS, 101),
    _rule(NATIVES, STRAIGHT, {ENGINE_IO}, {WEBSOCKET}, REFUSED, 400),
    _rule(NATIVES, PLAIN, set(), {NATIVE}, NEVER),
    _rule(NATIVES, STRAIGHT, set(), {NATIVE, ENGINE_IO}, NEVER),
    # A native server may answer on any path, or on its own path only.
    _rule(NATIVES, STRAIGHT, {NATIVE}, set(), ANY),
    _rule(SOCKETIO_4, PLAIN, set(), {ENGINE_IO}, NEVER),
    _rule(SOCKETIO_4, STRAIGHT, set(), {ENGINE_IO}, NEVER),
    _rule(SOCKETIO_2, PLAIN, set(), {ENGINE_IO}, NEVER),
    _rule(SOCKETIO_2, STRAIGHT, set(), {ENGINE_IO}, NEVER),
)


def rule_for(client: str, aim: Aim, capabilities: frozenset[Capability]) -> Rule:
    """Return the one rule that applies."""
    (rule,) = (rule for rule in RULES if rule.covers(client, aim, capabilities))
    return rule

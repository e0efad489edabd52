"""A session that upgrades joins in one of several orders, and the live ledger says in which.

The conversations are those that Chromium and python-socketio had at 0 delay, with shorter bytes.
"""

from __future__ import annotations

import pytest

from lab.ledger.live import Account
from lab.ledger.upgrade import Upgrade
from lab.relay.capture import Chunk, ConnectionEvent
from tests.decode.test_decode import POLL, SOCKET_IO, SWITCHED, answer, frame, post, say
from tests.ledger.test_ledger import NEXT, OPEN
from tests.ledger.test_live import Follower, native

MOVE = SOCKET_IO.replace(b" HTTP", b"&sid=s HTTP", 1)
JOIN, JOINED = b'420["join",{}]', b'430[{"type":"joined"}]'
CONNECTED = b'40{"sid":"t"}'
DONE, NOOP = answer(b"ok"), answer(b"6")

Sent = tuple[int, str, bytes]

# Connection 1 opens the session and posts, 2 polls, 3 becomes the WebSocket.
BEGINS: list[Sent] = [(1, "up", POLL), (1, "down", OPEN), (1, "up", post(b"40"))]
PROBE: list[Sent] = [(3, "up", say(b"2probe")), (3, "down", frame(b"3probe"))]
WEBSOCKET_FIRST: list[Sent] = [
    *BEGINS,
    (3, "up", MOVE),
    (2, "up", NEXT),
    (1, "down", DONE),
    (3, "down", SWITCHED),
    (2, "down", NOOP),
    *PROBE,
    (3, "up", say(b"5")),
    (3, "down", frame(CONNECTED)),
    (3, "up", say(JOIN)),
    (3, "down", frame(JOINED)),
]
POLL_FIRST: list[Sent] = [
    *BEGINS,
    (2, "up", NEXT),
    (3, "up", MOVE),
    (1, "down", DONE),
    (3, "down", SWITCHED),
    (2, "down", answer(CONNECTED)),
    *PROBE,
    (3, "up", say(b"5")),
    (3, "up", say(JOIN)),
    (3, "down", frame(JOINED)),
]
POLL_FIRST_AND_MORE_POLLS: list[Sent] = [
    *BEGINS,
    (2, "up", NEXT),
    (1, "down", DONE),
    (3, "up", MOVE),
    (2, "down", answer(CONNECTED)),
    (3, "down", SWITCHED),
    (2, "up", NEXT),
    (1, "up", post(JOIN)),
    (3, "up", say(b"2probe")),
    (2, "down", NOOP),
    (1, "down", DONE),
    (3, "down", frame(b"3probe")),
    (2, "up", NEXT),
    (2, "down", NOOP),
    (3, "up", say(b"5")),
    (3, "down", frame(JOINED)),
]
ALL_BY_POLLS: list[Sent] = [
    *BEGINS,
    (1, "down", DONE),
    (2, "up", NEXT),
    (2, "down", answer(CONNECTED)),
    (2, "up", NEXT),
    (1, "up", post(JOIN)),
    (3, "up", MOVE),
    (1, "down", DONE),
    (2, "down", answer(JOINED)),
    (3, "down", SWITCHED),
]
ORDERS = {
    "the WebSocket first": (
        WEBSOCKET_FIRST,
        ("TCP", "open", "TCP", "101", "probe", "40", "join"),
        Upgrade("websocket", "websocket", 0),
    ),
    "the poll first": (
        POLL_FIRST,
        ("TCP", "open", "TCP", "101", "probe", "join"),
        Upgrade("polling", "websocket", 0),
    ),
    "the poll first, and more polls": (
        POLL_FIRST_AND_MORE_POLLS,
        ("TCP", "open", "TCP", "40", "GET", "GET", "join"),
        Upgrade("polling", "websocket", 2),
    ),
    "polls alone": (
        ALL_BY_POLLS,
        ("TCP", "open", "TCP", "40", "join"),
        Upgrade("polling", "polling", 0),
    ),
}


def account_of(sent: list[Sent]) -> Account:
    """The account of pieces in the order of time; a connection opens just before its first."""
    follower = Follower()
    opened: set[int] = set()
    for at_ns, (connection, way, data) in enumerate(sent, 10):
        if connection not in opened:
            opened.add(connection)
            follower.take(ConnectionEvent(connection, "opened", at_ns))
        follower.take(Chunk(connection, "up" if way == "up" else "down", at_ns, data))
    return follower.ledger.account()


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_explains_the_round_trips(order: str) -> None:
    sent, purposes, upgrade = ORDERS[order]
    account = account_of(sent)
    assert account.joined is not None
    assert account.joined.counted.purposes == purposes
    assert account.joined.counted.round_trips == len(purposes)
    assert account.upgrade == upgrade


def test_without_an_upgrade_or_a_join_there_is_no_order() -> None:
    joins = native(("up", say(b'{"type":"join","id":1}')), ("down", frame(b'{"type":"joined"}')))
    assert joins.ledger.account().upgrade is None
    assert account_of(WEBSOCKET_FIRST[:-1]).upgrade is None

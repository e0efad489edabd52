"""The ledger of real conversations, and of small ones whose every byte is known."""

from __future__ import annotations

import pytest
from hypothesis import given

from lab.decode.decode import decode
from lab.decode.tree import Trace
from lab.ledger.conversations import conversations
from lab.ledger.ledger import Entry, Ledger, ledger
from lab.ledger.shares import ByteCost, LabelledBytes, items_of, mean
from tests.decode.capture import LINES, PING_S, TRANSPORTS, load
from tests.decode.test_decode import (
    GET,
    NATIVE,
    OK,
    POLL,
    SOCKET_IO,
    SWITCHED,
    Happened,
    Piece,
    _down,
    _up,
    answer,
    frame,
    post,
    say,
    tap,
)

MASKED_HEADER, HEADER = 6, 2

# What other tools measured as time over emulated round trip: 2.2, 3.1, 4.1, 5.1 to connect.
ROUND_TRIPS = {
    "native": (2, 3),
    "native-deflate": (2, 3),
    "socketio-websocket": (3, 4),
    "socketio-polling": (4, 5),
    "socketio": (5, 6),
}
PURPOSES = {
    "native": ("TCP", "101", "join"),
    "native-deflate": ("TCP", "101", "join"),
    "socketio-websocket": ("TCP", "101", "40", "join"),
    "socketio-polling": ("TCP", "open", "TCP", "40", "join"),
    "socketio": ("TCP", "open", "101", "probe", "40", "join"),
}
CONNECTIONS = {"socketio-polling": 2}
# A poll, then the namespace's POST and poll; by default a poll and an upgrade.
CONNECT_REQUESTS = {"socketio-polling": 3, "socketio": 2}


def only(found: Ledger) -> Entry:
    (entry,) = found.entries
    return entry


def trace_of(transport: str) -> Trace:
    capture = load(transport)
    return decode(capture.chunks, capture.events)


def near(bytes_: LabelledBytes) -> tuple[float, ...]:
    return tuple(
        round(value, 6)
        for value in (bytes_.http, bytes_.framing, bytes_.payload, bytes_.undecodable)
    )


def assert_adds_up(trace: Trace) -> None:
    found = ledger(trace)
    tapped_up = sum(len(c.up_bytes) for c in trace.connections)
    tapped_down = sum(len(c.down_bytes) for c in trace.connections)
    assert (found.total.up.total, found.total.down.total) == (tapped_up, tapped_down)
    entries, items = ByteCost(), ByteCost()
    for entry in found.entries:
        entries = entries.plus(entry.total)
    for conversation in conversations(trace):
        for item in items_of(conversation):
            items = items.plus(item.cost)
    assert near(entries.up) == near(items.up) == near(found.total.up)
    assert near(entries.down) == near(items.down) == near(found.total.down)
    assert sum(entry.tcp_connections for entry in found.entries) == len(trace.connections)


def assert_costs(entry: Entry, transport: str) -> None:
    assert entry.connect is not None
    assert entry.joined is not None
    assert (entry.connect.round_trips, entry.joined.round_trips) == ROUND_TRIPS[transport]
    assert (*entry.connect.purposes, "join") == entry.joined.purposes == PURPOSES[transport]
    assert entry.connect.tcp_connections == entry.tcp_connections == CONNECTIONS.get(transport, 1)
    assert entry.connect.http_requests == CONNECT_REQUESTS.get(transport, 1)
    assert (entry.messages, entry.deliveries) == (LINES, LINES)
    assert entry.message is not None
    assert entry.delivery is not None
    assert entry.heartbeat is not None
    assert entry.heartbeat.beats >= 1
    assert entry.heartbeat.interval_s == PING_S
    assert (entry.batching is None) == (transport != "socketio-polling")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_kept_conversations(transport: str) -> None:
    found = ledger(trace_of(transport), PING_S)
    assert_costs(only(found), transport)
    assert_adds_up(trace_of(transport))


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_live_conversations(transport: str) -> None:
    capture = await TRANSPORTS[transport]()
    trace = decode(capture.chunks, capture.events)
    assert_costs(only(ledger(trace, PING_S)), transport)
    assert_adds_up(trace)


@given(_up, _down, _up, _down)
def test_any_bytes_add_up(up: bytes, down: bytes, up2: bytes, down2: bytes) -> None:
    pieces = [Piece(1, "up", 1, up), Piece(1, "down", 2, down)]
    assert_adds_up(decode([*pieces, Piece(2, "down", 2, down2), Piece(2, "up", 4, up2)]))


def test_the_handshake_and_a_message_of_a_native_conversation() -> None:
    command, reply = b'{"type":"say","id":1,"text":"x"}', b'{"type":"said","id":1}'
    event = b'{"type":"message"}'
    trace = steps(
        (1, "up", NATIVE),
        (1, "down", SWITCHED),
        (1, "up", say(command)),
        (1, "down", frame(reply) + frame(event)),
    )
    entry = only(ledger(trace))
    assert entry.connect is not None
    assert entry.connect.round_trips == 2
    assert near(entry.connect.cost.up) == (len(NATIVE), 0, 0, 0)
    assert near(entry.connect.cost.down) == (len(SWITCHED), 0, 0, 0)
    assert entry.message is not None
    assert near(entry.message.up) == (0, MASKED_HEADER, len(command), 0)
    assert near(entry.message.down) == (0, HEADER, len(reply), 0)
    assert entry.delivery is not None
    assert near(entry.delivery.down) == (0, HEADER, len(event), 0)
    assert (entry.joined, entry.heartbeat, entry.batching) == (None, None, None)


def steps(*sent: tuple[int, str, bytes]) -> Trace:
    """Chunks in the order of time: connection, direction, bytes."""
    pieces = [
        Piece(connection, "up" if direction == "up" else "down", at, data)
        for at, (connection, direction, data) in enumerate(sent, 10)
    ]
    opened: dict[int, int] = {}
    for piece in pieces:
        opened.setdefault(piece.connection, piece.at_ns)
    return decode(pieces, [Happened(number, "opened", at) for number, at in opened.items()])


OPEN = answer(b'0{"sid":"s","pingInterval":25000}')
NEXT = POLL.replace(b" HTTP", b"&sid=s HTTP")


def polling(*more: tuple[int, str, bytes]) -> Trace:
    return steps(
        (1, "up", POLL),
        (1, "down", OPEN),
        (2, "up", post(b"40")),
        (1, "up", NEXT),
        (2, "down", answer(b"ok")),
        (1, "down", answer(b'40{"sid":"t"}')),
        *more,
    )


def test_what_goes_on_in_parallel_adds_no_round_trip() -> None:
    entry = only(ledger(polling()))
    assert entry.connect is not None
    assert entry.connect.round_trips == 4, "TCP, open, TCP of the second, connect"
    assert entry.connect.cost.up.total == len(POLL + post(b"40") + NEXT)


def test_an_answer_that_was_not_waited_for_adds_no_round_trip() -> None:
    """The same bytes, but "ok" overtakes the poll, as it may where the network takes no time."""
    entry = only(
        ledger(
            steps(
                (1, "up", POLL),
                (1, "down", OPEN),
                (2, "up", post(b"40")),
                (2, "down", answer(b"ok")),
                (1, "up", NEXT),
                (1, "down", answer(b'40{"sid":"t"}')),
            )
        )
    )
    assert entry.connect is not None
    assert entry.connect.round_trips == 4


def test_a_connection_opened_ahead_is_not_waited_for() -> None:
    sent = [
        Piece(1, "up", 10, POLL),
        Piece(1, "down", 11, OPEN),
        Piece(2, "up", 12, post(b"40")),
        Piece(1, "up", 13, NEXT),
        Piece(1, "down", 14, answer(b"40{}")),
    ]
    opened = [Happened(1, "opened", 1), Happened(2, "opened", 2)]
    entry = only(ledger(decode(sent, opened)))
    assert entry.connect is not None
    assert entry.connect.round_trips == 3


def test_a_batch_shares_its_poll() -> None:
    batch = b'42["message",{}]\x1e42["message",{}]\x1e431[{"type":"said"}]'
    trace = polling(
        (2, "up", post(b'421["say",{}]')),
        (1, "up", NEXT),
        (2, "down", answer(b"ok")),
        (1, "down", answer(batch)),
    )
    entry = only(ledger(trace))
    assert_adds_up(trace)
    assert entry.batching is not None
    assert (entry.batching.deliveries, entry.batching.http_responses) == (2, 1)
    assert entry.batching.ratio == 2
    assert entry.delivery is not None
    assert entry.delivery.up.http == pytest.approx(len(NEXT) / 3)
    head = len(answer(batch)) - len(batch)
    assert entry.delivery.down.http == pytest.approx(head / 3)
    assert entry.delivery.down.payload == len(b'["message",{}]')
    assert entry.message is not None
    assert entry.message.up.total == pytest.approx(len(post(b'421["say",{}]')) + len(NEXT) / 3)


def test_a_polled_heartbeat_costs_two_exchanges() -> None:
    trace = polling(
        (1, "up", NEXT),
        (1, "down", answer(b"2")),
        (2, "up", post(b"3")),
        (2, "down", answer(b"ok")),
    )
    beat = only(ledger(trace)).heartbeat
    assert beat is not None
    assert (beat.beats, beat.interval_s) == (1, 25), "what the open packet says is taken"
    other = only(ledger(trace, 50)).heartbeat
    assert other is not None
    assert other.interval_s == 50
    assert beat.per_beat.up.total == len(NEXT + post(b"3"))
    assert beat.per_beat.down.total == len(answer(b"2") + answer(b"ok"))
    assert beat.per_minute is not None
    assert beat.per_minute.up.total == pytest.approx(beat.per_beat.up.total * 60 / 25)


def test_both_sides_of_a_websocket_may_ping() -> None:
    pings = say(b"", 0x89) + say(b"", 0x8A), frame(b"", 0x89) + frame(b"", 0x8A)
    trace = tap(NATIVE + pings[0], SWITCHED + pings[1])
    beat = only(ledger(trace, 20)).heartbeat
    assert beat is not None
    assert beat.per_minute is not None
    assert (beat.beats, beat.per_minute.down.total) == (2, 3 * 2 * HEADER)
    unknown = only(ledger(trace)).heartbeat
    assert unknown is not None
    assert unknown.per_minute is None


def test_a_pong_nobody_asked_for_is_no_heartbeat() -> None:
    assert only(ledger(tap(NATIVE, SWITCHED + frame(b"", 0x8A)))).heartbeat is None


def test_a_heartbeat_between_fragments_is_charged_apart() -> None:
    down = frame(b"a" * 9, 0x01) + frame(b"", 0x89) + frame(b"b" * 9, 0x80) + frame(b"cut", 0x01)
    trace = tap(NATIVE, SWITCHED + down)
    beat = only(ledger(trace, 60)).heartbeat
    assert beat is not None
    assert beat.per_beat.down.total == HEADER
    assert_adds_up(trace)


def test_clients_are_told_apart() -> None:
    sockets = [(n, d, b) for n in (1, 2) for d, b in (("up", NATIVE), ("down", SWITCHED))]
    found = ledger(steps(*sockets, (3, "up", b"\x16\x03")))
    assert [entry.tcp_connections for entry in found.entries] == [1, 1, 1]
    assert [entry.connect is not None for entry in found.entries] == [True, True, False]


def test_a_kept_alive_connection_saves_its_round_trip() -> None:
    found = ledger(steps((1, "up", GET), (1, "down", OK), (1, "up", NATIVE), (1, "down", SWITCHED)))
    page, socket = found.entries
    if page.connect is not None:
        page, socket = socket, page
    assert (page.tcp_connections, socket.tcp_connections) == (1, 0)
    assert socket.connect is not None
    assert (socket.connect.round_trips, socket.connect.tcp_connections) == (1, 0)


def test_a_refused_join_is_no_join() -> None:
    join, no = b'{"type":"join","id":1}', b'{"type":"refused","id":1}'
    assert only(ledger(tap(NATIVE + say(join), SWITCHED + frame(no)))).joined is None


def test_a_reply_without_a_type_joins_if_its_command_did() -> None:
    trace = steps(
        (1, "up", SOCKET_IO),
        (1, "down", SWITCHED + frame(b'0{"sid":"s"}')),
        (1, "up", say(b"40")),
        (1, "down", frame(b"40{}")),
        (1, "up", say(b'421["join",{}]')),
        (1, "down", frame(b"431[]")),
    )
    entry = only(ledger(trace))
    assert entry.connect is not None
    assert entry.joined is not None
    assert (entry.connect.round_trips, entry.joined.round_trips) == (3, 4)


def test_engine_io_that_never_connects_is_not_ready() -> None:
    trace = steps((1, "up", SOCKET_IO), (1, "down", SWITCHED + frame(b'0{"sid":"s"}')))
    assert only(ledger(trace)).connect is None


def test_a_connection_without_bytes_is_one_connection() -> None:
    (entry,) = ledger(decode([], [Happened(1, "opened", 1)])).entries
    assert (entry.tcp_connections, entry.http_requests) == (1, 0)


def test_no_mean_of_nothing() -> None:
    assert mean([]) is None
    assert ledger(decode([])).entries == ()

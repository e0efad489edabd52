"""The live ledger counts what the ledger of the whole capture counts, each byte once."""

from __future__ import annotations

import pytest

from lab.decode.decode import decode
from lab.decode.live import FoundNode, LiveDecoder
from lab.ledger.ledger import ledger
from lab.ledger.live import WAITING_MAX, Account, LiveLedger
from lab.ledger.shares import ByteCost
from lab.relay.capture import Chunk, ConnectionEvent
from tests.decode.capture import Capture, load
from tests.decode.test_decode import NATIVE, SWITCHED, frame
from tests.decode.test_decode import say as masked

CAPTURES = ["native", "native-deflate", "socketio", "socketio-polling", "socketio-websocket"]


class Follower:
    """Numbers what comes, as an inspector does."""

    def __init__(self) -> None:
        self.ledger = LiveLedger()
        self._decoder = LiveDecoder()
        self._number = 0

    def take(self, each: Chunk | ConnectionEvent) -> None:
        self._add(
            self._decoder.feed(each) if isinstance(each, Chunk) else self._decoder.happened(each)
        )
        if isinstance(each, ConnectionEvent) and each.kind == "opened":
            self._number += 1
            self.ledger.opened(self._number, each.connection, each.at_ns)
        if isinstance(each, ConnectionEvent) and each.kind == "closed":
            self.ledger.closed(each.connection)

    def _add(self, found: list[FoundNode]) -> None:
        for each in found:
            self._number += 1
            self.ledger.take(self._number, each)


def followed(capture: Capture) -> Account:
    follower = Follower()
    every: list[Chunk | ConnectionEvent] = [*capture.events, *capture.chunks]
    for each in sorted(every, key=lambda each: each.at_ns):
        follower.take(each)
    return follower.ledger.account()


def total(account: Account) -> ByteCost:
    cost = ByteCost()
    for spent in account.spent.values():
        cost = cost.plus(spent.cost)
    return cost


def close_to(cost: ByteCost) -> tuple[object, object]:
    return tuple(pytest.approx(way.total) for way in (cost.up, cost.down))  # type: ignore[return-value]


@pytest.mark.parametrize("name", CAPTURES)
def test_it_counts_what_the_ledger_of_the_capture_counts(name: str) -> None:
    capture = load(name)
    whole = ledger(decode(capture.chunks, capture.events))
    entry = next(entry for entry in whole.entries if entry.joined)
    account = followed(capture)
    assert account.joined is not None
    assert account.connect is not None
    assert account.joined.counted == entry.joined
    assert account.connect.counted == entry.connect
    assert len(account.joined.turns) == account.joined.counted.round_trips
    assert tuple(turn.purpose for turn in account.joined.turns) == account.joined.counted.purposes
    said = account.spent["message"]
    assert said.count == entry.messages
    assert entry.message is not None
    assert (said.cost.up.total, said.cost.down.total) == close_to(entry.message.times(said.count))
    assert account.said is not None
    assert account.said.up < account.said.down


@pytest.mark.parametrize("name", CAPTURES)
def test_every_byte_is_charged_to_one_purpose(name: str) -> None:
    capture = load(name)
    account = followed(capture)
    whole = ledger(decode(capture.chunks, capture.events)).total
    charged = total(account)
    # A request without an answer is not charged yet.
    assert charged.up.total <= whole.up.total
    assert charged.down.total == pytest.approx(whole.down.total)
    assert account.spent["heartbeat"].count > 0


def native(*frames: tuple[str, bytes]) -> Follower:
    follower = Follower()
    follower.take(ConnectionEvent(1, "opened", 1))
    pieces = [("up", NATIVE), ("down", SWITCHED), *frames]
    for at_ns, (way, data) in enumerate(pieces, 2):
        follower.take(Chunk(1, "up" if way == "up" else "down", at_ns, data))
    return follower


def test_typing_other_commands_and_deliveries_are_apart_from_messages() -> None:
    account = native(
        ("up", masked(b'{"type":"join","id":1}')),
        ("down", frame(b'{"type":"joined","id":1}')),
        ("up", masked(b'{"type":"typing","id":0}')),
        ("up", masked(b'{"type":"say","id":2}')),
        ("down", frame(b'{"type":"message","text":"x"}')),
        ("down", frame(b'{"type":"said","id":2}')),
        ("up", masked(b'{"type":"rooms"}')),
        ("down", frame(b'{"type":"refused","id":null}')),
    ).ledger.account()
    counts = {purpose: spent.count for purpose, spent in account.spent.items() if spent.count}
    assert counts == {"message": 1, "delivery": 2, "typing": 1, "command": 2, "handshake": 1}


def test_a_connection_after_the_last_begins_anew() -> None:
    follower = native(("up", masked(b'{"type":"join","id":1}')))
    follower.take(ConnectionEvent(1, "closed", 90))
    follower.take(ConnectionEvent(2, "opened", 91))
    account = follower.ledger.account()
    assert account.connect is None
    assert not any(spent.count for spent in account.spent.values())
    assert follower.ledger.account() == account


def test_what_is_never_answered_is_forgotten_in_the_end() -> None:
    says = [("up", masked(b'{"type":"say","id":%d}' % number)) for number in range(WAITING_MAX + 2)]
    follower = native(*says, ("down", frame(b'{"type":"said","id":0}')))
    assert follower.ledger.account().said is None
    follower.take(Chunk(1, "down", 10_000, frame(b'{"type":"said","id":9}')))
    assert follower.ledger.account().said is not None


def test_a_message_in_two_frames_is_charged_when_it_is_whole() -> None:
    text = b'{"type":"message","text":"x"}'
    first, rest = text[:9], text[9:]
    begun = native(("down", bytes([0x01, len(first)]) + first))
    assert begun.ledger.account().spent["delivery"].count == 0
    begun.take(Chunk(1, "down", 50, bytes([0x80, len(rest)]) + rest))
    assert begun.ledger.account().spent["delivery"].count == 1


def test_what_is_neither_http_nor_a_frame_is_charged_too() -> None:
    follower = Follower()
    follower.take(ConnectionEvent(1, "opened", 1))
    asked = b"<policy-file-request/>\0"
    follower.take(Chunk(1, "up", 2, asked))
    assert total(follower.ledger.account()).up.total == len(asked)

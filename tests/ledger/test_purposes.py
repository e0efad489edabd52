"""What a round trip was for: the words of each protocol, and the method where none applies."""

from __future__ import annotations

from lab.ledger.ledger import Entry, Handshake, ledger
from tests.decode.test_decode import NATIVE, POLL, SOCKET_IO, SWITCHED, UPGRADE, answer, frame, post
from tests.decode.test_decode import say as masked
from tests.ledger.test_ledger import NEXT, OPEN, only, polling, steps


def words(handshake: Handshake | None) -> tuple[str, ...]:
    assert handshake is not None
    assert len(handshake.purposes) == handshake.round_trips
    return handshake.purposes


def entry(*sent: tuple[int, str, bytes]) -> Entry:
    return only(ledger(steps(*sent)))


def test_a_native_handshake() -> None:
    found = entry(
        (1, "up", NATIVE),
        (1, "down", SWITCHED),
        (1, "up", masked(b'{"type":"join","id":1}')),
        (1, "down", frame(b'{"type":"joined","id":1}')),
    )
    assert words(found.connect) == ("TCP", "101")
    assert words(found.joined) == ("TCP", "101", "join")


def test_the_open_packet_behind_a_101_takes_no_round_trip_of_its_own() -> None:
    found = entry(
        (1, "up", SOCKET_IO),
        (1, "down", SWITCHED + frame(b'0{"sid":"s"}')),
        (1, "up", masked(b"40")),
        (1, "down", frame(b"40{}")),
        (1, "up", masked(b'421["join",{}]')),
        (1, "down", frame(b'431[{"type":"joined"}]')),
    )
    assert words(found.connect) == ("TCP", "101", "40")
    assert words(found.joined) == ("TCP", "101", "40", "join")


def test_a_second_connection_is_a_round_trip_of_its_own() -> None:
    assert words(only(ledger(polling())).connect) == ("TCP", "open", "TCP", "40")


def test_a_request_that_only_waits_in_line_is_named_by_its_method() -> None:
    found = entry(
        (1, "up", POLL),
        (1, "down", OPEN),
        (1, "up", post(b"40")),
        (1, "down", answer(b"ok")),
        (1, "up", NEXT),
        (1, "down", answer(b'40{"sid":"t"}')),
    )
    assert words(found.connect) == ("TCP", "open", "POST", "40")


def test_an_upgrade_waits_for_the_polls_that_go_on_beside_it() -> None:
    noop = answer(b"6")
    found = entry(
        (1, "up", POLL),
        (1, "down", OPEN),
        (1, "up", NEXT),
        (2, "up", UPGRADE % b"/socket.io/?EIO=4&transport=websocket&sid=s"),
        (1, "down", noop),
        (1, "up", NEXT),
        (2, "down", SWITCHED),
        (1, "down", noop),
        (1, "up", NEXT),
        (2, "up", masked(b"2probe")),
        (2, "down", frame(b"3probe")),
        (1, "down", noop),
        (1, "up", NEXT),
        (1, "down", noop),
        (2, "up", masked(b"5") + masked(b"40")),
        (2, "down", frame(b"40{}")),
    )
    assert words(found.connect) == ("TCP", "open", "GET", "GET", "GET", "GET", "40")


def test_an_upgrade_is_tried_before_it_is_used() -> None:
    found = entry(
        (1, "up", POLL),
        (1, "down", OPEN),
        (1, "up", UPGRADE % b"/socket.io/?EIO=4&transport=websocket&sid=s"),
        (1, "down", SWITCHED),
        (1, "up", masked(b"2probe")),
        (1, "down", frame(b"3probe")),
        (1, "up", masked(b"5") + masked(b"40")),
        (1, "down", frame(b"40{}")),
    )
    assert words(found.connect) == ("TCP", "open", "101", "probe", "40")

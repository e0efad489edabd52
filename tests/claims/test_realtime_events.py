"""The claim `realtime-events`: what a capture shows, and the verdict on it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims._support.claim import Verdict
from lab.claims._support.ping_pong import EXCHANGES, RTT_NS, PingPong
from lab.claims.realtime_events import ONE_RTT, ObservedPingPong, judge, observe
from lab.load.tapped import Capture
from lab.relay.capture import Traffic
from tests.decode.capture import load

GOOD = ObservedPingPong("transport", 1.0, True, 0, frozenset({"say"}), frozenset({"message"}))


def played(name: str, exchange_rtts: float = 2.0) -> PingPong:
    """A ping-pong with this capture on both connections."""
    kept = load(name)
    capture = Capture(kept.chunks, kept.events, Traffic())
    return PingPong((int(exchange_rtts * RTT_NS),) * EXCHANGES, EXCHANGES, capture, capture)


def test_over_websocket_no_member_requests_what_it_receives() -> None:
    found = observe("transport", played("socketio-websocket"))
    assert found.requests == 0
    assert found.complete
    assert found.delivery_rtts == pytest.approx(1.0)


def test_over_polling_members_send_requests_for_what_they_receive() -> None:
    assert observe("transport", played("socketio-polling")).requests > 0


def test_events_are_collected_by_name() -> None:
    found = observe("transport", played("socketio-websocket"))
    assert found.up == {"join", "say"}
    assert "message" in found.down
    assert "said" not in found.down, "an acknowledgement is no event"


def test_native_json_holds_no_socket_io_event() -> None:
    found = observe("transport", played("native"))
    assert not found.up | found.down


def test_a_ping_pong_is_complete_when_both_sides_received_everything() -> None:
    whole = played("native")
    assert whole.complete
    assert not replace(whole, heard=EXCHANGES - 1).complete
    assert not replace(whole, exchanges_ns=whole.exchanges_ns[1:]).complete


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, delivery_rtts=ONE_RTT),
        replace(GOOD, complete=False),
        replace(GOOD, requests=1),
        replace(GOOD, up=frozenset()),
        replace(GOOD, down=frozenset()),
    ],
)
def test_the_verdict_follows_from_the_ping_pongs(worse: ObservedPingPong) -> None:
    assert judge([GOOD, GOOD]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD

"""The claim about real time and events: what a tape says of it, and what the verdict is then."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims.claim import Verdict
from lab.claims.realtime_events import ONE_RTT, Rally, judge, rally
from lab.claims.volley import EXCHANGES, RTT_NS, Volley
from lab.load.tapped import Tape
from lab.wire.tape import Traffic
from tests.wire.capture import load

GOOD = Rally("wire", 1.0, True, 0, frozenset({"say"}), frozenset({"message"}))


def played(capture: str, exchange_rtts: float = 2.0) -> Volley:
    """A volley whose both lines carried what this capture has."""
    kept = load(capture)
    tape = Tape(kept.chunks, kept.events, Traffic())
    return Volley((int(exchange_rtts * RTT_NS),) * EXCHANGES, EXCHANGES, tape, tape)


def test_over_websocket_nobody_asks_for_what_he_hears() -> None:
    found = rally("wire", played("socketio-websocket"))
    assert found.asked == 0
    assert found.complete
    assert found.delivery_rtts == pytest.approx(1.0)


def test_over_polling_everything_has_been_asked_for() -> None:
    assert rally("wire", played("socketio-polling")).asked > 0


def test_the_events_are_told_by_their_names() -> None:
    found = rally("wire", played("socketio-websocket"))
    assert found.up == {"join", "say"}
    assert "message" in found.down
    assert "said" not in found.down, "an acknowledgement is no event"


def test_native_json_holds_no_socket_io_event() -> None:
    found = rally("wire", played("native"))
    assert not found.up | found.down


def test_a_volley_is_complete_when_all_has_been_heard_on_both_sides() -> None:
    whole = played("native")
    assert whole.complete
    assert not replace(whole, heard=EXCHANGES - 1).complete
    assert not replace(whole, exchanges_ns=whole.exchanges_ns[1:]).complete


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, delivery_rtts=ONE_RTT),
        replace(GOOD, complete=False),
        replace(GOOD, asked=1),
        replace(GOOD, up=frozenset()),
        replace(GOOD, down=frozenset()),
    ],
)
def test_the_verdict_is_that_of_the_rallies(worse: Rally) -> None:
    assert judge([GOOD, GOOD]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD

"""The claim `webtransport-faster`: from times to ratios, and from ratios to a verdict."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import astuple

from lab.claims._support import served
from lab.claims._support.claim import Verdict
from lab.claims._support.packet_cost import PacketCost
from lab.claims.webtransport_faster import (
    BARE_QUIC,
    CONNECT,
    DELIVERY,
    ENGINE_IO,
    HTTP_3,
    LABELS,
    QUIC,
    REPLY,
    STEPS,
    WEBSOCKET,
    WEBTRANSPORT,
    Times,
    _parts,
    judge,
    measure,
    speeds,
    steps,
)
from lab.load.fan_out import FanOut
from lab.measure.replicas import original
from lab.measure.stats import Comparison
from transports import registry

BASE = (100.0, 200.0, 400.0, 100.0, 300.0)
SLOWER, FASTER, ACROSS = (
    Comparison((low * high) ** 0.5, low, high, 12, "slower")
    for low, high in ((1.5, 2.0), (0.5, 0.8), (0.9, 1.2))
)


def times(connect: float, reply: float, delivery: float, cpu: float, alone: float = 1) -> Times:
    """Times of five passes. A delivery has a packet with 16 messages in flight, and two alone."""
    factors = (connect, reply, delivery, cpu, 0.005, alone, 0.01)
    return Times(*(tuple(factor * one for one in BASE) for factor in factors))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([FASTER, FASTER, FASTER], Verdict.HOLDS),
        ([SLOWER, SLOWER, SLOWER], Verdict.DOES_NOT_HOLD),
        ([FASTER, SLOWER, SLOWER], Verdict.DEPENDS),
        ([SLOWER, ACROSS, SLOWER], Verdict.CANT_TELL),
        ([FASTER, ACROSS], Verdict.CANT_TELL),
        ([FASTER, ACROSS, SLOWER], Verdict.DEPENDS),
        ([], Verdict.CANT_TELL),
    ],
)
def test_a_time_across_the_limit_decides_nothing(
    found: Sequence[Comparison], verdict: Verdict
) -> None:
    assert judge(found) is verdict


def test_times_are_compared_pass_by_pass() -> None:
    found = speeds({WEBSOCKET: times(1, 1, 1, 1), WEBTRANSPORT: times(2, 3, 0.5, 9)})
    assert {what: round(each.ratio, 6) for what, each in found.items()} == {
        CONNECT: 2,
        REPLY: 3,
        DELIVERY: 0.5,
    }
    assert judge(found.values()) is Verdict.DEPENDS


def test_each_step_has_one_layer_more() -> None:
    cpu = dict(zip(LABELS, (1, 2, 3, 8, 4, 6, 24), strict=True))
    found = steps({label: times(1, 1, 1, each, each**2) for label, each in cpu.items()})
    assert [round(found[step].many.ratio, 6) for step in (QUIC, HTTP_3, ENGINE_IO)] == [2, 1.5, 4]
    assert [round(found[step].alone.ratio, 6) for step in (QUIC, HTTP_3, ENGINE_IO)] == [
        4,
        2.25,
        16,
    ]
    assert found.keys() == STEPS.keys()
    assert {label for pair in STEPS.values() for label in pair} == set(LABELS)
    assert {original(label) for label in LABELS} - {BARE_QUIC} <= registry.TRANSPORTS.keys()


async def test_both_are_measured_in_each_pass() -> None:
    found = await measure([WEBSOCKET, BARE_QUIC, WEBTRANSPORT], passes=2)
    assert found.keys() == {WEBSOCKET, BARE_QUIC, WEBTRANSPORT}
    for each in found.values():
        values = astuple(each)
        assert [len(one) for one in values] == [2] * len(values)
        assert min(map(min, values)) > 0


async def test_a_lost_delivery_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lossy(*_: object) -> FanOut:
        return FanOut(messages=1, expected=10, delivered=9, out_of_order=0, last_delivery_ns=[])

    monkeypatch.setattr(served, "fan_out", lossy)
    with pytest.raises(RuntimeError, match="websocket: 1 of 10 deliveries lost"):
        await measure([WEBSOCKET], passes=1)


def test_what_is_neither_encryption_nor_the_kernel_is_said() -> None:
    # Alone a delivery takes 100 µs and two packets, so one packet each way.
    found = times(1, 1, 1, 1, alone=500)
    said = _parts(found, PacketCost(crypto=10_000, calls=15_000)).english
    assert "100 µs of server CPU and 2.0 packets" in said
    assert "take 10.0 µs" in said
    assert "kernel 15.0 µs" in said
    assert "75 %" in said

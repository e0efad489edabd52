"""The claim `webtransport-faster`: from times to ratios, and from ratios to a verdict."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lab.claims import webtransport_faster
from lab.claims._support.claim import Verdict
from lab.claims.webtransport_faster import (
    CONNECT,
    DELIVERY,
    ENGINE_IO,
    LABELS,
    QUIC,
    REPLY,
    STEPS,
    WEBSOCKET,
    WEBTRANSPORT,
    Times,
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


def times(connect: float, reply: float, delivery: float, cpu: float) -> Times:
    each = (tuple(factor * one for one in BASE) for factor in (connect, reply, delivery, cpu))
    return Times(*each)


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
    cpu = dict(zip(LABELS, (1, 2, 3, 8, 4, 20), strict=True))
    found = steps({label: times(1, 1, 1, each) for label, each in cpu.items()})
    assert found[QUIC].ratio == pytest.approx(2)
    assert found[ENGINE_IO].ratio == pytest.approx(5)
    assert found.keys() == STEPS.keys()
    assert {label for pair in STEPS.values() for label in pair} == set(LABELS)
    assert {original(label) for label in LABELS} <= registry.TRANSPORTS.keys()


async def test_both_are_measured_in_each_pass() -> None:
    found = await measure([WEBSOCKET, WEBTRANSPORT], passes=2)
    assert found.keys() == {WEBSOCKET, WEBTRANSPORT}
    for each in found.values():
        values = (each.connect, each.reply, each.delivery, each.cpu)
        assert [len(one) for one in values] == [2, 2, 2, 2]
        assert min(map(min, values)) > 0


async def test_a_lost_delivery_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lossy(*_: object) -> FanOut:
        return FanOut(messages=1, expected=10, delivered=9, out_of_order=0, last_delivery_ns=[])

    monkeypatch.setattr(webtransport_faster, "fan_out", lossy)
    with pytest.raises(RuntimeError, match="websocket: 1 deliveries lost"):
        await measure([WEBSOCKET], passes=1)

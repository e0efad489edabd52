"""Whose is a delivery's cost: the network's, the protocol's, the library's?

Beside each wire stand its yardsticks, which the wire itself names: one of the same protocol without
a library, and one that only writes. All are asked in interleaved rounds by the raw driver; chat
logic is measured without any socket. What is subtracted from what: lab/measure/decomposition.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.tally import VOID
from benchmarks.yard import Found, measured
from lab.contract import Settings, Transport
from lab.load.profiles import Profile
from lab.measure.decomposition import Measured, take_apart
from lab.measure.process import CorePlan
from lab.measure.twins import original
from transports import registry


@pytest.fixture(scope="session")
def yard(
    request: pytest.FixtureRequest, settings: Settings, profile: Profile, cores: CorePlan
) -> Found:
    """The wires that were asked for, and their yardsticks, all measured together."""
    return measured(_needed(request.session.items), settings, profile, cores)


def _needed(items: list[pytest.Item]) -> list[str]:
    """The labels of the tests in this file that can run, and the yardsticks of them."""
    ours = (item for item in items if item.path.name == Path(__file__).name)
    tests = [item for item in ours if isinstance(item, pytest.Function)]
    labels = [str(item.callspec.params["wire"]) for item in tests]
    asked = [label for label in labels if _missing(original(label)) is None]
    sticks = [stick for label in asked for stick in _yardsticks(registry.load(original(label)))]
    return list(dict.fromkeys([*asked, *sticks]))


def _yardsticks(wire: Transport) -> tuple[str, str]:
    """The wire without a library, and the floor below it."""
    assert wire.tuned is not None
    floor = registry.load(wire.tuned).floor
    assert floor is not None, f"{wire.tuned} stands on no floor"
    return wire.tuned, floor


def _missing(name: str) -> str | None:
    """Why this wire, or a yardstick of it, can't run here; None where they can."""
    try:
        for each in _yardsticks(registry.load(name)):
            registry.load(each)
    except registry.UnavailableError as error:
        return str(error)
    return None


@pytest.mark.apart
def test_apart(
    benchmark: BenchmarkFixture, wire: Transport, in_flight: int, profile: Profile, yard: Found
) -> None:
    """From one member to everybody; every server of the pass in turn, round by round."""
    if reason := _missing(original(wire.name)):
        pytest.skip(f"{wire.name} can't be taken apart: {reason}")
    count, room = profile.apart.messages[in_flight], profile.apart.room
    benchmark.group = f"cost: {count} messages to {room}, {in_flight} in flight (not a timing)"
    taken = benchmark.pedantic(lambda: yard.taken[in_flight][wire.name], rounds=1)
    info = taken.tally.info(
        wire.name,
        experiment="cost",
        measure=f"apart_{in_flight}",
        client="raw",
        room_size=room,
        window=in_flight,
        payload_bytes=profile.payload_bytes,
    )
    benchmark.extra_info.update(info, detail=_detail(yard, wire, in_flight))
    taken.tally.check()
    for stick in _yardsticks(wire):
        lost = yard.taken[in_flight][stick].tally
        if lost.delivered != lost.expected or lost.out_of_order:
            pytest.fail(f"{VOID} {stick}, by which it is measured, lost messages")


def _detail(found: Found, wire: Transport, in_flight: int) -> dict[str, Any]:
    taken = found.taken[in_flight]
    tuned, floor = _yardsticks(wire)
    costs = Measured(
        whole=taken[wire.name].server_cpu_ns,
        tuned=taken[tuned].server_cpu_ns,
        floor=taken[floor].server_cpu_ns,
        chat=found.chat_ns[in_flight],
    )
    gathered = {name: taken[name].messages_per_write for name in (wire.name, tuned, floor)}
    return {
        "tuned": tuned,
        "floor": floor,
        "measured_ns": msgspec.to_builtins(costs),
        "parts_ns": msgspec.to_builtins(take_apart(costs)),
        "messages_per_write": gathered,
    }

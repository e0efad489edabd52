"""The fate of packets, with a clock made of integers."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.messages import Counted
from lab.link.path import Conditions, Fate, Network, Path
from lab.link.presets import PRESETS

MS = 1_000_000
MANY = 20_000
shares = st.floats(0, 1)
conditions = st.builds(
    lambda delay, jitter, loss, reorder, rate, queue: Conditions(
        delay_ns=delay,
        jitter_ns=int(delay * jitter),
        loss=loss,
        reorder=reorder,
        rate_bytes_per_s=rate,
        queue_packets=queue if rate else None,
    ),
    st.integers(0, 100 * MS),
    shares,
    shares,
    shares,
    st.none() | st.floats(1, 1e9),
    st.none() | st.integers(1, 10),
)
packets = st.lists(st.tuples(st.integers(0, MS), st.integers(20, 1500)), min_size=1, max_size=50)


def fates(path: Path, sent: list[tuple[int, int]]) -> list[Fate]:
    """The fates of packets, each given by the time since the one before it, and its size."""
    times = itertools.accumulate(after for after, _ in sent)
    return [path.send(now, size) for now, (_, size) in zip(times, sent, strict=True)]


def losses(made: Conditions, seed: int = 0) -> list[bool]:
    path = Path(made, seed, "up")
    return [path.send(number, 100).reason == "lost" for number in range(MANY)]


@given(conditions, packets, st.integers())
def test_equal_packets_have_equal_fates(
    made: Conditions, sent: list[tuple[int, int]], seed: int
) -> None:
    assert fates(Path(made, seed, "up"), sent) == fates(Path(made, seed, "up"), sent)


@given(conditions, packets)
def test_no_packet_arrives_before_it_was_sent(
    made: Conditions, sent: list[tuple[int, int]]
) -> None:
    times = list(itertools.accumulate(after for after, _ in sent))
    for now, fate in zip(times, fates(Path(made, 0, "up"), sent), strict=True):
        assert (fate.due_ns is None) == (fate.reason is not None)
        assert fate.due_ns is None or fate.due_ns >= now


@given(conditions, packets, packets)
def test_chance_does_not_depend_on_the_clock(
    made: Conditions, sent: list[tuple[int, int]], later: list[tuple[int, int]]
) -> None:
    def lost(times: list[tuple[int, int]]) -> list[bool]:
        # Only a queue knows the clock, so there is none.
        endless = Conditions(loss=made.loss, delay_ns=made.delay_ns)
        return [fate.reason == "lost" for fate in fates(Path(endless, 1, "up"), times)]

    length = min(len(sent), len(later))
    assert lost(sent[:length]) == lost(later[:length])


@given(packets)
def test_packets_keep_their_order_unless_some_are_late(sent: list[tuple[int, int]]) -> None:
    jitter = Conditions(delay_ns=10 * MS, jitter_ns=10 * MS, rate_bytes_per_s=1e6)
    dues = [fate.due_ns for fate in fates(Path(jitter, 3, "up"), sent)]
    assert dues == sorted(dues, key=lambda due: due or 0)


def test_a_late_packet_is_overtaken() -> None:
    path = Path(Conditions(delay_ns=10 * MS, reorder=1), 0, "up")
    assert path.send(0, 100) == Fate(15 * MS)
    swift = Path(Conditions(reorder=1), 0, "up")
    assert swift.send(0, 100) == Fate(1 * MS), "a millisecond late at least"
    mixed = Path(Conditions(delay_ns=10 * MS, reorder=0.1), 0, "up")
    dues = [mixed.send(number * MS, 100).due_ns or 0 for number in range(1000)]
    late = [due - number * MS for number, due in enumerate(dues) if due - number * MS > 10 * MS]
    assert set(late) == {15 * MS}
    assert len(late) == pytest.approx(100, abs=40)


def test_a_transmitter_sends_one_packet_after_the_other() -> None:
    path = Path(Conditions(delay_ns=1 * MS, rate_bytes_per_s=1e6), 0, "up")
    assert path.send(0, 1000) == Fate(2 * MS)
    assert path.send(0, 1000) == Fate(3 * MS)
    assert path.send(10 * MS, 1000) == Fate(12 * MS), "the idle time is not saved up"


def test_a_full_queue_drops_the_last() -> None:
    path = Path(Conditions(rate_bytes_per_s=1e6, queue_packets=2), 0, "up")
    reasons = [path.send(0, 1000).reason for _ in range(3)]
    assert reasons == [None, None, "dropped"]
    assert path.send(1 * MS, 1000).reason is None, "the first has left"


def test_a_queue_may_be_limited_by_bytes() -> None:
    path = Path(Conditions(rate_bytes_per_s=1e6, queue_bytes=1500), 0, "up")
    assert [path.send(0, size).reason for size in (1000, 1000, 400)] == [None, "dropped", None]
    small = Path(Conditions(rate_bytes_per_s=1e6, queue_bytes=10), 0, "up")
    assert small.send(0, 1000).reason is None, "an empty queue takes any"


@pytest.mark.parametrize("loss", [0, 0.01, 0.05, 0.15, 0.5, 1])
def test_the_share_of_losses_is_as_set(loss: float) -> None:
    assert sum(losses(Conditions(loss=loss))) / MANY == pytest.approx(loss, abs=0.01)


@pytest.mark.parametrize(("loss", "burst"), [(0.05, 1), (0.05, 4), (0.2, 10)])
def test_bursts_have_the_mean_length_that_is_set(loss: float, burst: float) -> None:
    lost = losses(Conditions(loss=loss, burst=burst))
    runs = [len(list(run)) for is_lost, run in itertools.groupby(lost) if is_lost]
    assert sum(lost) / MANY == pytest.approx(loss, rel=0.3)
    assert sum(runs) / len(runs) == pytest.approx(burst, rel=0.25)


def test_directions_and_seeds_differ() -> None:
    half = Conditions(loss=0.5)
    assert losses(half, 1) != losses(half, 2)
    down = Path(half, 1, "down")
    assert losses(half, 1) != [down.send(n, 100).reason == "lost" for n in range(MANY)]


def test_one_packet_can_be_lost_on_request() -> None:
    path = Path(Conditions(), 0, "up")
    path.lose_next(at_least_bytes=200)
    assert [path.send(0, size).reason for size in (100, 250, 250)] == [None, "lost", None]


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"delay_ns": -1}, "from 0 to one hour"),
        ({"jitter_ns": 2}, "must not exceed the delay"),
        ({"loss": 1.5}, "loss must be from 0 to 1"),
        ({"loss": float("nan")}, "loss must be from 0 to 1"),
        ({"reorder": -0.1}, "reorder must be from 0 to 1"),
        ({"loss": 0.8, "burst": 2.0}, "burst must be at least 4"),
        ({"loss": 0.1, "burst": 0.5}, "burst must be at least 1"),
        ({"loss": 1, "burst": 2.0}, "burst must be left out"),
        ({"rate_bytes_per_s": 0.5}, "at least 1 byte per second"),
        ({"queue_packets": 3}, "only a rate fills one"),
        ({"rate_bytes_per_s": 1e6, "queue_bytes": 0}, "room for 1"),
    ],
    ids=str,
)
def test_what_no_link_can_have_is_refused(wrong: dict[str, Any], allowed: str) -> None:
    with pytest.raises(ValueError, match=allowed):
        Conditions(**wrong)


def test_a_network_is_shown_in_a_line() -> None:
    up = Conditions(
        delay_ns=20 * MS,
        jitter_ns=2 * MS,
        loss=0.05,
        burst=3,
        reorder=0.01,
        rate_bytes_per_s=125e3,
        queue_packets=50,
        queue_bytes=64_000,
    )
    shown = (
        "delay 20 ms, jitter 2 ms, loss 5 % in bursts of 3, late 1 %, 125 kB/s, queue 50 packets, "
        "queue 64 kB"
    )
    assert Network(up=up, down=up).shown() == f"{shown}, each way"
    assert Network(up=up).shown() == f"up: {shown}; down: delay 0 ms"
    assert Network(up=up).rtt_ns == 20 * MS
    assert Conditions(loss=0.5).shown() == "delay 0 ms, loss 50 %"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_names_its_source(preset: Any) -> None:
    assert any(part.isdigit() for part in preset.source), "its figures"
    for way in (preset.network.up, preset.network.down):
        assert (way.queue_bytes is None) == (way.rate_bytes_per_s is None)


def test_packets_are_counted() -> None:
    counted = Counted()
    for reason in (None, "lost", "dropped", "lost"):
        counted.add(100, reason)
    assert counted == Counted(packets=4, bytes=400, lost=2, dropped=1)

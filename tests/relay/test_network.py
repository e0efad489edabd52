"""What an emulated network computes, with a clock made of integers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.relay.network import SECOND_NS, SEGMENT_BYTES, Network, OneWayPath

MS = 1_000_000
networks = st.builds(
    lambda delay, share, bandwidth, jitter, seed: Network(
        delay, int(delay * share), bandwidth, jitter, seed
    ),
    st.integers(0, SECOND_NS),
    st.floats(0, 1),
    st.none() | st.floats(1, 1e9),
    st.sampled_from(["uniform", "normal"]),
    st.integers(),
)
sendings = st.lists(st.tuples(st.integers(0, SECOND_NS), st.integers(0, 100_000)), min_size=1)


def test_without_settings_bytes_pass_at_once() -> None:
    assert Network().instant
    assert OneWayPath(Network()).send(7, 1_000_000) == (7, 7)


def test_a_delay_is_one_way() -> None:
    network = Network(delay_ns=50 * MS)
    assert network.rtt_ns == 100 * MS
    assert not network.instant
    assert OneWayPath(network).send(3, 100) == (3, 3 + 50 * MS)


def test_a_limited_line_is_busy_for_as_long_as_the_bytes_take() -> None:
    line = OneWayPath(Network(delay_ns=10 * MS, bandwidth_bytes_per_s=1000))
    assert line.send(0, 100) == (100 * MS, 110 * MS)
    assert line.send(50 * MS, 100) == (200 * MS, 210 * MS), "waits until the line is free"
    assert line.send(500 * MS, 1) == (501 * MS, 511 * MS), "the idle time is not saved up"


def test_transmission_is_rounded_up_so_that_no_line_is_faster_than_allowed() -> None:
    assert Network(bandwidth_bytes_per_s=3e9).transmission_ns(1) == 1


def test_nothing_leaves_before_the_handshake_is_over() -> None:
    assert OneWayPath(Network(delay_ns=5), opens_ns=100).send(20, 1) == (100, 105)


@pytest.mark.parametrize(
    ("bandwidth", "expected"), [(None, None), (1, SEGMENT_BYTES), (10_000_000, 10_000)]
)
def test_bytes_travel_in_segments_or_in_what_a_millisecond_carries(
    bandwidth: float | None, expected: int | None
) -> None:
    assert Network(bandwidth_bytes_per_s=bandwidth).slice_bytes() == expected


@given(networks, st.binary(max_size=10_000))
def test_slices_are_the_bytes_again(network: Network, data: bytes) -> None:
    slices = list(network.slices(data))
    assert b"".join(slices) == data
    assert all(slices)
    limit = network.slice_bytes()
    assert limit is None or all(len(piece) <= limit for piece in slices)


@given(networks, sendings)
def test_nothing_overtakes_and_nothing_is_early(
    network: Network, sendings: list[tuple[int, int]]
) -> None:
    line, now_ns, previous_ns = OneWayPath(network, "1 up"), 0, 0
    for wait_ns, size in sendings:
        now_ns += wait_ns
        sent_ns, due_ns = line.send(now_ns, size)
        assert sent_ns >= now_ns + network.transmission_ns(size)
        assert due_ns >= max(previous_ns, sent_ns)
        if network.jitter == "uniform":
            assert due_ns >= sent_ns + network.delay_ns - network.jitter_ns
        previous_ns = due_ns


@given(networks, st.lists(st.integers(1, 100_000), min_size=1))
def test_a_burst_takes_as_long_as_the_bandwidth_says(network: Network, sizes: list[int]) -> None:
    line = OneWayPath(network)
    sent_ns = [line.send(0, size).sent_ns for size in sizes][-1]
    if network.bandwidth_bytes_per_s is None:
        assert sent_ns == 0
    else:
        exact_ns = sum(sizes) * SECOND_NS / network.bandwidth_bytes_per_s
        assert exact_ns * (1 - 1e-9) <= sent_ns <= exact_ns * (1 + 1e-9) + len(sizes)


def test_jitter_comes_from_the_seed_and_differs_between_lines() -> None:
    def delays(seed: int, name: str, jitter: Any = "uniform") -> list[int]:
        network = Network(50 * MS, 20 * MS, seed=seed, jitter=jitter)
        line = OneWayPath(network, name)
        return [line.send(n * SECOND_NS, 1).due_ns - n * SECOND_NS for n in range(200)]

    assert delays(1, "1 up") == delays(1, "1 up")
    assert delays(1, "1 up") != delays(2, "1 up")
    assert delays(1, "1 up") != delays(1, "2 up")
    uniform, normal = delays(1, ""), delays(1, "", "normal")
    assert 30 * MS <= min(uniform) < 40 * MS < 60 * MS < max(uniform) <= 70 * MS
    assert min(normal) < 30 * MS < 70 * MS < max(normal), "a normal jitter has tails"


def test_what_has_left_keeps_its_arrival_when_the_network_changes() -> None:
    slow = Network(delay_ns=100 * MS, bandwidth_bytes_per_s=1000)
    line = OneWayPath(slow)
    passage = line.send(0, 10)
    line.change(Network(), now_ns=20 * MS, latest_due_ns=passage.due_ns)
    assert line.send(20 * MS, 10) == (20 * MS, passage.due_ns), "free at once, but not overtaking"


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"delay_ns": -1}, "delay_ns must be from 0"),
        ({"delay_ns": float("nan")}, "delay_ns must be a whole number"),
        ({"delay_ns": float("inf")}, "delay_ns must be a whole number"),
        ({"delay_ns": 0.5}, "delay_ns must be a whole number"),
        ({"delay_ns": "5"}, "delay_ns must be a whole number"),
        ({"delay_ns": 3601 * SECOND_NS}, "one hour"),
        ({"jitter_ns": -1}, "jitter_ns must be from 0"),
        ({"delay_ns": 5 * MS, "jitter_ns": 6 * MS}, r"jitter \(6 ms\) must not exceed .* \(5 ms\)"),
        ({"jitter": "cauchy"}, "'uniform' or 'normal'"),
        ({"bandwidth_bytes_per_s": 0}, "at least 1 byte per second"),
        ({"bandwidth_bytes_per_s": -5.0}, "at least 1 byte per second"),
        ({"bandwidth_bytes_per_s": float("nan")}, "at least 1 byte per second"),
        ({"bandwidth_bytes_per_s": float("inf")}, "finite"),
    ],
)
def test_impossible_networks_are_refused(setting: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Network(**setting)
    with pytest.raises(ValueError, match=complaint):
        replace(Network(), **setting)

"""The open loop's accounting, on difficult invented numbers and on a connection that stalls.

The assertions hold on a machine of any speed. A message that was due during a stall is late by at
least the rest of the stall. A sender that waits can have only one such message.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat.events import RoomEvent
from lab.chat.limits import UNPACED, Limits
from lab.chat.rooms import Rooms
from lab.contract import Connection, ConnectOptions, ServeOptions
from lab.load.closed_loop import RefusedError, ignore, round_trips
from lab.load.open_loop.load import LATE_NS, of_one_who_waits, told
from lab.load.open_loop.run import Load, OpenLoop, open_loop
from lab.load.open_loop.schedule import SECOND_NS
from lab.load.texts import incompressible
from lab.measure import histogram
from lab.measure.process import CpuMeter
from lab.service import ChatService
from lab.tls.always import with_its_tls
from tests.load.relayed import STALL_MS, line
from transports import registry

MS = 1_000_000
SURE_MS = STALL_MS - 200
"""What was due in the first 200 ms of the stall can't be answered in less."""


async def during(run: Awaitable[OpenLoop], happening: Awaitable[None]) -> OpenLoop:
    """The run, with something happening to it."""
    result, _ = await asyncio.wait_for(asyncio.gather(run, happening), 60)
    return result


# The accounting, on numbers.


def stalled(due: Sequence[int], start: int, end: int, service: int = MS) -> list[int]:
    """When each is done, by a server that stalls until `end`, then needs `service`."""
    return [(end if start <= each < end else each) + service for each in due]


def test_a_stall_is_in_the_corrected_figure_and_not_in_the_uncorrected_one() -> None:
    due = [number * 5 * MS for number in range(1, 1001)]
    done = stalled(due, 1000 * MS, 1500 * MS)
    latency = told(due, due, done, senders=1)
    # 100 of 1,000 messages wait between 500 and 5 ms: one in a hundred of all waits 455 or more.
    assert latency.corrected.percentile_ns(99) >= 450 * MS
    assert latency.from_send.percentile_ns(99) >= 450 * MS
    assert latency.uncorrected.percentile_ns(99) < 2 * MS
    assert latency.corrected.count - latency.uncorrected.count == 100


def test_one_who_waits_makes_no_sends_meanwhile() -> None:
    due = [0, 10, 20, 30, 40, 50]
    done = [5, 35, 36, 37, 45, 55]
    assert of_one_who_waits(due, done, senders=1) == [0, 1, 4, 5]
    assert of_one_who_waits(due, done, senders=2) == [0, 1, 2, 4, 5]


def test_what_was_lost_is_in_no_latency() -> None:
    latency = told([10, 20, 30], [11, 21, 31], [15, 0, 35], senders=1)
    assert latency.corrected.count == latency.from_send.count == latency.uncorrected.count == 2
    assert latency.corrected.percentile_ns(100) == 5
    assert latency.from_send.percentile_ns(100) == 4


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500), st.booleans()), max_size=60),
    st.integers(1, 5),
)
def test_what_one_who_waits_sends_never_overlaps(
    steps: list[tuple[int, int, bool]], senders: int
) -> None:
    due, done, now = [], [], 1
    for gap, service, lost in steps:
        now += gap
        due.append(now)
        done.append(0 if lost else now + service)
    kept = of_one_who_waits(due, done, senders)
    for sender in range(senders):
        mine = [number for number in kept if number % senders == sender]
        assert all(done[one] <= due[two] for one, two in itertools.pairwise(mine))
    for number in set(range(len(due))) - set(kept):
        waited = [one for one in kept if one % senders == number % senders and one < number]
        assert not done[number] or due[number] < done[waited[-1]]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=50), st.integers(1, 4))
def test_without_a_wait_nothing_is_omitted(services: list[int], senders: int) -> None:
    due = [number * 10 for number in range(len(services))]
    done = [start + service for start, service in zip(due, services, strict=True)]
    assert of_one_who_waits(due, done, senders) == list(range(len(due)))


def result(**changes: Any) -> OpenLoop:
    """100 messages offered in one second, all held, except for `changes`."""
    times = [number * 10 * MS for number in range(1, 101)]
    latency = told(times, times, [each + MS for each in times], 1)
    fields: dict[str, Any] = {
        "load": Load(rate_per_s=100, duration_s=1),
        "offering_ns": SECOND_NS,
        "elapsed_ns": 2 * SECOND_NS,
        "sent": 100,
        "completed": 100,
        "replies_lost": 0,
        "deliveries_lost": 0,
        "out_of_order": 0,
        "overloaded": False,
        "closed": [],
        "late": histogram.from_samples([MS] * 100),
        "reply": latency,
        "delivery": latency,
    }
    return OpenLoop(**(fields | changes))


def test_rates_are_over_their_own_time() -> None:
    run = result(completed=80)
    assert run.achieved_per_s == 100
    assert run.goodput_per_s == 40


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, "held", "100 messages sent when due"),
        ({"replies_lost": 2}, "lost", "2 replies, 0 deliveries never came"),
        ({"deliveries_lost": 3}, "lost", "0 replies, 3 deliveries never came"),
        ({"out_of_order": 1}, "lost", "1 came out of order"),
        ({"overloaded": True, "replies_lost": 9}, "overloaded", "10000 messages were in flight"),
        (
            {"late": histogram.from_samples([LATE_NS + MS] * 100), "overloaded": True},
            "load-bound",
            "could not offer 100/s: it sent 100/s, 11.0 ms late at p99",
        ),
        ({"sent": 40}, "load-bound", "it sent 40/s"),
    ],
)
def test_the_verdict_blames_the_driver_first(
    changes: dict[str, Any], verdict: str, words: str
) -> None:
    run = result(**changes)
    assert run.verdict == verdict
    assert words in run.why


def test_the_chance_of_poisson_arrivals_is_no_fault_of_the_driver() -> None:
    assert not result(sent=60).load_bound
    assert result(sent=44).load_bound


def test_a_run_in_which_nothing_was_due_was_not_late() -> None:
    assert result(late=histogram.from_samples([])).late_p99_ns == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate_per_s": 0}, "rate_per_s must be more than 0"),
        ({"duration_s": -1}, "duration_s must be more than 0"),
        ({"arrivals": "bursty"}, "'constant' or 'poisson'"),
        ({"senders": 7}, "at most rooms \\* members_per_room, who speaks is a member: 6, not 7"),
        ({"senders": 1}, "rooms must be from 1 to the number of senders \\(1\\), not 2"),
        ({"rooms": 0}, "rooms must be from 1"),
        ({"members_per_room": 0}, "members_per_room must be at least 1, not 0"),
        ({"payload_bytes": 7}, "payload_bytes must be at least 8, not 7"),
        ({"most_in_flight": 0}, "most_in_flight must be at least 1, not 0"),
        ({"drain_s": 0}, "drain_s must be more than 0 and at most 3,600, not 0"),
    ],
)
def test_an_impossible_load_is_refused(changes: dict[str, Any], words: str) -> None:
    fields: dict[str, Any] = {"rate_per_s": 10, "duration_s": 1}
    fields |= {"senders": 6, "rooms": 2, "members_per_room": 3}
    Load(**fields)
    with pytest.raises(ValueError, match=words):
        Load(**(fields | changes))


# On a real line.


@pytest.mark.parametrize("transport", registry.available())
async def test_every_transport_answers_and_delivers_all(transport: str) -> None:
    served = registry.load(transport)
    load = Load(
        rate_per_s=150, duration_s=0.4, senders=4, rooms=2, members_per_room=3, arrivals="poisson"
    )
    with with_its_tls(served, ServeOptions()) as (options, tls):
        async with served.serve(ChatService(Rooms(UNPACED)), options) as server:

            async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
                trusting = ConnectOptions(tls=tls)
                return await served.connect(server.address.url, on_event, trusting)

            run = await asyncio.wait_for(open_loop(connect, load, CpuMeter(os.getpid())), 60)
    assert run.sent == run.completed == len(list(load.slots()))
    assert run.lost == run.out_of_order == 0
    assert not run.closed
    for latency in (run.reply, run.delivery):
        assert latency.corrected.count == latency.from_send.count == run.sent
        assert 0 < latency.uncorrected.count <= run.sent
    assert run.late.count + run.late.out_of_range == run.sent
    assert run.offering_ns >= load.duration_s * SECOND_NS
    assert run.elapsed_ns >= run.offering_ns
    assert run.cpu is not None
    assert run.cpu.saturated == "unknown", "there was no server process to meter"
    assert run.verdict in ("held", "load-bound"), run.why


async def test_a_stalled_line_shows_in_the_corrected_p99_and_hides_in_the_uncorrected() -> None:
    # 200 messages a second for 3 s: 40 of 600 are due in the first 200 ms of the stall.
    load = Load(rate_per_s=200, duration_s=3, members_per_room=2, drain_s=20)
    async with line() as shared:
        run = await during(open_loop(shared.connect, load), shared.stall(0.8))
    assert run.sent == run.completed == 600
    assert run.lost == 0
    for latency in (run.reply, run.delivery):
        assert latency.corrected.percentile_ns(99) >= SURE_MS * MS
        assert latency.uncorrected.percentile_ns(99) < SURE_MS * MS
        assert latency.corrected.count - latency.uncorrected.count >= 80


async def test_a_closed_loop_has_one_sample_of_the_stall_and_calls_it_rare() -> None:
    async with line() as shared:
        speaker = await shared.connect(ignore)
        await speaker.join("den", "ann")
        stalling = asyncio.ensure_future(shared.stall(0.1))
        samples: list[int] = []
        while not stalling.done() or len(samples) < 500:
            samples += await round_trips(speaker, "den", incompressible(64, 10))
        await speaker.close()
    assert max(samples) >= SURE_MS * MS
    assert histogram.from_samples(samples).percentile_ns(99) < SURE_MS * MS


async def test_what_never_comes_back_is_lost() -> None:
    load = Load(rate_per_s=100, duration_s=0.5, members_per_room=2, drain_s=0.3)
    async with line() as shared:
        run = await during(
            open_loop(shared.connect, load), shared.break_by(lambda: shared.relay.stall("down"))
        )
    assert run.sent == 50
    assert run.replies_lost > 0
    assert run.deliveries_lost > 0
    assert run.replies_lost + run.reply.corrected.count == 50
    assert run.completed < 50
    assert run.verdict in ("lost", "load-bound"), run.why
    assert not run.closed


async def test_a_connection_that_breaks_is_named_and_its_messages_are_lost() -> None:
    load = Load(rate_per_s=100, duration_s=0.5, members_per_room=2, drain_s=0.3)
    async with line() as shared:
        run = await during(open_loop(shared.connect, load), shared.break_by(shared.relay.cut))
    assert run.sent == 50, "the schedule is kept, whatever happens"
    assert run.lost > 0
    assert len(run.closed) == 2
    assert all(run.closed)


async def test_a_backlog_past_its_bound_ends_the_run() -> None:
    load = Load(rate_per_s=200, duration_s=30, most_in_flight=40, drain_s=0.2)
    async with line() as shared:
        run = await during(open_loop(shared.connect, load), shared.break_by(shared.relay.stall))
    assert run.overloaded
    assert run.verdict in ("overloaded", "load-bound"), run.why
    assert run.sent - run.completed == 40
    assert run.offering_ns < 30 * SECOND_NS, "it ended early"


async def test_a_driver_that_was_held_up_itself_counts_it_and_says_so() -> None:
    # 20 of 100 messages are due in the first 200 ms in which this process does nothing.
    load = Load(rate_per_s=100, duration_s=1, drain_s=20)
    async with line() as shared:
        run = await during(
            open_loop(shared.connect, load), shared.break_by(lambda: time.sleep(STALL_MS / 1000))
        )
    assert run.sent == run.completed == 100
    assert run.delivery.corrected.percentile_ns(99) >= SURE_MS * MS
    assert run.late_p99_ns >= SURE_MS * MS
    assert run.verdict == "load-bound"


async def test_a_rate_no_sender_can_offer_is_flagged() -> None:
    load = Load(rate_per_s=50_000_000, duration_s=1, most_in_flight=500, drain_s=0.5)
    async with line() as shared:
        run = await asyncio.wait_for(open_loop(shared.connect, load), 60)
    assert run.load_bound
    assert run.verdict == "load-bound"
    assert "could not offer 5e+07/s" in run.why
    assert run.achieved_per_s < load.rate_per_s / 2


async def test_a_refused_message_ends_the_run_as_an_error() -> None:
    load = Load(rate_per_s=20, duration_s=30, payload_bytes=64)
    async with line(limits=Limits(text_bytes=32)) as shared:
        with pytest.raises(RefusedError, match="text_too_long"):
            await asyncio.wait_for(open_loop(shared.connect, load), 20)


async def test_a_cancelled_run_leaves_nothing_behind() -> None:
    load = Load(rate_per_s=100, duration_s=30)
    async with line() as shared:
        running = asyncio.ensure_future(open_loop(shared.connect, load))
        await shared.said.wait()
        shared.relay.stall()
        running.cancel()
        await asyncio.wait([running], timeout=20)
        assert running.cancelled()
        shared.relay.resume()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in left if "_say" in repr(task.get_coro())]

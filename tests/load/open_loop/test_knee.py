"""The search for the knee: correct on every monotone model, with the reason of its end."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load.open_loop.knee import (
    FEWEST_MESSAGES,
    Bracket,
    Found,
    Knee,
    Limit,
    Outcome,
    Step,
    patiently,
    reason,
    search,
    step,
    sweep,
)
from lab.load.open_loop.load import LATE_NS, Load, OpenLoop, told
from lab.measure import histogram
from lab.measure.process import CpuUse
from lab.relay.relay import Network
from tests.load.relayed import line

MS = 1_000_000

# The decision, on models.


def play(bracket: Bracket, model: Callable[[float], Outcome]) -> tuple[Found, dict[float, Outcome]]:
    """Search on a model instead of a transport. No rate is tried twice."""
    searching = search(bracket)
    asked: dict[float, Outcome] = {}
    rate = next(searching)
    try:
        while True:
            assert rate not in asked
            asked[rate] = model(rate)
            rate = searching.send(asked[rate])
    except StopIteration as end:
        return end.value, asked


def model(knee: float, driver: float, beyond: Outcome = "slow") -> Callable[[float], Outcome]:
    """A transport that holds every rate up to `knee`, by a driver that can offer up to `driver`."""

    def outcome(rate: float) -> Outcome:
        if rate > driver:
            return "load-bound"
        return "held" if rate <= knee else beyond

    return outcome


rates = st.floats(1, 1e6)
brackets = st.builds(
    lambda three, growth, tolerance: Bracket(
        floor_per_s=three[0],
        start_per_s=three[1],
        ceiling_per_s=three[2],
        growth=growth,
        tolerance=tolerance,
    ),
    st.lists(rates, min_size=3, max_size=3).map(sorted),
    st.floats(1.1, 10),
    st.floats(0.001, 1),
)
failures: st.SearchStrategy[Outcome] = st.sampled_from(["slow", "lost", "overloaded"])


@given(brackets, rates, failures)
def test_the_knee_of_any_model_is_found_within_the_tolerance(
    bracket: Bracket, knee: float, beyond: Outcome
) -> None:
    found, asked = play(bracket, model(knee, math.inf, beyond))
    if knee < bracket.floor_per_s:
        assert found == Found(None, "floor")
    elif knee >= bracket.ceiling_per_s:
        assert found == Found(bracket.ceiling_per_s, "ceiling")
    else:
        assert found.limit == "knee"
        assert found.rate_per_s is not None
        assert found.rate_per_s <= knee
        assert knee < found.rate_per_s * (1 + bracket.tolerance)
    assert all(bracket.floor_per_s <= rate <= bracket.ceiling_per_s for rate in asked)


@given(brackets, rates, rates)
def test_a_driver_that_gives_out_first_is_named_as_the_limit(
    bracket: Bracket, knee: float, driver: float
) -> None:
    found, asked = play(bracket, model(knee, driver))
    held = [rate for rate, outcome in asked.items() if outcome == "held"]
    missed = [rate for rate, outcome in asked.items() if outcome != "held"]
    assert found.rate_per_s == max(held, default=None)
    if not missed:
        assert found.limit == "ceiling"
    elif asked[min(missed)] == "load-bound":
        assert found.limit == "load"
        assert driver < min(missed)
    else:
        assert found.limit == ("knee" if held else "floor")
        assert knee < min(missed) <= driver


@given(brackets, st.lists(st.sampled_from(["held", "slow", "lost", "overloaded", "load-bound"])))
def test_a_noisy_transport_ends_the_search_all_the_same(
    bracket: Bracket, outcomes: list[Outcome]
) -> None:
    answers = iter(outcomes)
    found, asked = play(bracket, lambda _rate: next(answers, "slow"))
    # Growth and halving both are geometric, so both are logarithmic in what they cover.
    across = math.log(bracket.ceiling_per_s / bracket.floor_per_s) / math.log(bracket.growth)
    halvings = math.log2(math.log(bracket.growth) / math.log1p(bracket.tolerance))
    assert len(asked) <= across + max(halvings, 0) + 5
    assert found.rate_per_s is None or asked[found.rate_per_s] == "held"


def test_it_grows_by_factors_and_then_halves_the_logarithm() -> None:
    bracket = Bracket(start_per_s=100, ceiling_per_s=1000, floor_per_s=50, growth=2, tolerance=0.2)
    found, asked = play(bracket, model(450, math.inf))
    assert [round(rate) for rate in asked] == [100, 200, 400, 800, 566, 476]
    assert found == Found(400, "knee")


def test_it_goes_down_from_a_start_that_is_too_high() -> None:
    bracket = Bracket(start_per_s=800, ceiling_per_s=900, floor_per_s=50, growth=4, tolerance=1)
    found, asked = play(bracket, model(60, math.inf))
    assert [round(rate) for rate in asked] == [800, 200, 50, 100]
    assert found == Found(50, "knee")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"floor_per_s": 0}, "0 < floor <= start <= ceiling <= 1,000,000,000 per s, not 0, 100"),
        ({"floor_per_s": 101}, "not 101, 100, 100000"),
        ({"ceiling_per_s": 99}, "not 50, 100, 99"),
        ({"ceiling_per_s": math.inf}, "not 50, 100, inf"),
        ({"start_per_s": math.nan}, "not 50, nan, 100000"),
        ({"growth": 1}, "growth must be from 1.1 to 100, not 1"),
        ({"tolerance": 0}, "tolerance must be from 0.001 to 1, not 0"),
    ],
)
def test_an_impossible_bracket_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Bracket(**changes)


# What a run says of its rate.


def run(latency_ns: int, cpu: CpuUse | None = None, **changes: Any) -> OpenLoop:
    """100 messages in a second, all equal."""
    times = [number * 10 * MS for number in range(1, 101)]
    latency = told(times, times, [each + latency_ns for each in times], 1)
    whole = OpenLoop(
        load=Load(rate_per_s=100, duration_s=1),
        offering_ns=1000 * MS,
        elapsed_ns=1000 * MS,
        sent=100,
        completed=100,
        replies_lost=0,
        deliveries_lost=0,
        out_of_order=0,
        overloaded=False,
        closed=[],
        late=histogram.from_samples([MS] * 100),
        reply=latency,
        delivery=latency,
        cpu=cpu,
    )
    return msgspec.structs.replace(whole, **changes)


BUSY_LOAD = CpuUse(wall_ns=100, load_cpu_ns=95, server_cpu_ns=40)
BUSY_SERVER = CpuUse(wall_ns=100, load_cpu_ns=40, server_cpu_ns=99)
LATE = histogram.from_samples([2 * LATE_NS] * 100)


@pytest.mark.parametrize(
    ("tried", "outcome", "words"),
    [
        (run(20 * MS), "held", "100 messages sent when due"),
        (run(20 * MS, BUSY_LOAD), "held", "100 messages sent when due"),
        (run(60 * MS), "slow", "p99 was 60.0 ms, more than 50 ms"),
        (run(60 * MS, BUSY_SERVER), "slow", "p99 was 60.0 ms, more than 50 ms"),
        (run(60 * MS, BUSY_LOAD), "load-bound", "no CPU left while the server had: p99 was 60.0"),
        (run(20 * MS, deliveries_lost=1), "lost", "1 deliveries never came"),
        (run(20 * MS, BUSY_LOAD, replies_lost=1), "load-bound", "the server had: 1 replies"),
        (run(20 * MS, overloaded=True), "overloaded", "10000 messages were in flight"),
        (run(20 * MS, BUSY_SERVER, late=LATE), "load-bound", "could not offer 100/s"),
        (run(61_000 * MS), "slow", "100 deliveries took longer than any histogram holds"),
    ],
)
def test_each_outcome_has_its_reason(tried: OpenLoop, outcome: Outcome, words: str) -> None:
    judged = step(tried, 50 * MS)
    assert judged.outcome == outcome
    assert words in judged.why


def test_a_step_keeps_what_a_plot_needs() -> None:
    judged = step(run(20 * MS, BUSY_SERVER), 50 * MS)
    assert judged.p50_ns == judged.p99_ns == pytest.approx(20 * MS, rel=0.001)
    assert judged.uncorrected_p99_ns == judged.p99_ns
    assert (judged.rate_per_s, judged.achieved_per_s, judged.goodput_per_s) == (100, 100, 100)
    assert judged.saturated == "server"
    assert msgspec.json.decode(msgspec.json.encode(judged), type=Step) == judged


def test_a_step_in_which_nothing_arrived_has_no_percentiles() -> None:
    nothing = told([], [], [], 1)
    judged = step(run(MS, delivery=nothing, deliveries_lost=100), 50 * MS)
    assert judged.p50_ns is judged.p99_ns is judged.uncorrected_p99_ns is None
    assert judged.outcome == "lost"


@pytest.mark.parametrize(
    ("outcomes", "limit"),
    [
        (["held"], "ceiling"),
        (["slow", "held"], "ceiling"),
        (["load-bound", "slow", "held"], "ceiling"),
        (["slow", "slow", "slow"], "floor"),
        (["slow", "slow", "load-bound"], "load"),
        (["lost"], "floor"),
        (["slow", "overloaded"], "floor"),
    ],
)
def test_a_rate_is_tried_again_where_it_was_slow_or_load_bound(
    outcomes: list[Outcome], limit: str
) -> None:
    bracket = Bracket(start_per_s=200, ceiling_per_s=200, floor_per_s=200)
    searching = patiently(search(bracket), tries=3)
    assert next(searching) == 200
    for outcome in outcomes[:-1]:
        assert searching.send(outcome) == 200
    with pytest.raises(StopIteration) as end:
        searching.send(outcomes[-1])
    assert end.value.value.limit == limit


HELD = step(run(MS), 50 * MS)
SLOW = msgspec.structs.replace(step(run(60 * MS), 50 * MS), rate_per_s=200)
SLOWER = msgspec.structs.replace(step(run(90 * MS), 50 * MS), rate_per_s=400)
UNOFFERED = msgspec.structs.replace(step(run(MS, late=LATE), 50 * MS), rate_per_s=300)


@pytest.mark.parametrize(
    ("found", "steps", "words"),
    [
        (Found(100, "knee"), [HELD, SLOWER, SLOW], "held 100/s; at 200/s p99 was 60.0 ms"),
        (
            Found(100, "load"),
            [HELD, UNOFFERED],
            "held 100/s, and the load is the limit: at 300/s the load could not offer 100/s",
        ),
        (
            Found(None, "load"),
            [UNOFFERED],
            "nothing can be said, since the load is the limit: at 300/s the load could not",
        ),
        (Found(100, "ceiling"), [HELD], "held 100/s, the highest rate that was to be tried"),
        (
            Found(None, "floor"),
            [SLOWER, SLOW],
            "not even the lowest rate was held: at 200/s p99 was 60.0 ms, more than 50 ms",
        ),
    ],
)
def test_the_end_of_a_search_has_its_reason(found: Found, steps: list[Step], words: str) -> None:
    assert reason(found, steps).startswith(words)


# On a real line.


def consistent(knee: Knee, bracket: Bracket, limit: Limit | None = None) -> None:
    held = [one.rate_per_s for one in knee.steps if one.outcome == "held"]
    assert knee.rate_per_s == max(held, default=None)
    assert knee.steps[0].rate_per_s == bracket.start_per_s
    assert limit is None or knee.limit == limit, knee.why
    assert msgspec.json.decode(msgspec.json.encode(knee), type=Knee) == knee


async def test_a_sweep_keeps_every_step_and_shows_each_as_it_ends() -> None:
    bracket = Bracket(start_per_s=200, ceiling_per_s=400, floor_per_s=200, tolerance=0.5)
    load = Load(rate_per_s=1, duration_s=0.5, members_per_room=2)
    shown: list[tuple[Step, OpenLoop]] = []
    async with line() as shared:
        sweeping = sweep(
            shared.connect,
            load,
            bracket,
            p99_bound_ns=30_000 * MS,
            server_pid=os.getpid(),
            watch=lambda one, run: shown.append((one, run)),
        )
        knee = await asyncio.wait_for(sweeping, 60)
    consistent(knee, bracket)
    assert [one for one, _ in shown] == knee.steps
    assert [run.load.rate_per_s for _, run in shown] == [one.rate_per_s for one in knee.steps]
    assert len({run.load.room for _, run in shown}) == len(shown), "each in rooms of its own"
    assert all(one.lost == 0 and one.p99_ns is not None for one in knee.steps)
    assert all(one.saturated != "unknown" for one in knee.steps)


async def test_a_line_slower_than_the_bound_has_no_knee() -> None:
    bracket = Bracket(start_per_s=400, ceiling_per_s=400, floor_per_s=200)
    load = Load(rate_per_s=1, duration_s=0.5)
    async with line(Network(delay_ns=30 * MS)) as shared:
        knee = await asyncio.wait_for(sweep(shared.connect, load, bracket), 60)
    consistent(knee, bracket)
    assert knee.rate_per_s is None, "60 ms there and back are more than 50"
    assert knee.limit in ("floor", "load")
    assert len(knee.steps) == 2
    assert "200/s" in knee.why


async def test_a_driver_that_cannot_offer_any_rate_says_so() -> None:
    rate = 20_000_000
    bracket = Bracket(start_per_s=rate, ceiling_per_s=rate, floor_per_s=rate)
    load = Load(rate_per_s=1, duration_s=0.5, most_in_flight=300, drain_s=0.2)
    async with line() as shared:
        knee = await asyncio.wait_for(sweep(shared.connect, load, bracket), 60)
    consistent(knee, bracket, "load")
    assert knee.rate_per_s is None
    assert knee.why.startswith("nothing can be said, since the load is the limit: at 20000000/s")


@pytest.mark.parametrize(
    ("duration_s", "bound_ns", "words"),
    [
        (1, 50 * MS, "floor_per_s must be at least 100, not 50"),
        (10, 0, "p99_bound_ns must be at least 1, not 0"),
    ],
)
async def test_an_impossible_sweep_is_refused(duration_s: float, bound_ns: int, words: str) -> None:
    assert Bracket().floor_per_s * duration_s < FEWEST_MESSAGES or not bound_ns
    async with line() as shared:
        load = Load(rate_per_s=1, duration_s=duration_s)
        with pytest.raises(ValueError, match=words):
            await sweep(shared.connect, load, p99_bound_ns=bound_ns)


async def test_a_rate_that_was_slow_is_tried_again() -> None:
    bracket = Bracket(start_per_s=200, ceiling_per_s=200, floor_per_s=200)
    load = Load(rate_per_s=1, duration_s=0.6)
    async with line() as shared:
        stalling = asyncio.ensure_future(shared.stall(after_s=0.05))
        sweeping = sweep(shared.connect, load, bracket, p99_bound_ns=300 * MS, tries=3)
        knee = await asyncio.wait_for(sweeping, 60)
        await stalling
    consistent(knee, bracket)
    outcomes = [one.outcome for one in knee.steps]
    assert outcomes[0] in ("slow", "load-bound")
    # How many more there are is the machine's matter: the first that was held is the last.
    assert len(outcomes) == (outcomes.index("held") + 1 if "held" in outcomes else 3)
    assert {one.rate_per_s for one in knee.steps} == {200}

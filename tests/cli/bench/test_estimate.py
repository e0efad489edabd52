"""How long a run will take, as it is said before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from lab import record
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.estimate import estimate_s, sentence
from lab.cli.bench.plan import FleetPlan, Plan, plan_from_record
from lab.load.durations import DURATIONS
from lab.load.profiles import PROFILES
from transports import registry

COMMITTED = Path(__file__).parents[3] / "results" / "reference"


def planned(**given: Any) -> Plan:
    return make_plan(BenchOptions(**{"seed": 1, **given}), Console(quiet=True))


def seconds(plan: Plan) -> float:
    found = estimate_s(plan)
    assert found is not None
    return found


def test_each_profile_keeps_to_its_time() -> None:
    assert seconds(planned(profile="full", transports=None)) < 25 * 60
    assert seconds(planned()) < 3 * 60
    for profile, known in DURATIONS.items():
        assert set(PROFILES[profile].experiments) == set(known)


COMPLETE = [
    run
    for run in record.list_runs([COMMITTED])[0]
    if set(run.transports) <= set(registry.available())
]


@pytest.mark.parametrize("run", COMPLETE, ids=lambda run: run.id)
def test_the_estimate_fits_the_committed_runs(run: record.Run) -> None:
    taken = sum(one.seconds for one in run.info.passes)
    assert taken == pytest.approx(seconds(plan_from_record(run.info)), rel=0.2)


def test_more_of_everything_takes_longer() -> None:
    least = seconds(planned(transports=["websocket"], passes=1))
    more: list[dict[str, Any]] = [
        {"transports": ["websocket", "socketio"], "passes": 1},
        {"transports": ["websocket"], "passes": 2},
        {"transports": ["websocket"], "passes": 1, "rounds": 9},
        {"transports": ["websocket"], "passes": 1, "profile": "full"},
    ]
    assert all(seconds(planned(**given)) > least for given in more)
    plain = planned(profile="full", transports=["websocket-aiohttp"], experiments=("handshake",))
    both = planned(transports=["websocket-aiohttp"], tls=True, experiments=("handshake",))
    assert seconds(plain) > 0
    assert seconds(both) > seconds(
        planned(transports=["websocket-aiohttp"], experiments=("handshake",))
    )


def test_the_sentence_counts_passes_and_minutes() -> None:
    short = planned(transports=["websocket"], experiments=("bytes",))
    assert sentence(short) == "1 pass, about 1 minute on two cores with nothing else to do"
    assert str(sentence(planned(profile="full"))).startswith("13 passes, about ")


def test_what_is_not_known_is_not_said() -> None:
    plan = planned(transports=["websocket"])
    fleet = FleetPlan("127.0.0.1:1", "127.0.0.1", ["a"])
    for change in ({"client": "browser"}, {"fleet": fleet}, {"experiments": ("harness",)}):
        other = msgspec.structs.replace(plan, **change)
        assert estimate_s(other) is None
        assert sentence(other) is None

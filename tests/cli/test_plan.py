"""What a run is going to do, as its record keeps it."""

from __future__ import annotations

import os

import pytest

from lab.cli.plan import Plan
from lab.load.profiles import Client, Driver


@pytest.mark.parametrize(
    ("driver", "client", "processes"),
    [("raw", "python", 3), ("library", "python", 1), ("raw", "browser", 1)],
)
def test_in_how_many_processes_the_load_may_be_is_kept(
    driver: Driver, client: Client, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1000, 1001, 1002, 1003})
    plan = Plan(
        profile="quick",
        settings="equal",
        wires=["websocket"],
        seed=1,
        passes=1,
        experiments=("throughput",),
        arrivals="constant",
        driver=driver,
        client=client,
        rounds=1,
    )
    assert plan.constants()["load_processes"] == processes

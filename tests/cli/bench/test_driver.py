"""One driver for all transports of a run: raw where it can be, and said where it can't."""

from __future__ import annotations

import pytest

from lab.cli.bench.driver import choose_driver
from lab.load.profiles import EXPERIMENTS, Driver
from lab.report.model.titles import DRIVEN
from transports import registry

SPOKEN = ("websocket", "socketio-polling")


@pytest.mark.parametrize(
    ("asked", "transports", "experiments", "driver", "said"),
    [
        (None, SPOKEN, ("throughput",), "raw", []),
        ("raw", SPOKEN, ("throughput",), "raw", []),
        ("library", SPOKEN, ("throughput",), "library", []),
        ("library", ("sse",), ("throughput",), "library", []),
        (None, ("sse",), ("latency", "bytes"), "raw", []),
        (
            None,
            ("websocket", "sse"),
            ("latency", "throughput", "payload"),
            "library",
            ["throughput, payload by library clients: no raw client speaks sse"],
        ),
        (
            "raw",
            ("websocket", "sse", "htmlfile"),
            ("fan_out",),
            "raw",
            ["fan_out without sse, htmlfile: no raw client speaks it"],
        ),
        (None, ("websocket", "loopback"), ("throughput",), "raw", []),
        (None, ("loopback",), ("throughput",), "library", []),
    ],
)
def test_one_driver_asks_all_transports(
    asked: Driver | None,
    transports: tuple[str, ...],
    experiments: tuple[str, ...],
    driver: Driver,
    said: list[str],
) -> None:
    told: list[str] = []
    assert choose_driver(asked, transports, experiments, told.append) == driver
    assert told == said


def test_the_quick_run_of_the_core_transports_is_raw() -> None:
    assert choose_driver(None, registry.CORE, EXPERIMENTS, lambda _: None) == "raw"


def test_the_tables_say_who_asked_wherever_that_was_chosen() -> None:
    assert {name for name, found in EXPERIMENTS.items() if found.driven} == DRIVEN

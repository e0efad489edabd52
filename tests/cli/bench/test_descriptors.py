"""What is said of file descriptors before a run: by whom they are needed, and the command."""

from __future__ import annotations

import sys

import click
import msgspec
import pytest

from lab.cli.bench import descriptors
from lab.cli.bench.plan import Plan
from lab.measure import descriptors as limits


def plan(*experiments: str, profile: str = "full") -> Plan:
    return Plan(
        rounds=2,
        profile=profile,
        settings="equal",
        transports=["loopback", "websocket", "socketio-polling"],
        seed=1,
        passes=1,
        experiments=experiments,
        arrivals="constant",
    )


def test_who_needs_more_than_there_are_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "raise_limit", lambda: 20_000)
    (said,) = descriptors.shortages(plan("memory", "idle"))
    assert said.startswith("memory: socketio-polling: 10000 connections need 20256")
    assert "ulimit -n 20256" in said
    assert said.endswith("measured with 9872")
    monkeypatch.setattr(limits, "raise_limit", lambda: 1024)
    said = " ".join(descriptors.shortages(plan("memory", "idle", profile="quick")))
    assert said.count("not measured") == 4


def test_nothing_is_said_where_nothing_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "raise_limit", lambda: 100)
    assert list(descriptors.shortages(plan("latency"))) == []
    monkeypatch.setattr(limits, "raise_limit", lambda: sys.maxsize)
    assert list(descriptors.shortages(plan("memory", "idle"))) == []


def test_an_experiment_that_no_transport_can_have_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "raise_limit", lambda: 256)
    assert descriptors.measurable(plan("latency", "memory", "idle")).experiments == ("latency",)
    with pytest.raises(click.UsageError, match="ulimit -n 10256"):
        descriptors.measurable(plan("memory", "idle"))


def test_an_experiment_that_one_transport_can_have_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "raise_limit", lambda: 12_000)
    assert descriptors.measurable(plan("memory", "idle")) == plan("memory", "idle")


def test_a_replica_needs_what_its_transport_needs() -> None:
    both = msgspec.structs.replace(plan("latency"), transports=["websocket", "websocket~2"])
    assert descriptors.measurable(both) == both

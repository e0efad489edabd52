"""The files of a run as types: what lab.record writes and reads. See results/README.md."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lab.measure.figures import Counts

SCHEMA = 1
"""Raised whenever an older reader would misread a newer run."""

Status = Literal["running", "complete", "partial", "void"]
Settings = Literal["equal", "stock"]

RUN_FILE = "run.json"
ENVIRONMENT_FILE = "environment.json"
HISTOGRAMS_FILE = "histograms.json"


class RecordError(Exception):
    """A run can't be written, found or read; the message names the file and says what to do."""


class Wire(msgspec.Struct, kw_only=True):
    """What a wire of the run was made of, and the settings it was run with."""

    stack: dict[str, Any] = {}
    settings_shown: dict[str, Any] = {}


class PassInfo(msgspec.Struct, kw_only=True):
    """One interleaved sweep. `file` is None where a void pass left no results; `void` says why.

    `other_load_cores`: how many cores other programs kept busy meanwhile; None: not known.
    """

    index: int
    file: str | None
    seconds: float
    order: list[str]
    void: str | None = None
    other_load_cores: float | None = None


class Resumed(msgspec.Struct, kw_only=True):
    """When an interrupted run was gone on with (UTC, ISO 8601), and at which commit, if known."""

    at: str
    commit: str | None


class RunInfo(msgspec.Struct, kw_only=True):
    """`run.json`. Times are UTC, ISO 8601. `wires` keeps the order in which they are shown."""

    schema: int
    id: str
    started: str
    finished: str | None
    status: Status
    profile: str
    settings: Settings
    wires: dict[str, Wire]
    seed: int
    constants: dict[str, Any]
    limits: dict[str, Any]
    passes: list[PassInfo]
    planned_passes: int
    command: list[str]
    resumed: list[Resumed] = []


class Benchmark(msgspec.Struct):
    """One entry of pytest-benchmark's JSON, as far as the lab reads it."""

    name: str
    extra_info: Counts


class PassFile(msgspec.Struct):
    """`passes/pass-NN.json`: what pytest-benchmark wrote, as far as the lab reads it."""

    benchmarks: list[Benchmark]

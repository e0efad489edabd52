"""The files of a run as types. results/README.md documents them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lab.measure.figures import Counts

SCHEMA = 2
"""The version of the files. It rises when an older reader would misread a newer run."""

Status = Literal["running", "complete", "partial", "void"]
Settings = Literal["equal", "stock"]

RUN_FILE = "run.json"
ENVIRONMENT_FILE = "environment.json"
HISTOGRAMS_FILE = "histograms.json"


class RecordError(Exception):
    """A run can't be written, found or read. The message names the file and says what to do."""


class Transport(msgspec.Struct, kw_only=True):
    """The libraries of a transport in this run, its effective settings, and which limit it is.

    `limit`: of a baseline, `one_each` or `gathered`: what it writes at once. Otherwise None.
    """

    stack: dict[str, Any] = {}
    settings_shown: dict[str, Any] = {}
    limit: str | None = None


class PassInfo(msgspec.Struct, kw_only=True):
    """One interleaved sweep. `file` is None if a void pass left no results; `void` says why.

    `other_load_cores`: how many cores other programs kept busy meanwhile; None: unknown.
    """

    index: int
    file: str | None
    seconds: float
    order: list[str]
    void: str | None = None
    other_load_cores: float | None = None


class Resumed(msgspec.Struct, kw_only=True):
    """When an interrupted run was continued (UTC, ISO 8601), and at which commit, if known."""

    at: str
    commit: str | None


class RunInfo(msgspec.Struct, kw_only=True):
    """`run.json`. Times are UTC, ISO 8601. `transports` is in the order in which they are shown."""

    schema: int
    id: str
    started: str
    finished: str | None
    status: Status
    profile: str
    settings: Settings
    transports: dict[str, Transport]
    seed: int
    constants: dict[str, Any]
    limits: dict[str, Any]
    passes: list[PassInfo]
    planned_passes: int
    command: list[str]
    resumed: list[Resumed] = []


class Benchmark(msgspec.Struct):
    """One entry of pytest-benchmark's JSON: the part that the lab reads."""

    name: str
    extra_info: Counts


class PassFile(msgspec.Struct):
    """`passes/pass-NN.json`, written by pytest-benchmark: the part that the lab reads."""

    benchmarks: list[Benchmark]

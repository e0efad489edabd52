"""How a run is read back, checked against the schema: a damaged one is named, never half-read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lab.record.run import Run
from lab.record.schema import (
    ENVIRONMENT_FILE,
    RUN_FILE,
    SCHEMA,
    PassFile,
    RecordError,
    RunInfo,
)

T = TypeVar("T")


class _Versioned(msgspec.Struct):
    schema: int


def load(path: Path) -> Run:
    """The run in the folder `path`, every valid pass read and checked.

    A run still marked running is partial: it is being written, or its writer is gone. Raises
    RecordError naming the file that is missing, damaged or of a newer schema.
    """
    folder = Path(path)
    content = _read(folder / RUN_FILE)
    _check_schema(content, folder / RUN_FILE)
    info = _decode(content, RunInfo, folder / RUN_FILE)
    if info.status == "running":
        info.status = "partial"
    environment: dict[str, Any] = {}
    if (folder / ENVIRONMENT_FILE).exists():  # absent if killed within the first milliseconds
        raw = _read(folder / ENVIRONMENT_FILE)
        environment = _decode(raw, dict[str, Any], folder / ENVIRONMENT_FILE)
    passes = {
        each.index: read_pass(_read(folder / each.file), folder / each.file)
        for each in info.passes
        if each.void is None and each.file is not None
    }
    return Run(folder, info, environment, passes)


def read_pass(content: bytes, named: Path | str) -> PassFile:
    """What pytest-benchmark wrote, checked. Raises RecordError calling it by `named`."""
    return _decode(content, PassFile, named)


def list_runs(results_dirs: Iterable[Path]) -> tuple[list[Run], list[str]]:
    """Every readable run, oldest first, and a line for each that is damaged or too new."""
    runs, problems = [], []
    for folder in _folders(results_dirs):
        try:
            runs.append(load(folder))
        except RecordError as error:
            problems.append(str(error))
    return sorted(runs, key=lambda run: (run.info.started, run.id)), problems


def find(name: str | None, results_dirs: Sequence[Path]) -> tuple[Run, list[str]]:
    """The run called `name`, with the problems of runs that had to be skipped.

    `name` is an id or the path of a run's folder. None is the newest run with a valid pass in the
    first folder that has one: give `results` first and `results/reference` after it. Raises
    RecordError, listing what exists, where there is no such run.
    """
    if name is not None:
        return _named(name, results_dirs), []
    skipped: list[str] = []
    for results in results_dirs:
        runs, problems = list_runs([results])
        skipped += problems
        if usable := [run for run in runs if run.passes]:
            return usable[-1], skipped
    raise RecordError("\n".join(["there is no run yet; make one with: lab bench", *skipped]))


def _named(name: str, results_dirs: Sequence[Path]) -> Run:
    for folder in _folders(results_dirs):
        if folder.name == name:
            return load(folder)
    if (Path(name) / RUN_FILE).is_file():
        return load(Path(name))
    names = [folder.name for folder in _folders(results_dirs)]
    existing = "existing runs: " + ", ".join(names) if names else "there is none yet: lab bench"
    raise RecordError(f"no run called {name!r}; {existing}")


def _folders(results_dirs: Iterable[Path]) -> list[Path]:
    """The folders that hold a run.json, by name, so oldest first."""
    found = (path for results in results_dirs for path in Path(results).glob(f"*/{RUN_FILE}"))
    return sorted((path.parent for path in found), key=lambda folder: folder.name)


def _check_schema(content: bytes, path: Path) -> None:
    """Before anything else is read: a newer schema may have changed everything else."""
    found = _decode(content, _Versioned, path).schema
    if found > SCHEMA:
        raise RecordError(
            f"{path}: schema {found}, but this version knows schemas up to {SCHEMA}; "
            "upgrade transport-lab to read it"
        )


def _decode(content: bytes, kind: type[T], path: Path | str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: damaged: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: can't be read: {error.strerror or error}") from error

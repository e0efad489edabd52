"""Reads runs and checks them against the schema. A damaged run is reported, never half-read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lab.record import upgrade
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


def _as_it_is(found: Any) -> Any:
    return found


class _Versioned(msgspec.Struct):
    schema: int


def load(path: Path) -> Run:
    """Read the run in the folder `path`, with every valid pass checked.

    A run that is marked running becomes partial: it is being written, or its writer is gone. Raises
    RecordError with the file that is missing, damaged or of a newer schema.
    """
    folder = Path(path)
    content = _read(folder / RUN_FILE)
    schema = _check_schema(content, folder / RUN_FILE)
    info = _decode(content, RunInfo, folder / RUN_FILE, lambda it: upgrade.run_info(it, schema))
    if info.status == "running":
        info.status = "partial"
    environment: dict[str, Any] = {}
    if (folder / ENVIRONMENT_FILE).exists():  # absent if killed within the first milliseconds
        raw = _read(folder / ENVIRONMENT_FILE)
        environment = _decode(raw, dict[str, Any], folder / ENVIRONMENT_FILE)
    passes = {
        each.index: read_pass(_read(folder / each.file), folder / each.file, schema)
        for each in info.passes
        if each.void is None and each.file is not None
    }
    return Run(folder, info, environment, passes)


def read_pass(content: bytes, named: Path | str, schema: int = SCHEMA) -> PassFile:
    """Read and check pytest-benchmark's JSON. Raises RecordError, in which `named` names it.

    `schema` is the schema of the run to which the pass belongs.
    """
    return _decode(content, PassFile, named, lambda found: upgrade.pass_file(found, schema))


def list_runs(results_dirs: Iterable[Path]) -> tuple[list[Run], list[str]]:
    """Every readable run, oldest first, and a line for each run that is damaged or too new."""
    runs, problems = [], []
    for folder in _folders(results_dirs):
        try:
            runs.append(load(folder))
        except RecordError as error:
            problems.append(str(error))
    return sorted(runs, key=lambda run: (run.info.started, run.id)), problems


def find(name: str | None, results_dirs: Sequence[Path]) -> tuple[Run, list[str]]:
    """The run `name`, and the problems of runs that were skipped.

    `name` is an id, or the path of a run's folder or of a file in it. None: the newest run with a
    valid pass in the first folder that has one; so give `results` before `results/reference`.
    Raises RecordError with a list of the runs if there is no such run.
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
    if (found := _folder_at(Path(name))) is not None:
        return load(found)
    names = [folder.name for folder in _folders(results_dirs)]
    existing = "existing runs: " + ", ".join(names) if names else "there is none yet: lab bench"
    raise RecordError(f"no run called {name!r}; {existing}")


def _folder_at(path: Path) -> Path | None:
    """The run's folder at this path, or the folder of the file at it: a shell completes both."""
    try:
        folder = path.parent if path.is_file() else path
        return folder if (folder / RUN_FILE).is_file() else None
    except (OSError, ValueError):  # not a path: too long, or with a NUL in it
        return None


def _folders(results_dirs: Iterable[Path]) -> list[Path]:
    """The folders with a run.json by name, which is oldest first."""
    found = (path for results in results_dirs for path in Path(results).glob(f"*/{RUN_FILE}"))
    return sorted((path.parent for path in found), key=lambda folder: folder.name)


def _check_schema(content: bytes, path: Path) -> int:
    """The run's schema. It is read first, because a newer schema may change everything else."""
    found = _decode(content, _Versioned, path).schema
    if found > SCHEMA:
        raise RecordError(
            f"{path}: schema {found}, but this version knows schemas up to {SCHEMA}; "
            "upgrade transport-lab to read it"
        )
    return found


def _decode(
    content: bytes, kind: type[T], path: Path | str, upgraded: Callable[[Any], Any] = _as_it_is
) -> T:
    try:
        return msgspec.convert(upgraded(msgspec.json.decode(content)), type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: damaged: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: can't be read: {error.strerror or error}") from error

"""Writes runs to disk. Every file is written whole or not at all; every finished pass is kept.

`load` can read the folder of a run that was killed at any instant. For that, run.json is written
first and replaced after each pass, and a pass's file is complete before run.json names it.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lab import environment as environment_
from lab.record.reader import load, read_pass
from lab.record.run import Run
from lab.record.schema import (
    ENVIRONMENT_FILE,
    HISTOGRAMS_FILE,
    RUN_FILE,
    SCHEMA,
    PassInfo,
    RecordError,
    RunInfo,
    Settings,
    Status,
    Transport,
)


def create(  # noqa: PLR0913 - a run needs all of these, and each is named at the call
    results_dir: Path,
    profile: str,
    *,
    settings: Settings = "equal",
    transports: Mapping[str, Mapping[str, Any]],
    seed: int,
    planned_passes: int,
    constants: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    command: Sequence[str] = (),
    environment: Mapping[str, Any] | None = None,
) -> RunWriter:
    """Begin a run: make its folder, `run.json` with status running, and `environment.json`.

    `transports` maps each name, in the order in which they are shown, to `{"stack": {...},
    "settings_shown": {...}}`. `environment` None: describe this machine now. Raises RecordError if
    the folder can't be written or a value can't be stored, before anything is measured.
    """
    started = datetime.now(UTC)
    try:
        info = RunInfo(
            schema=SCHEMA,
            id="",
            started=started.isoformat(timespec="seconds"),
            finished=None,
            status="running",
            profile=profile,
            settings=settings,
            transports={
                name: msgspec.convert(about, Transport) for name, about in transports.items()
            },
            seed=seed,
            constants=dict(constants or {}),
            limits=dict(limits or {}),
            passes=[],
            planned_passes=planned_passes,
            command=list(command),
        )
    except msgspec.ValidationError as error:
        raise RecordError(
            f"a transport's description is not as results/README.md has it: {error}"
        ) from None
    folder = _new_folder(Path(results_dir), f"{started:%Y%m%dT%H%M%SZ}-{profile}")
    info.id = folder.name
    writer = RunWriter(folder, info)
    save(folder, ENVIRONMENT_FILE, _json(environment or environment_.describe()))
    return writer


class RunWriter:
    """Writes one run into `folder`: the passes as they finish, then `finish`."""

    def __init__(self, folder: Path, info: RunInfo) -> None:
        self.folder = folder
        self.info = info
        self._let_go = weakref.finalize(self, os.close, _hold(folder))
        self._save_info()

    def add_pass(
        self,
        raw: bytes | Path,
        *,
        order: Sequence[str],
        seconds: float,
        other_load_cores: float | None = None,
    ) -> int:
        """Store a finished pass: pytest-benchmark's JSON, as bytes or as its file.

        `order` is the order in which the transports were measured; `other_load_cores`: see
        `PassInfo`. Returns the pass's index, from 1. Raises RecordError, and stores nothing, if the
        JSON does not have the documented shape.
        """
        return self._append(raw, order, seconds, None, other_load_cores)

    def void_pass(
        self,
        reason: str,
        *,
        order: Sequence[str],
        seconds: float,
        raw: bytes | Path | None = None,
        other_load_cores: float | None = None,
    ) -> int:
        """Record a pass that does not count, with the reason. Returns its index."""
        return self._append(raw, order, seconds, reason, other_load_cores)

    def finish(self, status: Status | None = None) -> Run:
        """Close the run, write its merged histograms, and return it as `load` reads it.

        Without `status`, a run with all planned passes is complete, one with fewer is partial, and
        one without a valid pass is void.
        """
        self.info.status = status or self._status()
        self.info.finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._save_info()
        self._let_go()
        run = load(self.folder)
        save(self.folder, HISTOGRAMS_FILE, _json(run.encoded_histograms()))
        return run

    def _append(
        self,
        raw: bytes | Path | None,
        order: Sequence[str],
        seconds: float,
        void: str | None,
        other_load_cores: float | None,
    ) -> int:
        index = len(self.info.passes) + 1
        file = None if raw is None else f"passes/pass-{index:02}.json"
        if file is not None and raw is not None:
            content = raw if isinstance(raw, bytes) else raw.read_bytes()
            if void is None:
                read_pass(content, f"pass {index}")
            save(self.folder, file, content)
        self.info.passes.append(
            PassInfo(
                index=index,
                file=file,
                seconds=seconds,
                order=list(order),
                void=void,
                other_load_cores=other_load_cores,
            )
        )
        self._save_info()
        return index

    def _status(self) -> Status:
        valid = sum(each.void is None for each in self.info.passes)
        if not valid:
            return "void"
        return "complete" if valid >= self.info.planned_passes else "partial"

    def _save_info(self) -> None:
        save(self.folder, RUN_FILE, _json(self.info))


def _hold(folder: Path) -> int:
    """Lock a run for one writer, until the returned descriptor is closed or the process ends.

    Raises RecordError if another process, or another writer in this one, holds the lock.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RecordError(f"{folder.name} is being written by another lab bench") from None
    except OSError:
        pass  # a file system without locks: write the run without one
    return descriptor


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a file of a run atomically: at any instant it is the old or the new one.

    `name` is relative to the run's folder. Raises RecordError if it can't be written.
    """
    path = Path(folder) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise RecordError(f"{path} can't be written: {error.strerror or error}") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    # In the same folder, because a rename is atomic only within one file system.
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as temporary:
        try:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.fchmod(
                temporary.fileno(), 0o644
            )  # tempfile's own mode 0600 would hide a published run from other users
            Path(temporary.name).replace(path)
        except BaseException:  # also on Ctrl-C, leave no temporary file
            Path(temporary.name).unlink(missing_ok=True)
            raise


def _new_folder(results: Path, name: str) -> Path:
    """Make a new folder. A second run of the same second gets a suffix."""
    try:
        results.mkdir(parents=True, exist_ok=True)
        for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
            try:
                (results / f"{name}{suffix}").mkdir()
            except FileExistsError:
                continue
            return results / f"{name}{suffix}"
    except OSError as error:
        why = error.strerror or error
        raise RecordError(
            f"the results folder {results} can't be written: {why}; choose another with --results"
        ) from error
    raise RecordError(f"{results} holds 999 runs named {name}")


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"

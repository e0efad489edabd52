"""How a run gets onto the disk: every file whole or not at all, every finished pass kept.

A run that is killed at any instant leaves a folder that `load` reads: run.json is written first and
replaced after each pass, and a pass's file stands before run.json names it.
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
    Wire,
)


def create(  # noqa: PLR0913 - a run is described by no less, and each is named at the call
    results_dir: Path,
    profile: str,
    *,
    settings: Settings = "equal",
    wires: Mapping[str, Mapping[str, Any]],
    seed: int,
    planned_passes: int,
    constants: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    command: Sequence[str] = (),
    environment: Mapping[str, Any] | None = None,
) -> RunWriter:
    """Begin a run: its folder, `run.json` with status running, and `environment.json`.

    `wires` maps each name, in the order to show them, to `{"stack": {...}, "settings_shown":
    {...}}`. `environment` is described here and now where none is given. Nothing has been measured
    yet when this raises RecordError because the folder can't be written or a value can't be kept.
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
            wires={name: msgspec.convert(about, Wire) for name, about in wires.items()},
            seed=seed,
            constants=dict(constants or {}),
            limits=dict(limits or {}),
            passes=[],
            planned_passes=planned_passes,
            command=list(command),
        )
    except msgspec.ValidationError as error:
        raise RecordError(
            f"a wire's description is not as results/README.md has it: {error}"
        ) from None
    folder = _new_folder(Path(results_dir), f"{started:%Y%m%dT%H%M%SZ}-{profile}")
    info.id = folder.name
    writer = RunWriter(folder, info)
    save(folder, ENVIRONMENT_FILE, _json(environment or environment_.describe()))
    return writer


class RunWriter:
    """The pen of one run: passes as they finish, then `finish`. `folder` is where it all goes."""

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
        """Keep a finished pass: pytest-benchmark's JSON, as bytes or as the file it wrote.

        `order` is the order in which the wires took their turns; `other_load_cores` see `PassInfo`.
        Returns the pass's index, from 1. Raises RecordError where the JSON isn't of the schema;
        nothing is kept then.
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
        """Note a pass that doesn't count, and why. Returns its index."""
        return self._append(raw, order, seconds, reason, other_load_cores)

    def finish(self, status: Status | None = None) -> Run:
        """Close the run, write its merged histograms and return it as `load` sees it.

        Without `status` it is complete with all its planned passes, partial with fewer, and void
        without a single valid one.
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
    """Keep a run to one writer: a descriptor that holds it until it is closed, or we are gone.

    Raises RecordError where another process, or another writer in this one, has it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RecordError(f"{folder.name} is being written by another lab bench") from None
    except OSError:
        pass  # a file system without locks: the run is held by nobody, and written all the same
    return descriptor


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a file of a run atomically: it is the old one or the new one, whatever happens.

    `name` is relative to the run's folder. Raises RecordError where it can't be written.
    """
    path = Path(folder) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise RecordError(f"{path} can't be written: {error.strerror or error}") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    # In the same folder, since a rename is atomic only within one file system.
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as temporary:
        try:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.fchmod(temporary.fileno(), 0o644)  # tempfile's own 0600 is not for publishing
            Path(temporary.name).replace(path)
        except BaseException:  # Ctrl-C too leaves no debris
            Path(temporary.name).unlink(missing_ok=True)
            raise


def _new_folder(results: Path, name: str) -> Path:
    """A folder that nobody else has: two runs of the same second get a suffix."""
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

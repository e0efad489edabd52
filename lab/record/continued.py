"""Continues an interrupted run, if nothing that matters has changed.

All passes of a run must be of one machine, one installation and one workload. Otherwise its ratios
mean nothing. If one of these has changed, begin a new run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lab import environment as environment_
from lab.record.reader import load
from lab.record.run import Run, unlike
from lab.record.schema import SCHEMA, RecordError, Resumed, Transport
from lab.record.writer import RunWriter


def resume(
    folder: Path,
    *,
    transports: Mapping[str, Mapping[str, Any]],
    constants: Mapping[str, Any],
    limits: Mapping[str, Any],
    environment: Mapping[str, Any] | None = None,
) -> RunWriter:
    """A writer for the missing passes of a partial run.

    The other arguments say how the run would begin now; see `create`. Raises RecordError with the
    reasons if that differs from how it began, if no pass is missing, or if another process is
    writing it.
    """
    run = load(folder)
    if len(run.info.passes) >= run.info.planned_passes:
        raise RecordError(f"{run.id} has all of its {run.info.planned_passes} passes")
    now = Run(
        run.folder,
        msgspec.structs.replace(
            run.info,
            transports={
                name: msgspec.convert(_plain(about), Transport)
                for name, about in transports.items()
            },
            constants=_plain(constants),
            limits=_plain(limits),
        ),
        dict(environment or environment_.describe()),
        {},
    )
    if run.info.schema != SCHEMA:  # its file would hold the names of two schemas
        raise RecordError(
            f"{run.id} was begun with schema {run.info.schema}, and this version writes schema "
            f"{SCHEMA}: it can be read, but not continued; begin a new run"
        )
    if reasons := [*unlike(run, now), *changed(run, now)]:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        raise RecordError(f"{run.id} can't be continued here and now:\n{listed}\nbegin a new run")
    run.info.status = "running"
    run.info.finished = None
    at = datetime.now(UTC).isoformat(timespec="seconds")
    run.info.resumed.append(Resumed(at=at, commit=commit_of(now)))
    return RunWriter(run.folder, run.info)


def changed(then: Run, now: Run) -> list[str]:
    """Differences that two comparable runs may have, but not two halves of one run."""
    found = _differences(_libraries(then), _libraries(now))
    found += [
        f"transport {name}: not available"
        for name in then.transports
        if name not in now.info.transports
    ]
    for name in set(then.transports) & set(now.transports):
        if then.info.transports[name] != now.info.transports[name]:
            found.append(f"transport {name}: its stack or settings have changed")
    return found


def _libraries(run: Run) -> dict[str, Any]:
    return dict(run.environment.get("libraries") or {})


def commit_of(run: Run) -> str | None:
    """The commit at which the run was made; None outside a checkout.

    A run may continue at another commit, because most commits change no measurement. The run keeps
    the commit beside the time, and the report warns of it.
    """
    found: str | None = (run.environment.get("git") or {}).get("commit")
    return found


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = sorted(then.keys() | now.keys())
    pairs = ((name, then.get(name, "none"), now.get(name, "none")) for name in names)
    return [f"{name}: {one} then, {two} now" for name, one, two in pairs if one != two]


def _plain(value: Any) -> Any:
    """The value after JSON and back: tuples are lists, keys are strings."""
    return msgspec.json.decode(msgspec.json.encode(value))

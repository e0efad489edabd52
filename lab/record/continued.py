"""How an interrupted run goes on: after `writer`, whose pen is taken up where it was laid down.

One run is one set of passes of one machine, one installation and one workload, or none of its
ratios means anything: what has changed since is a reason to begin anew.
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
from lab.record.schema import RecordError, Resumed, Wire
from lab.record.writer import RunWriter


def resume(
    folder: Path,
    *,
    wires: Mapping[str, Mapping[str, Any]],
    constants: Mapping[str, Any],
    limits: Mapping[str, Any],
    environment: Mapping[str, Any] | None = None,
) -> RunWriter:
    """The pen of a partial run, for the passes that it still lacks.

    The rest is what the run would be begun with here and now; see `create`. Raises RecordError
    with the reasons where that is not what it was begun with, where no pass is missing, or where
    somebody is writing it.
    """
    run = load(folder)
    if len(run.info.passes) >= run.info.planned_passes:
        raise RecordError(f"{run.id} has all of its {run.info.planned_passes} passes")
    now = Run(
        run.folder,
        msgspec.structs.replace(
            run.info,
            wires={name: msgspec.convert(_plain(about), Wire) for name, about in wires.items()},
            constants=_plain(constants),
            limits=_plain(limits),
        ),
        dict(environment or environment_.describe()),
        {},
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
    """What two runs may differ in and still be compared, but no two halves of one run."""
    found = _differences(_libraries(then), _libraries(now))
    found += [f"wire {name}: not available" for name in then.wires if name not in now.info.wires]
    for name in set(then.wires) & set(now.wires):
        if then.info.wires[name] != now.info.wires[name]:
            found.append(f"wire {name}: its stack or settings have changed")
    return found


def _libraries(run: Run) -> dict[str, Any]:
    return dict(run.environment.get("libraries") or {})


def commit_of(run: Run) -> str | None:
    """The commit that the run was made at; None outside a checkout.

    Another one is no reason to refuse, since most commits change no measurement: it is kept beside
    the time, and the report warns of it.
    """
    found: str | None = (run.environment.get("git") or {}).get("commit")
    return found


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = sorted(then.keys() | now.keys())
    pairs = ((name, then.get(name, "none"), now.get(name, "none")) for name in names)
    return [f"{name}: {one} then, {two} now" for name, one, two in pairs if one != two]


def _plain(value: Any) -> Any:
    """As it reads after a way through JSON: tuples are lists, keys are strings."""
    return msgspec.json.decode(msgspec.json.encode(value))

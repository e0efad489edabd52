"""A run that goes on: on the same machine, with the same workload, by one writer, or not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab import record
from lab.record import RecordError, RunWriter
from lab.report.model.summary import summarise
from tests.report.factory import ENVIRONMENT, Made, _about, begin, make, pass_json

HALF = Made(passes=2, planned=4, transports=("loopback", "websocket"), samples=50)


def again(folder: Path, **changes: Any) -> RunWriter:
    """Resume it as it was begun, but for the changes."""
    begun: dict[str, Any] = {
        "transports": {transport: _about(transport) for transport in HALF.transports},
        "constants": HALF.constants,
        "limits": {"text_bytes": 4096},
        "environment": ENVIRONMENT,
    }
    return record.resume(folder, **(begun | changes))


def test_the_missing_passes_are_added_to_those_that_there_are(tmp_path: Path) -> None:
    half = make(tmp_path, HALF)
    kept = {path.name: path.read_bytes() for path in (half.folder / "passes").iterdir()}
    writer = again(half.folder)
    assert record.load(half.folder).info.status == "partial", "while it is being written"
    for index in (3, 4):
        assert writer.add_pass(pass_json(HALF, index), order=HALF.transports, seconds=1) == index
    run = writer.finish()
    assert (run.info.status, list(run.passes), len(run.info.resumed)) == (
        "complete",
        [1, 2, 3, 4],
        1,
    )
    assert (run.id, run.info.started) == (half.id, half.info.started)
    assert {name: (run.folder / "passes" / name).read_bytes() for name in kept} == kept


def test_a_run_that_was_killed_goes_on_like_one_that_was_interrupted(tmp_path: Path) -> None:
    writer = begin(tmp_path, HALF)
    writer.add_pass(pass_json(HALF, 1), order=HALF.transports, seconds=1)
    folder = writer.folder
    del writer  # as if its process were gone: run.json still says running
    assert again(folder).add_pass(pass_json(HALF, 2), order=HALF.transports, seconds=1) == 2


def test_a_run_has_one_writer(tmp_path: Path) -> None:
    writer = begin(tmp_path, HALF)
    with pytest.raises(RecordError, match=f"{writer.folder.name} is being written by another"):
        again(writer.folder)
    program = (
        f"import sys; from lab import record; from lab.record import RunWriter\n"
        f"run = record.load({str(writer.folder)!r})\nRunWriter(run.folder, run.info)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is being written by another lab bench" in done.stderr
    writer.finish("partial")
    assert again(writer.folder).folder == writer.folder


def nested(tree: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    below = nested(tree[path[0]], path[1:], value) if len(path) > 1 else value
    return {**tree, path[0]: below}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"environment": nested(ENVIRONMENT, ("machine", "cpu"), "Other")},
            "CPU: Example CPU 3000",
        ),
        (
            {"environment": nested(ENVIRONMENT, ("libraries", "websockets"), "18.0")},
            "websockets: 17.4 then, 18.0 now",
        ),
        ({"constants": {"window": 8, "payload_bytes": 32}}, "window: 16 against 8"),
        ({"limits": {"text_bytes": 1}}, "text_bytes: 4096 against 1"),
        (
            {"transports": {"loopback": {}, "websocket": {}}},
            "transport websocket: its stack or settings",
        ),
        ({"transports": {"websocket": _about("websocket")}}, "transport loopback: not available"),
    ],
)
def test_what_has_changed_since_is_a_reason_to_begin_anew(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    half = make(tmp_path, HALF)
    before = (half.folder / "run.json").read_bytes()
    with pytest.raises(RecordError, match="can't be continued here and now") as refused:
        again(half.folder, **changes)
    assert reason in str(refused.value)
    assert (half.folder / "run.json").read_bytes() == before


def test_another_commit_is_kept_and_warned_of(tmp_path: Path) -> None:
    half = make(tmp_path, HALF)
    writer = again(half.folder, environment=nested(ENVIRONMENT, ("git", "commit"), "89ab"))
    for index in (3, 4):
        writer.add_pass(pass_json(HALF, index), order=HALF.transports, seconds=1)
    run = writer.finish()
    assert [one.commit for one in run.info.resumed] == ["89ab"]
    begun = record.commit_of(half)
    assert begun is not None
    warning = f"begun at commit {begun}, continued at 89ab: check what changed between them"
    assert warning in summarise(run).warnings


def test_a_run_that_lacks_nothing_is_left_alone(tmp_path: Path) -> None:
    whole = make(tmp_path, Made(passes=2, transports=HALF.transports, samples=50))
    with pytest.raises(RecordError, match="has all of its 2 passes"):
        again(whole.folder)


def test_a_run_of_an_older_schema_is_not_continued(tmp_path: Path) -> None:
    half = make(tmp_path, HALF)
    file = half.folder / "run.json"
    found = msgspec.json.decode(file.read_bytes())
    found |= {"schema": 1, "wires": found.pop("transports")}
    file.write_bytes(msgspec.json.encode(found))
    with pytest.raises(RecordError, match="begun with schema 1, and this version writes schema 2"):
        again(half.folder)

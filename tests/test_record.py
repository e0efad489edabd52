"""The record: whole files, readable after any death, and damage called by its name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import record
from lab.measure import histogram
from lab.measure.figures import BY_KEY, FIGURES, Figure
from lab.record import SCHEMA, Difference, RecordError
from tests.report.factory import TRANSPORTS, Made, begin, make, pass_json

SMALL = Made(passes=2, transports=("loopback", "websocket"), samples=50)
RTT = BY_KEY["rtt_p50_us"]
DELIVERIES = BY_KEY["deliveries_per_s_10"]


COMMITTED = sorted(
    path.parent for path in (Path(__file__).parent.parent / "results").glob("*/*/summary.json")
)
"""The calibration of the link has no figures, and so no summary."""


def values(run: record.Run, figure: Figure) -> dict[str, dict[str, float]]:
    """Transport -> pass -> value, as summary.json has it."""
    return {
        transport: {str(index): value for index, value in run.values(transport, figure).items()}
        for transport in run.transports
    }


def rewrite(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    made = make(tmp_path, SMALL)
    run = record.load(made.folder)
    assert run.info == made.info
    assert run.environment == SMALL.environment
    assert (run.info.status, run.info.profile, run.info.settings) == ("complete", "quick", "equal")
    assert run.transports == ["loopback", "websocket"]
    assert list(run.passes) == [1, 2]
    assert files(run.folder) == {
        "run.json",
        "environment.json",
        "histograms.json",
        "passes/pass-01.json",
        "passes/pass-02.json",
    }


def test_a_pass_is_kept_as_the_tool_wrote_it(tmp_path: Path) -> None:
    writer = begin(tmp_path, SMALL)
    raw = pass_json(SMALL, 1)
    source = tmp_path / "raw.json"
    source.write_bytes(raw)
    assert writer.add_pass(source, order=SMALL.transports, seconds=1) == 1
    assert (writer.folder / "passes/pass-01.json").read_bytes() == raw


def test_the_environment_is_described_where_none_is_given(tmp_path: Path) -> None:
    writer = record.create(tmp_path, "quick", transports={}, seed=1, planned_passes=1)
    assert record.load(writer.folder).environment["machine"]["cores"] == os.cpu_count()


def test_values_are_per_valid_pass(tmp_path: Path) -> None:
    writer = begin(tmp_path, Made(passes=3, transports=SMALL.transports, samples=50))
    for index in (1, 2, 3):
        if index == 2:
            writer.void_pass("the server died", order=SMALL.transports, seconds=1)
        else:
            writer.add_pass(pass_json(SMALL, index), order=SMALL.transports, seconds=1)
    run = writer.finish()
    assert run.info.status == "partial"
    assert list(run.values("websocket", RTT)) == [1, 3]
    assert [each.void for each in run.void_passes] == ["the server died"]
    middle = TRANSPORTS["websocket"].rtt_us
    assert all(
        0.7 * middle < value < 1.4 * middle for value in run.values("websocket", RTT).values()
    )


def test_a_void_pass_may_leave_its_results_and_they_do_not_count(tmp_path: Path) -> None:
    writer = begin(tmp_path, SMALL)
    writer.void_pass("cut", order=SMALL.transports, seconds=1, raw=b"half a fi")
    run = writer.finish()
    assert run.info.status == "void"
    assert (run.folder / "passes/pass-01.json").read_bytes() == b"half a fi"
    assert run.values("websocket", RTT) == {}


def test_a_figure_that_lost_messages_has_no_value(tmp_path: Path) -> None:
    run = make(
        tmp_path, Made(passes=2, transports=("websocket",), lost={"websocket": 3}, samples=50)
    )
    assert run.values("websocket", DELIVERIES) == {}
    assert [each.lost for each in run.readings("websocket", DELIVERIES)] == [3, 3]
    assert len(run.values("websocket", RTT)) == 2


def test_histograms_are_merged_over_passes(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    stored = json.loads((run.folder / "histograms.json").read_text())
    assert histogram.decode(stored["test_rtt[websocket]"]).count == 2 * SMALL.samples
    assert run.merged("websocket", RTT).count == 2 * SMALL.samples
    percentile, ns = run.percentile_curve("websocket", RTT)
    assert len(percentile) == len(ns) > 10


def test_runs_of_the_same_second_do_not_collide(tmp_path: Path) -> None:
    ids = [begin(tmp_path, SMALL).info.id for _ in range(4)]
    assert len(set(ids)) == 4
    assert all((tmp_path / one / "run.json").is_file() for one in ids)


def test_a_running_run_is_partial_to_whoever_reads_it(tmp_path: Path) -> None:
    writer = begin(tmp_path, SMALL)
    assert json.loads((writer.folder / "run.json").read_text())["status"] == "running"
    assert record.load(writer.folder).info.status == "partial"


DYING = """
import sys
from pathlib import Path
from tests.report.factory import Made, begin, pass_json
made = Made(passes=1000, transports=("loopback", "websocket"), samples=20)
writer = begin(Path(sys.argv[1]), made)
raw = pass_json(made, 1)
while True:
    writer.add_pass(raw, order=made.transports, seconds=1)
    print("pass", flush=True)
"""


@pytest.mark.parametrize("passes", [1, 7, 20])
def test_a_run_killed_at_any_moment_keeps_its_finished_passes(tmp_path: Path, passes: int) -> None:
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", DYING, str(tmp_path)], stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdout is not None
        for _ in range(passes):
            assert child.stdout.readline() == b"pass\n"
        child.send_signal(signal.SIGKILL)
    (run,), problems = record.list_runs([tmp_path])
    assert problems == []
    assert run.info.status == "partial"
    assert len(run.passes) >= passes
    assert len(run.values("websocket", RTT)) == len(run.passes)


def test_a_write_that_fails_leaves_the_old_file_and_no_debris(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.save(tmp_path, "run.json", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError, match=r"run\.json can't be written: No space left"):
        record.save(tmp_path, "run.json", b"new")
    assert (tmp_path / "run.json").read_bytes() == b"old"
    assert files(tmp_path) == {"run.json"}


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    (tmp_path / "results").write_text("a file in its place")
    with pytest.raises(RecordError, match=r"results folder .* can't be written: .*--results"):
        begin(tmp_path / "results", SMALL)


def test_a_transport_described_wrongly_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="stack"):
        record.create(tmp_path, "quick", transports={"w": {"stack": 3}}, seed=1, planned_passes=1)
    assert files(tmp_path) == set()


def test_a_pass_without_counts_is_refused_and_not_kept(tmp_path: Path) -> None:
    writer = begin(tmp_path, SMALL)
    with pytest.raises(RecordError, match="extra_info"):
        writer.add_pass(b'{"benchmarks": [{"name": "x"}]}', order=[], seconds=1)
    assert writer.info.passes == []
    assert not (writer.folder / "passes").exists()


DAMAGES = {
    "run.json": "no json",
    "environment.json": "[1, 2]",
    "passes/pass-02.json": '{"benchmarks": [{"name": "half',
}


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_damage_is_named_and_the_other_runs_are_shown(tmp_path: Path, name: str) -> None:
    good, bad = make(tmp_path, SMALL), make(tmp_path, SMALL)
    (bad.folder / name).write_text(DAMAGES[name])
    with pytest.raises(RecordError, match="damaged"):
        record.load(bad.folder)
    runs, (problem,) = record.list_runs([tmp_path])
    assert [run.id for run in runs] == [good.id]
    assert str(bad.folder / name) in problem
    found, skipped = record.find(None, [tmp_path])
    assert (found.id, skipped) == (good.id, [problem])


def test_a_missing_pass_is_named(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    (run.folder / "passes/pass-01.json").unlink()
    with pytest.raises(RecordError, match=r"pass-01\.json: can't be read"):
        record.load(run.folder)


def test_samples_that_are_no_histogram_are_damage(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    path = run.folder / "passes/pass-01.json"
    raw = json.loads(path.read_text())
    raw["benchmarks"][-4]["extra_info"]["samples_hdr"] = "bm9uc2Vuc2U="
    path.write_text(json.dumps(raw))
    with pytest.raises(RecordError, match=r"pass 1, .* of websocket: damaged"):
        record.load(run.folder)


def test_two_benchmarks_for_one_figure_are_not_guessed_between(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    path = run.folder / "passes/pass-01.json"
    raw = json.loads(path.read_text())
    path.write_text(json.dumps({"benchmarks": raw["benchmarks"] * 2}))
    with pytest.raises(RecordError, match="2 benchmarks give connect_p50_ms of loopback"):
        record.load(run.folder)


def test_a_newer_schema_is_named_with_what_is_known(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    rewrite(run.folder / "run.json", schema=7, transports="a shape of the future")
    with pytest.raises(RecordError, match=rf"run\.json: schema 7, .* up to {SCHEMA}; upgrade"):
        record.load(run.folder)


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda folder: folder.name)
def test_a_committed_run_still_gives_the_values_of_its_summary(folder: Path) -> None:
    """Whatever names its schema has: the summary was derived by the version that made the run."""
    run, kept = record.load(folder), json.loads((folder / "summary.json").read_bytes())
    given = {figure.key: values(run, figure) for figure in FIGURES}
    assert {key: found for key, found in given.items() if any(found.values())} == {
        figure["key"]: {name: cell["values"] for name, cell in figure["cells"].items()}
        for figure in kept["figures"]
    }


def test_there_are_committed_runs_of_an_older_schema() -> None:
    schemas = {json.loads((each / "run.json").read_bytes())["schema"] for each in COMMITTED}
    assert min(schemas) < SCHEMA


def test_a_measure_that_had_another_name_is_read_by_todays(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    entry = json.loads(pass_json(SMALL, 1))["benchmarks"][-1]
    info = entry["extra_info"] | {"experiment": "fan_out", "measure": "fan_out", "room_size": 1000}
    path = run.folder / "passes/pass-01.json"
    path.write_text(json.dumps({"benchmarks": [entry | {"extra_info": info}]}))
    large = BY_KEY["deliveries_per_s_1000"]
    assert record.load(run.folder).readings(info["transport"], large) == []
    rewrite(run.folder / "run.json", schema=1)
    assert len(record.load(run.folder).readings(info["transport"], large)) == 1


def test_fields_of_the_future_do_not_disturb(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    rewrite(run.folder / "run.json", mood="good")
    assert record.load(run.folder).info == run.info


def test_the_newest_run_is_found_before_the_reference(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "reference"]
    reference = make(tmp_path / "reference", SMALL)
    assert record.find(None, places)[0].id == reference.id
    make(tmp_path, SMALL)
    newest = make(tmp_path, SMALL)
    begin(tmp_path, SMALL)  # without a pass there is nothing to show
    found, skipped = record.find(None, places)
    assert (found.folder, skipped) == (newest.folder, [])


def test_a_run_is_found_by_id_and_by_folder(tmp_path: Path) -> None:
    first, second = make(tmp_path, SMALL), make(tmp_path / "reference", SMALL)
    places = [tmp_path, tmp_path / "reference"]
    assert record.find(first.id, places)[0].folder == first.folder
    assert record.find(str(second.folder), [])[0].id == second.id


def test_an_unknown_run_lists_what_exists(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    with pytest.raises(RecordError, match=f"'nope'; existing runs: {run.id}"):
        record.find("nope", [tmp_path])
    with pytest.raises(RecordError, match="there is none yet"):
        record.find("nope", [tmp_path / "empty"])
    with pytest.raises(RecordError, match="no run yet; make one with: lab bench"):
        record.find(None, [tmp_path / "empty"])


def test_the_number_of_passes_does_not_make_runs_unlike(tmp_path: Path) -> None:
    one, two = (make(tmp_path, Made(passes=n, samples=20, constants={"passes": n})) for n in (1, 2))
    assert record.unlike(one, two) == []


def test_a_run_that_does_not_say_how_many_processes_its_load_had_had_one(tmp_path: Path) -> None:
    silent, one, two = (
        make(tmp_path, Made(passes=1, samples=20, constants=told))
        for told in ({}, {"load_processes": 1}, {"load_processes": 2})
    )
    assert record.unlike(silent, one) == []
    assert record.unlike(silent, two) == [Difference("load_processes", "1", "2")]


def test_runs_are_unlike_by_machine_settings_workload_and_limits(tmp_path: Path) -> None:
    base = make(tmp_path, SMALL)
    assert record.unlike(base, make(tmp_path, SMALL)) == []
    other = make(tmp_path, Made(passes=1, samples=20, settings="stock", constants={"window": 1}))
    assert [str(each) for each in record.unlike(base, other)] == [
        "settings: equal against stock",
        "payload_bytes: 32 against none",
        "window: 16 against 1",
    ]

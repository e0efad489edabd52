"""The exports, each read by what reads it elsewhere: a schema, or the tool itself."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cli.export import NAMES
from lab.record import BY_KEY, Run
from lab.report.exports import FORMATS, measured
from tests.report.factory import Made, make

BENCHER = {
    "$id": "https://bencher.dev/bmf.json",
    "$schema": "http://json-schema.org/draft-07/schema",
    "type": "object",
    "patternProperties": {
        ".+": {
            "type": "object",
            "patternProperties": {
                ".+": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "number"},
                        "lower_value": {"type": "number"},
                        "upper_value": {"type": "number"},
                    },
                    "required": ["value"],
                }
            },
        }
    },
}
"""Bencher's published schema of its metric format."""
GITHUB_ACTION = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "unit": {"type": "string"},
            "value": {"type": "number"},
            "range": {"type": "string"},
            "extra": {"type": "string"},
        },
        "required": ["name", "unit", "value"],
        "additionalProperties": False,
    },
}
"""What the README of github-action-benchmark says of customSmallerIsBetter; it has no schema."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = Made(transports=("loopback", "websocket", "socketio"), samples=100, lost={"socketio": 1})
    return make(tmp_path_factory.mktemp("results"), made)


def exported(run: Run, form: str) -> Any:
    return json.loads(FORMATS[form](run))


def test_csv_has_a_row_for_each_value(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](run))))
    assert len(rows) == sum(len(each.cell.values) for each in measured(run))
    for row in rows[:: len(rows) // 50]:
        values = run.values(row["transport"], BY_KEY[row["figure"]])
        assert float(row["value"]) == values[int(row["pass"])]
        assert row["unit"] == BY_KEY[row["figure"]].unit


def test_pytest_benchmark_itself_compares_the_export(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "0001_run.json"
    path.write_text(FORMATS["pytest-benchmark"](run), encoding="utf-8")
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(path), "--columns=mean"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = done.stdout + done.stderr
    for each in exported(run, "pytest-benchmark")["benchmarks"]:
        assert each["name"] in shown


def test_pytest_benchmarks_statistics_are_in_seconds(run: Run) -> None:
    found = {each["name"]: each for each in exported(run, "pytest-benchmark")["benchmarks"]}
    each = found["rtt_p50_us[websocket]"]
    values = run.values("websocket", BY_KEY["rtt_p50_us"])
    assert each["stats"]["mean"] == pytest.approx(sum(values.values()) / len(values) / 1e6)
    assert each["stats"]["rounds"] == len(values)
    assert each["stats"]["ops"] == pytest.approx(1 / each["stats"]["mean"])
    assert not [name for name in found if "deliveries" in name]


def test_github_action_benchmark_gets_what_its_readme_describes(run: Run) -> None:
    entries = exported(run, "github-action-benchmark")
    jsonschema.validate(entries, GITHUB_ACTION)
    names = [each["name"] for each in entries]
    assert len(set(names)) == len(names)
    assert "websocket: RTT, p50" in names
    assert not [name for name in names if "deliveries" in name], "more of these is better"


def test_bencher_gets_its_metric_format(run: Run) -> None:
    found = exported(run, "bencher")
    jsonschema.validate(found, BENCHER)
    measure = found["websocket"]["rtt-p50-us"]
    assert measure["lower_value"] <= measure["value"] <= measure["upper_value"]
    slugs = {slug for measures in found.values() for slug in measures}
    assert max(map(len, slugs)) <= 64


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "csv"])
def test_a_void_figure_is_not_exported(run: Run, form: str) -> None:
    text = FORMATS[form](run)
    assert "socketio" in text
    for lost in ("server_cpu_us_per_delivery_10", "server CPU per delivery, room of 10"):
        for name in (f"{lost}[socketio]", f"socketio: {lost}"):
            assert f'"{name}"' not in text
    if form == "bencher":
        assert "server-cpu-us-per-delivery-10" not in json.loads(text)["socketio"]


def lab(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_writes_what_the_function_makes(run: Run, form: str, tmp_path: Path) -> None:
    printed = lab(run.folder, "--format", form)
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.replace("\r\n", "\n") == FORMATS[form](run).replace("\r\n", "\n")
    file = tmp_path / "out"
    assert lab(run.folder, "--format", form, "-o", file).exit_code == 0
    assert file.read_text(encoding="utf-8") == FORMATS[form](run).replace("\r\n", "\n")


def test_the_command_knows_every_format(run: Run) -> None:
    assert tuple(FORMATS) == NAMES
    assert "left out: figures that are no times" in lab(run.folder, "--format", NAMES[1]).stderr
    assert lab(run.folder, "--format", "xml").exit_code == 2
    assert lab(run.folder / "none", "--format", "csv").exit_code == 2
    refused = lab(run.folder, "--format", "csv", "-o", run.folder / "run.json" / "out")
    assert refused.exit_code == 1
    assert "can't be written" in refused.stderr

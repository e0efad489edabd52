"""`lab gate`: what it records and prints, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab import record
from lab.cli import main
from lab.cli.gate.measure import FEWEST, MOST, choose_passes
from lab.report.model.sides import Noise
from tests.gate.wheels import tiny_wheel

TINY = ("--experiment", "latency", "--rounds", "1", "--passes", "1", "--noise-passes", "1")


def gate(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["gate", *map(str, arguments)])


def command(versions: str, folder: Path) -> list[str]:
    """`lab gate` in a process of its own, with its temporary files and results in `folder`."""
    where = ["--results", str(folder / "results")]
    return [sys.executable, "-m", "lab.cli", "gate", "--versions", versions, *TINY, *where]


@pytest.fixture
def versions(tmp_path: Path) -> str:
    return ",".join(str(tiny_wheel(tmp_path, version)) for version in ("1.0", "2.0"))


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of this process and of its children."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_a_gate_of_two_versions(versions: str, environ: Path, tmp_path: Path) -> None:
    page = tmp_path / "gate.html"
    words = [*command(versions, tmp_path), "--json", "--html", str(page)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 2, done.stderr
    found = json.loads(done.stdout)
    assert (found["verdict"], found["exit_code"], found["passes"]) == ("can't tell", 2, 1)
    names = tuple(Path(path).name for path in versions.split(","))
    assert (found["baseline"], found["candidate"]) == names
    assert {each["transport"] for each in found["figures"]} == {"websocket"}
    assert {each["passes"] for each in found["figures"]} == {1}
    assert {each["figure"] for each in found["noise"]} >= {"rtt_p50_us", "rtt_p99_us"}
    runs = {name: record.load(tmp_path / "results" / id_) for name, id_ in found["runs"].items()}
    sides = {name: run.info.constants["sides"] for name, run in runs.items()}
    assert sides["noise"] == dict.fromkeys(("websocket", "websocket~2"), names[0])
    assert sides["gate"] == {"websocket": names[0], "websocket~2": names[1]}
    (one,) = runs["gate"].info.passes
    assert sorted(one.order) == ["websocket", "websocket~2"], "a pass has both sides"
    text = (runs["gate"].folder / "run.json").read_text()
    assert str(tmp_path) not in text, "a run has no path"
    assert page.read_text().startswith("<!doctype html>")
    assert list(environ.glob("lab-gate-*")) == []
    refused = CliRunner().invoke(
        main, ["bench", "--resume", runs["gate"].id, "--results", str(tmp_path / "results")]
    )
    assert refused.exit_code == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_gate_leaves_no_environment(
    versions: str, environ: Path, tmp_path: Path, number: signal.Signals
) -> None:
    running = subprocess.Popen(
        command(versions, tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("base: ")
        assert len(list(environ.glob("lab-gate-*"))) == 1
        running.send_signal(number)
        said, _ = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 128 + number, said
    assert list(environ.glob("lab-gate-*")) == []
    assert "--resume" not in said, "its environments are gone"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--base REV or --versions"),
        (("--base", "HEAD", "--versions", "a==1,a==2"), "--base REV or --versions"),
        (("--versions", "a==1"), "two sides"),
        (("--base", "HEAD", "--json", "--markdown"), "give one"),
        (("--base", "HEAD", "--experiment", "bytes"), "bytes"),
        (("--base", "no-such-revision"), "no-such-revision"),
        (("--base", "HEAD", "--transports", "loopback"), "loopback"),
    ],
)
def test_a_gate_that_cannot_be_is_refused_with_the_reason(
    arguments: tuple[str, ...], said: str, environ: Path
) -> None:
    result = gate(*arguments)
    assert result.exit_code == 2, "1 would say that something is slower"
    assert said in result.stderr
    assert result.stdout == ""
    assert list(environ.glob("lab-gate-*")) == []


def noisy(*passes: int | None) -> list[Noise]:
    """Figures that need so many passes."""
    return [
        Noise(figure="x", transport="y", ratio=1, deviation=0.1, passes=each, differs=False)
        for each in passes
    ]


@pytest.mark.parametrize(
    ("needed", "chosen"),
    [((5, 6), FEWEST), ((5, 23), 23), ((5, 900), MOST), ((5, None), MOST), ((), FEWEST)],
)
def test_the_noisiest_figure_decides_how_many_passes_there_are(
    needed: tuple[int | None, ...], chosen: int
) -> None:
    assert choose_passes(noisy(*needed)) == chosen


def test_the_help_says_what_the_exit_codes_mean() -> None:
    text = re.sub(r"\s+", " ", gate("--help").output)
    assert "exit code is 0 if no figure is slower" in text
    assert "Examples: lab gate --base" in text

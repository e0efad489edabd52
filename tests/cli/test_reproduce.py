"""`lab reproduce`, as a person runs it."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from lab.cli import main, umea
from lab.interop.node import node_unavailable
from lab.link import unavailable
from lab.measure.figures.loss import ONE_WAY_MS
from lab.reproduce import cometd, received
from lab.reproduce.responses import Responses
from lab.reproduce.umea import CASES
from tests.interop.conftest import needs
from transports._shared.extras import missing

FEW_FILES = 100


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["reproduce", *arguments], env={"COLUMNS": "80"})


def words(result: Result) -> str:
    """What was printed, without how it was broken into lines."""
    return " ".join(result.output.split())


def test_quantum_prints_their_table_ours_and_a_verdict() -> None:
    result = lab("quantum", "--transports", "websocket,socketio-polling", "--messages", "3")
    assert result.exit_code == 0, result.output
    said = words(result)
    for figure in ("6,968,000", "69,680,000", "696,800,000", "16,000", "160,000", "1,600,000"):
        assert figure in said
    assert "websocket 0.0 0.0 2.0" in said
    assert "Their 2 bytes a message hold for the frame header: websocket has 2 B down" in said
    for left_out in ("mask", "4 from 126 B", "TCP/IP: 40 B", "event", "short polling"):
        assert left_out in said
    assert max(map(len, result.output.splitlines())) <= 80


def test_quantum_says_which_transports_it_leaves_out() -> None:
    result = lab(
        "quantum", "--transports", "loopback,websocket", "--messages", "1", "--payload", "200"
    )
    assert result.exit_code == 0, result.output
    assert "left out: loopback" in words(result)
    assert "do not hold: websocket has 4 B" in words(result)


def test_compression_prints_three_tables_or_says_which_is_missing() -> None:
    result = lab("compression", "--passes", "1", "--messages", "200")
    assert result.exit_code == 0, result.output
    said = words(result)
    for title in ("(Positronic)", "(Mattermost)"):
        assert title in said
    assert ("(ws)" in said) == (node_unavailable() is None)
    assert ("there is no Node here" in said) == (node_unavailable() is not None)
    assert "They measure different things" in said
    assert max(map(len, result.output.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("quantum", "--transports", "pigeon"),
            "no transport pigeon; there are loopback, websocket",
        ),
        (
            ("quantum", "--transports", "loopback"),
            "no bytes to count on loopback: choose a transport with a socket",
        ),
        (("quantum", "--payload", "7"), "8<=x<=65536"),
        (("quantum", "--payload", "65537"), "8<=x<=65536"),
        (("quantum", "--messages", "0"), "1<=x<=1000"),
        (("cometd", "--scale", "0"), "0.01<=x<=1"),
        (("cometd", "--scale", "1.5"), "0.01<=x<=1"),
        (("cometd", "--scale", "much"), "'much' is not a valid float range"),
        (("cometd", "--scale", "nan"), "nan is not a finite number"),
        (("cometd", "--batches", "9"), "10<=x<=1000"),
        (("compression", "--passes", "0"), "1<=x<=50"),
        (("compression", "--messages", "99"), "100<=x<=100000"),
        (("umea", "--passes", "0"), "1<=x<=100"),
        (("umea", "--messages", "4"), "5<=x<=1000"),
        (("umea", "--seed", "-1"), "0<=x<=4294967295"),
        (("relativity",), "No such command 'relativity'"),
    ],
)
def test_bad_input_is_named_with_what_is_allowed(
    arguments: tuple[str, ...], complaint: str
) -> None:
    result = lab(*arguments)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.replace("│", " ").split())


def test_quantum_that_could_not_count_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "through", lambda url, port, relay: url)
    result = lab("quantum", "--transports", "websocket", "--messages", "2")
    assert result.exit_code == 1
    assert "Error: websocket: expected 2 messages" in words(result)


def test_cometd_prints_published_beside_measured() -> None:
    result = lab("cometd", "--scale", "0.01", "--batches", "10")
    assert result.exit_code == 0, result.output
    said = words(result)
    for figure in ("clients 1,000 10", "share of responses 39.28%", "deliveries/s 91,853"):
        assert figure in said
    for difference in (
        "Scale: 0.01 times the clients",
        "/meta/connect",
        "own copy: 100 of",
        "Jetty",
    ):
        assert difference in said
    assert max(map(len, result.output.splitlines())) <= 80


def test_cometd_finds_a_scale_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cometd, "SCALES", (0.01, 0.015))
    monkeypatch.setattr(cometd, "TRIAL_BATCHES", 10)
    result = lab("cometd", "--batches", "10")
    assert result.exit_code == 0, result.output
    said = words(result)
    assert "scale 0.01: " in said
    assert "of the rate, as the published run did" in said


def test_cometd_voids_what_was_not_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cometd, "count_responses", lambda chunks: Responses(1, 2, 1, 2))
    result = lab("cometd", "--scale", "0.01", "--batches", "10")
    assert result.exit_code == 1
    assert "void: the clients counted" in words(result)
    assert "the bytes hold 2" in words(result)
    assert "Verdict" not in result.output


def test_too_few_open_files_are_said_before_anything_is_measured() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "lab.cli", "reproduce", "cometd", "--scale", "0.5"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "500 clients need 4,150 open files" in run.stderr
    assert "`ulimit -n 4150`" in run.stderr
    assert run.stdout == ""


def test_umea_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umea, "LIBRARIES", ("no_such_library",))
    result = lab("umea")
    assert result.exit_code == 2
    assert "WebTransport needs no_such_library: " in words(result)
    assert "install" in words(result)


def test_umea_without_the_right_to_open_a_link_measures_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for library in umea.LIBRARIES:
        needs(missing(library))
    monkeypatch.setattr("lab.cli.network.unavailable", lambda: "a link needs root")
    result = lab("umea")
    assert result.exit_code == 2
    assert "a link needs root" in words(result)


def test_umea_prints_both_and_a_verdict_on_each_sentence() -> None:
    needs(unavailable())
    for library in umea.LIBRARIES:
        needs(missing(library))
    # A program of its own, because one without root goes on in a user namespace.
    run = subprocess.run(
        [sys.executable, "-m", "lab.cli", "reproduce", "umea", "--passes=1", "--messages=5"],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert run.returncode == 0, run.stderr
    rows = re.findall(r"^ +(\d+) % +([\d.,]+) +([\d.,]+) +([\d.,]+) +([\d.,]+)", run.stdout, re.M)
    assert [int(percent) for percent, *_ in rows] == [percent for _, percent in CASES]
    p50s = [float(row[at].replace(",", "")) for row in rows for at in (1, 4)]
    assert min(p50s) >= 1.9 * ONE_WAY_MS, "two ways of the link, however fast the machine"
    said = " ".join(run.stdout.split())
    assert said.count("undecided") == 3, "there is no interval of one pass"
    assert "not measured" in said
    assert max(map(len, run.stdout.splitlines())) <= 80

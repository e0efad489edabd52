"""Whatever optional part is missing: every command works, or says in a sentence what to install."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from lab.cli import COMMANDS
from tests.interop.conftest import needs
from tests.optional.environment import LIBUV, PARTS, Environment, absent, make
from transports import registry

PATIENCE_S = 120
MEASURED = {"bare": "websocket,node,peers", "whole": "node-websocket,peers"}
"""Environment -> the transports to measure: one that needs no part, and those that need one."""
LEAST = ("--experiment", "handshake", "--passes", "1", "--rounds", "1")

SURVEY = """
import json
from lab.cli import main
from lab.interop.chromium import chromium_unavailable
from lab.interop.node import node_unavailable
from transports import registry
reasons = {name: registry.unavailable(name) for name in registry.TRANSPORTS}
print(json.dumps({**reasons, "Node": node_unavailable(), "Chromium": chromium_unavailable()}))
main(["list"])
"""
"""Asks everything that can be unavailable, and shows the list."""

NAMED = {
    "node": "needs Node ",
    "the packages of Node": "needs the Node package ",
    "chromium": "needs Chromium: ",
    "playwright": "needs Playwright ",
    LIBUV: "needs libuv",
}
"""Part -> how a reason that is due to it begins, where that is not with the part's own name."""
NEEDED_BY_NONE = {"orjson", "uvloop", "trustme", "the notebooks", "the page"}
"""Parts without which every transport and every client can be had."""

ENDING = {
    "list": [["list"]],
    "bench": [["bench", "--help"]],
    "trace": [["trace", "websocket", "--says", "1"]],
    "handshake-errors": [["handshake-errors", "--case", "right"]],
    "interop": [["interop", "--clients", "websockets", "--patience", "60"]],
    "reproduce": [["reproduce", "quantum", "--transports", "websocket", "--messages", "1"]],
    "claims": [["claims", "no-library"]],
    "code": [["code"]],
    "choose": [["choose", "--server", "python", "--members", "10", "--rooms", "1", "--rate", "5"]],
    "cost": [["cost", "--users", "10", "--rooms", "1", "--rate", "1", "--per", "user"]],
    "course": [["course", "--help"]],
    "doctor": [["doctor"]],
    "docs": [["docs", "--help"]],
    "faults": [["faults", "--help"]],
    "judge": [["judge", "ws://127.0.0.1:8080/", "--list"]],
    "scenario": [["scenario", "list"], ["scenario", "show", "socketio-chat"]],
    "link": [["link"]],
    "probe": [["probe", "--help"]],
    "load": [["load", "--help"]],
    "gate": [["gate", "--help"]],
    "weigh": [["weigh", "--sample", "chat", "--count", "5", "--passes", "5"]],
    "why": [["why", "--help"]],
}
"""Command -> what it is asked here, and ends by itself; `bench` and what reads a run are below."""
STAYING = {
    "chat": (["chat", "--no-open", "--port", "0"], r"the page is at (http://\S+)"),
    "serve": (["serve", "websocket"], r'"port":\s*(\d+)'),
    "cluster": (
        ["cluster", "--transport", "websocket", "--apart"],
        r"node 1 +ws://127\.0\.0\.1:(\d+)",
    ),
    "relay": (["relay", "--to", "127.0.0.1:9"], r"(127\.0\.0\.1:\d+)"),
}
"""Command -> what it is asked, and what it says once it is ready; it stays until Ctrl-C."""
READING = {"report": [], "compare": [], "export": ["--format", "csv"]}
"""Command -> what else it is asked when it reads a run."""
LACKING = {
    "serve": (["serve", "picows"], "needs picows: "),
    "serve --join": (
        ["serve", "websocket", "--join", "redis://localhost"],
        "--join needs redis: ",
    ),
    "serve --tls": (["serve", "websocket", "--tls"], "--tls needs trustme: "),
    "trace": (["trace", "node-websocket"], "needs Node "),
    "cluster": (["cluster"], "needs redis: "),
    "bench": (["bench", "--client", "browser", "--transports", "websocket"], "needs Chromium: "),
    "bench --fleet": (["bench", "--fleet", "dask://127.0.0.1:8786"], "--fleet needs distributed: "),
    "interop": (["interop", "--transports", "uwebsockets"], "needs libuv"),
}
"""Case -> what can't be had without the optional parts, and what the command says then."""


def begins(part: str) -> str:
    """How a reason that is due to this part's absence begins."""
    return NAMED.get(part, f"needs {part}: ")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One with none of the parts: what `make bench` installs, and nothing else."""
    return make(tmp_path_factory.mktemp("bare") / "venv", [])


@pytest.fixture(scope="module", params=["bare", "whole"])
def environment(
    request: pytest.FixtureRequest, bare: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """That one, and one with all the parts that there are here."""
    if request.param == "bare":
        return bare
    there = [part for part in PARTS if absent(part) is None]
    return make(tmp_path_factory.mktemp("whole") / "venv", there)


@pytest.fixture(scope="module")
def requested(environment: Environment, bare: Environment) -> str:
    """The transports and groups to measure in this environment."""
    return MEASURED["bare" if environment is bare else "whole"]


@pytest.fixture(scope="module")
def run(environment: Environment, requested: str) -> tuple[Path, str]:
    """A run that measured the least of `requested`: its folder, and what the command said."""
    results = environment.python.parents[1] / "results"
    said = ended(
        environment.lab("bench", "--transports", requested, *LEAST, "--results", str(results))
    )
    (written,) = results.iterdir()
    return written, said


def ended(process: subprocess.Popen[str], refused: bool = False) -> str:
    """What a program said that ended by itself, without a traceback; with 0 unless `refused`."""
    with process:
        out, err = process.communicate(timeout=PATIENCE_S)
    said = f"{out}\n{err}"
    assert "Traceback" not in said, said
    assert (process.returncode != 0) == refused, said
    return said


def test_every_command_is_tried() -> None:
    assert {*ENDING, *STAYING, *READING} == {*COMMANDS}


@pytest.mark.parametrize(
    "words", [words for each in ENDING.values() for words in each], ids=" ".join
)
def test_a_command_ends_without_a_traceback(environment: Environment, words: list[str]) -> None:
    ended(environment.lab(*words))


@pytest.mark.parametrize("command", STAYING)
def test_a_command_stays_until_it_is_interrupted(environment: Environment, command: str) -> None:
    words, ready = STAYING[command]
    with environment.lab(*words) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert re.search(ready, line), f"{line}{process.communicate(timeout=PATIENCE_S)}"
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert "Traceback" not in err, err


def test_every_transport_that_can_run_is_measured_and_the_others_are_named(
    environment: Environment, requested: str, run: tuple[Path, str]
) -> None:
    written, said = run
    measured = json.loads((written / "run.json").read_text(encoding="utf-8"))["transports"]
    transports = {
        name for each in requested.split(",") for name in registry.GROUPS.get(each, [each])
    }
    reasons, _ = survey(environment)
    assert measured.keys() == {name for name in transports if reasons[name] is None}
    left_out = dict(re.findall(r"(?m)^without (.+?): (.+)$", said))
    named = {name: why for names, why in left_out.items() for name in names.split(", ")}
    assert named == {name: reasons[name] for name in transports - measured.keys()}


@pytest.mark.parametrize("command", READING)
def test_a_run_is_read(environment: Environment, run: tuple[Path, str], command: str) -> None:
    written, _ = run
    ids = [written.name] * (2 if command == "compare" else 1)
    reading = environment.lab(command, *ids, *READING[command], "--results", str(written.parent))
    ended(reading, refused=command == "compare")  # one pass can't tell what is slower


@pytest.mark.parametrize("words, said", LACKING.values(), ids=LACKING)
def test_what_is_missing_is_named_with_what_installs_it(
    bare: Environment, words: list[str], said: str
) -> None:
    shown = " ".join(ended(bare.lab(*words), refused=True).split())
    assert said in shown
    assert "install " in shown


def survey(environment: Environment) -> tuple[dict[str, str | None], str]:
    """Why what can be unavailable is so (every transport, Node and Chromium), and the list."""
    reasons, _, shown = ended(environment.start("-c", SURVEY)).partition("\n")
    return json.loads(reasons), shown


@pytest.mark.parametrize("part", PARTS)
def test_without_a_part_what_needs_it_is_unavailable_and_nothing_else(
    part: str, tmp_path: Path
) -> None:
    gone = {each for each in PARTS if absent(each) is not None}
    needs(absent(part))
    environment = make(tmp_path / "venv", {*PARTS} - gone - {part})
    reasons, shown = survey(environment)
    found = {why for why in reasons.values() if why is not None}
    due = {why for why in found if why.startswith(begins(part))}
    assert bool(due) == (part not in NEEDED_BY_NONE)
    assert not [
        why for why in found - due if all(not why.startswith(begins(each)) for each in gone)
    ]
    assert all(why in shown for name, why in reasons.items() if name in registry.TRANSPORTS and why)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_breaks_nothing(part: str, tmp_path: Path) -> None:
    needs(absent(part))
    survey(make(tmp_path / "venv", [part]))

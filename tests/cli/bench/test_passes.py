"""One pass: what it leaves, what makes it void and what does not, and no process left over."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from lab.cli.bench.passes import PassResult, Progress, run_pass
from lab.record.schema import PassFile
from tests.cli.suite import copy_suite, plant_leaky_transport, still_at_work

LATENCY = ["--transports", "loopback", "--experiments", "latency"]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the suite, which `run_pass` takes for the real one."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "benchmarks", raising=False)
    return copy_suite(tmp_path)


Children = Callable[[], list[psutil.Process]]


@pytest.fixture
def children() -> Children:
    """What this test has started; multiprocessing keeps a process of its own for the session."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: still_at_work(
        [one for one in psutil.Process().children(recursive=True) if one not in before]
    )


def measured(result: PassResult) -> PassFile:
    assert result.json is not None
    return msgspec.json.decode(result.json, type=PassFile)


def test_a_pass_leaves_its_results_and_tells_how_it_gets_on(children: Children) -> None:
    news: list[Progress] = []
    result = run_pass(LATENCY, news.append)
    assert result.void is None
    names = [benchmark.name for benchmark in measured(result).benchmarks]
    assert names == ["test_say_rtt[loopback]", "test_last_of_room[loopback]"]
    assert news[0] == Progress(0, 2, "starting")
    assert [(at.done, at.total) for at in news[1:]] == [(1, 2), (2, 2)]
    assert [at.current for at in news[1:]] == names
    assert children() == []


def test_what_is_skipped_counts_as_done() -> None:
    news: list[Progress] = []
    run_pass(["--transports", "loopback", "--experiments", "latency,round_trips"], news.append)
    assert news[-1].total > 2
    assert news[-1].done == news[-1].total


def test_a_transport_that_loses_messages_voids_its_benchmark_and_not_the_pass(suite: Path) -> None:
    plant_leaky_transport(suite)
    transports = [
        "--transports",
        "loopback,leaky",
        "--experiments",
        "latency",
        "-k",
        "last_of_room",
    ]
    result = run_pass(transports, lambda _: None)
    assert result.void is None
    found = {one.extra_info.transport: one.extra_info for one in measured(result).benchmarks}
    assert found["loopback"].lost == 0
    assert found["leaky"].lost > 0
    assert found["leaky"].lost == found["leaky"].expected - found["leaky"].delivered
    assert found["leaky"].void == f"{found['leaky'].lost} of {found['leaky'].expected} lost"
    assert found["loopback"].void is None


def test_any_other_failure_voids_the_pass_at_once(suite: Path, children: Children) -> None:
    with (suite / "test_latency.py").open("a") as file:
        file.write(
            "\n\ndef test_broken(served: ServedTransport) -> None:\n"
            "    assert 'cheese' == 'chalk'\n"
        )
    news: list[Progress] = []
    result = run_pass([*LATENCY, "-k", "broken or rtt"], news.append)
    assert result.void is not None
    assert "assert 'cheese' == 'chalk'" in result.void
    assert children() == []


def test_a_suite_that_cannot_be_collected_is_void_in_the_words_of_pytest(suite: Path) -> None:
    (suite / "test_latency.py").write_text("import no_such_library\n")
    result = run_pass(LATENCY, lambda _: None)
    assert result.void is not None
    assert result.void.startswith("pytest ended with exit code 2:\n")
    assert "No module named 'no_such_library'" in result.void


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--transports", "nope"], "ERROR: no transport nope; there are loopback, websocket"),
        (["--experiments", "nope"], "ERROR: no experiment nope; there are handshake"),
        (["--profile", "nope"], "invalid choice: 'nope'"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
)
def test_options_that_there_are_not_are_void(arguments: list[str], words: str) -> None:
    result = run_pass(arguments, lambda _: None)
    assert result == PassResult(None, result.void)
    assert result.void is not None
    assert result.void.startswith("pytest ended with exit code 4:\n")
    assert words in result.void


def test_a_pass_that_measures_nothing_is_void() -> None:
    result = run_pass([*LATENCY, "-k", "nothing_is_called_so"], lambda _: None)
    assert result.json is None
    assert result.void is not None
    assert "exit code 5" in result.void


def test_ctrl_c_ends_the_suite_and_its_server(children: Children) -> None:
    seen: list[psutil.Process] = []

    def interrupt(at: Progress) -> None:
        if at.done:
            seen.extend(children())
            raise KeyboardInterrupt

    transports = ["--transports", "websocket", "--experiments", "latency"]
    with pytest.raises(KeyboardInterrupt):
        run_pass(transports, interrupt)
    assert len(seen) == 2, "the suite and its server"
    assert still_at_work(seen) == []
    assert children() == []


def test_the_pass_s_file_holds_no_name_of_the_machine() -> None:
    result = run_pass([*LATENCY, "-k", "rtt"], lambda _: None)
    assert result.json is not None
    assert json.loads(result.json)["machine_info"]["node"] == ""

"""`lab compare`, as a person and as a pipeline use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.record import Run
from tests.report.factory import Made, begin, make, pass_json

TRANSPORTS = ("loopback", "websocket", "socketio")


@pytest.fixture(autouse=True)
def _piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as a pipe is by default, whatever the tests' own terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


def compare(tmp_path: Path, *arguments: object) -> Result:
    """`lab compare` with these arguments."""
    words = ["compare", *arguments, "--results", tmp_path]
    return CliRunner().invoke(main, [str(each) for each in words])


def small(seed: int = 1, noise: float = 0.005, **more: Any) -> Made:
    """A run whose noise is small enough to judge at 5 %."""
    return Made(passes=6, transports=TRANSPORTS, samples=4000, seed=seed, noise=noise, **more)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make(tmp_path_factory.mktemp("base"), small(1))


def document(result: Result) -> dict[str, Any]:
    """The JSON document that a command printed, and nothing else on stdout."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("at", [".", "run.json", "environment.json"])
def test_runs_are_known_by_their_folders_and_by_files_in_them(base: Run, at: str) -> None:
    result = compare(base.folder.parent, base.folder / at, base.folder / at)
    assert result.exit_code == 0, result.output


def sections(output: str) -> tuple[str, str]:
    """What differs, and what doesn't."""
    differs, _, alike = output.partition("No difference was found")
    return differs, alike


def test_real_differences_are_told_from_apparent_ones(base: Run, tmp_path: Path) -> None:
    after = make(tmp_path, small(2, scale={"socketio": 0.7}))
    result = compare(tmp_path, after.folder, base.folder)
    differs, alike = sections(result.output)
    rows = [line for line in differs.splitlines() if "×" in line and "socketio" in line]
    assert len(rows) == 12
    assert all("faster" in line for line in rows)
    assert "websocket" in alike and "no detectable difference" in alike


def test_equal_runs_do_not_differ(base: Run) -> None:
    result = compare(base.folder.parent, base.folder, base.folder)
    assert "No figure differs detectably." in result.output


def test_the_exit_code_and_the_document_say_the_verdict(
    base: Run, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    slower = make(tmp_path, small(2, scale={"socketio": 1.2}))
    noisy = make(tmp_path, small(3, noise=0.2))
    few = make(tmp_path, Made(passes=2, transports=TRANSPORTS, samples=60))
    cases = {
        "faster is no slower": (base, slower, (), "no slower", 0),
        "slower": (slower, base, (), "slower", 1),
        "slower within the tolerance": (slower, base, ("--tolerance", 40), "no slower", 0),
        "too noisy": (noisy, base, (), "can't tell", 2),
        "too few passes": (few, base, (), "can't tell", 2),
    }
    for name, (candidate, baseline, options, verdict, code) in cases.items():
        with subtests.test(name):
            result = compare(tmp_path, candidate.folder, baseline.folder, "--json", *options)
            found = document(result)
            assert (found["verdict"], found["exit_code"], result.exit_code) == (verdict, code, code)
            judged = {each["transport"] for each in found["figures"] if each["outcome"] == verdict}
            assert judged, "no figure bears the verdict out"
            assert verdict != "slower" or judged == {"socketio"}
            assert found["passes_needed"] is None or verdict == "can't tell"
    with subtests.test("the terminal says the same, in words"):
        result = compare(tmp_path, slower.folder, base.folder)
        assert result.exit_code == 1
        assert "verdict: slower by more than 5 % in 12 of 33 figures" in result.output
        few_told = compare(tmp_path, few.folder, base.folder).output
        assert "about 5 passes would tell" in few_told


def test_a_figure_that_only_the_candidate_lost_does_not_pass(base: Run, tmp_path: Path) -> None:
    lossy = make(tmp_path, small(1, lost={"socketio": 1}))
    result = compare(tmp_path, lossy.folder, base.folder)
    assert result.exit_code == 2
    assert "not compared: deliveries, room of 10 of socketio: void (lost 6)" in result.output
    assert compare(tmp_path, base.folder, lossy.folder).exit_code == 0


def test_transports_of_one_run_only_are_named(base: Run, tmp_path: Path) -> None:
    fewer = make(tmp_path, Made(passes=6, transports=("websocket",), samples=60, noise=0.005))
    assert f"only in {base.id}: loopback" in compare(tmp_path, fewer.folder, base.folder).output


def test_runs_without_a_common_transport_cannot_be_judged(base: Run, tmp_path: Path) -> None:
    others = make(tmp_path, Made(passes=6, transports=("socketio-polling",), samples=60))
    result = compare(tmp_path, others.folder, base.folder)
    assert result.exit_code == 2
    assert "no timed figure of both can be compared" in result.output


@pytest.fixture
def stock(tmp_path: Path) -> Run:
    return make(tmp_path, small(1, settings="stock"))


def test_unlike_runs_are_refused_and_what_differs_is_side_by_side(base: Run, stock: Run) -> None:
    result = compare(stock.folder.parent, base.folder, stock.folder)
    assert result.exit_code == 2
    assert ["settings", "equal", "stock"] in [line.split() for line in result.stderr.splitlines()]
    assert "--unlike" in result.stderr
    assert result.stdout == ""


def test_unlike_runs_have_a_verdict_of_their_own_in_json(base: Run, stock: Run) -> None:
    result = compare(stock.folder.parent, base.folder, stock.folder, "--json")
    found = document(result)
    assert (found["verdict"], result.exit_code) == ("unlike", 2)
    assert found["differences"] == [{"name": "settings", "first": "equal", "second": "stock"}]


def test_unlike_runs_are_compared_if_told_to(base: Run, stock: Run) -> None:
    result = compare(stock.folder.parent, base.folder, stock.folder, "--unlike")
    assert result.exit_code == 0
    assert ["settings", "equal", "stock"] in [line.split() for line in result.stderr.splitlines()]
    assert "×" in result.stdout


def test_unlike_workloads_are_shown_value_by_value(tmp_path: Path) -> None:
    runs = []
    for rate in (100, 200):
        loads = {"open_loop": {"arrivals": "poisson", "rates": [rate, 400]}, "seconds": rate}
        writer = begin(tmp_path, small())
        writer.info.constants |= loads
        writer.add_pass(pass_json(small(), 1), order=TRANSPORTS, seconds=1)
        runs.append(writer.finish())
    result = compare(tmp_path, runs[0].id, runs[1].id)
    assert result.exit_code == 2
    rows = [" ".join(line.split()) for line in result.stderr.splitlines()]
    assert "open_loop.rates 100, 400 200, 400" in rows
    assert "seconds 100 200" in rows
    assert "arrivals" not in result.stderr


def test_a_wrong_option_prints_no_document(base: Run) -> None:
    for wrong in (("--tolerance", "-1"), ("--tolerance", "nan"), ("--markdown",)):
        result = compare(base.folder.parent, base.folder, base.folder, "--json", *wrong)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Error:" in result.stderr


def test_the_table_for_a_pull_request_shows_first_what_decides(base: Run, tmp_path: Path) -> None:
    slower = make(tmp_path, small(2, scale={"socketio": 1.2}))
    result = compare(tmp_path, slower.folder, base.folder, "--markdown")
    assert result.exit_code == 1
    seen, _, folded = result.stdout.partition("<details>")
    assert seen.startswith("**Verdict: slower by more than 5 % in 12 of 33 figures**\n")
    for part, transports in ((seen, {"`socketio`"}), (folded, {"`websocket`", "`loopback`"})):
        lines = [line for line in part.splitlines() if line.startswith("|")]
        columns = {line.replace("\\|", "").count("|") for line in lines}
        assert columns == {7}, "a row has more or fewer cells than the head"
        assert {line.split("|")[2].strip() for line in lines[2:]} == transports
    assert result.stdout.count("<details>") == result.stdout.count("</details>") == 1


def test_the_page_of_a_pair_stands_alone(base: Run, stock: Run, tmp_path: Path) -> None:
    from tests.report.test_page import parsed

    page = tmp_path / "new folder" / "pair.html"
    result = compare(tmp_path, base.folder, stock.folder, "--unlike", "--json", "--html", page)
    assert result.exit_code == 0, result.output
    document(result)
    text = page.read_text(encoding="utf-8")
    tags = parsed(text)
    assert tags.stack == []
    links = [value for _, name, value in tags.attributes if name in ("src", "href")]
    assert all(value.startswith(("#", "data:")) for value in links)
    assert "<svg" in text and "settings" in text and base.id in text and stock.id in text


def test_a_page_that_cannot_be_written_is_said_without_a_traceback(
    base: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    page = tmp_path / "file" / "pair.html"
    result = compare(tmp_path, base.folder, base.folder, "--html", page)
    assert result.exit_code == 2, "1 would say that it is slower"
    assert "can't be written" in result.stderr

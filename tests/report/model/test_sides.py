"""Two sides in one run: each replica against its original, pass by pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.record import Run
from lab.report.model.comparison import document
from lab.report.model.sides import compare_sides, noise
from lab.report.model.summary import summarise
from lab.report.text.comparison import decides, markdown
from lab.report.text.sides import noise_table
from tests.report.factory import Made, make

TRANSPORTS = ("websocket", "websocket~2", "socketio", "socketio~2")
FIGURES = 10


def run_of(folder: Path, candidate: str = "new", **more: object) -> Run:
    """A run with two sides. By default the passes are equal but for 2 % of noise."""
    sides = {name: candidate if name.endswith("~2") else "old" for name in TRANSPORTS}
    constants = {**Made().constants, "sides": sides}
    made = {"passes": 12, "samples": 4000, "noise": 0.01, **more}
    return make(folder, Made(transports=TRANSPORTS, constants=constants, **made))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of(tmp_path_factory.mktemp("equal"))


def test_equal_sides_raise_no_alarm(equal: Run) -> None:
    found = compare_sides(equal, 5)
    assert (found.outcome, found.candidate, found.baseline) == ("no slower", "new", "old")
    judged = [row for row in found.rows if row.judged]
    assert len(judged) == 2 * FIGURES
    assert {row.transport for row in judged} == {"websocket", "socketio"}


def test_a_slower_side_is_found_on_its_transport(tmp_path: Path) -> None:
    """The passes are paired: that they vary by tens of percent together changes nothing."""
    run = run_of(tmp_path, scale={"socketio~2": 1.10})
    found = compare_sides(run, 3)
    assert found.outcome == "slower"
    assert {row.transport for row in found.of("slower")} == {"socketio"}
    assert len(found.of("slower")) >= FIGURES - 2, "only the tail may be too noisy"
    assert document(found)["verdict"] == "slower"
    assert compare_sides(run, 30).outcome == "no slower"


def test_a_faster_side_is_no_slower(tmp_path: Path) -> None:
    assert compare_sides(run_of(tmp_path, scale={"socketio~2": 0.8}), 5).outcome == "no slower"


def test_what_the_machine_cannot_judge_is_not_judged(equal: Run) -> None:
    found = compare_sides(equal, 5, {("rtt_p50_us", "socketio")})
    assert found.outcome == "can't tell"
    (row,) = found.of("can't tell")
    assert (row.figure.key, row.transport) == ("rtt_p50_us", "socketio")
    assert "the base differs from itself" in decides(row)
    assert "the base differs from itself" in markdown(found)


def test_the_noise_says_how_many_passes_an_equal_side_needs(equal: Run, tmp_path: Path) -> None:
    found = noise(equal, 5)
    assert len(found) == 2 * FIGURES
    assert not any(each.differs for each in found)
    noisy = {(each.figure, each.transport): each for each in noise(run_of(tmp_path, noise=0.1), 5)}
    for each in found:
        more = noisy[each.figure, each.transport]
        assert each.passes is not None
        assert more.passes is None or more.passes > each.passes
    assert noise_table(found, 5, 40).row_count == len(found)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_base_that_differs_from_itself_is_seen(tmp_path: Path, factor: float) -> None:
    run = run_of(tmp_path, "old", scale={"socketio~2": factor})
    assert {each.transport for each in noise(run, 5) if each.differs} == {"socketio"}


def test_the_noise_of_a_single_pass_is_unknown(tmp_path: Path) -> None:
    found = noise(run_of(tmp_path, passes=1), 5)
    assert {(each.deviation, each.passes, each.differs) for each in found} == {(None, None, False)}
    assert noise_table(found, 5, 40).row_count == len(found)


def test_a_lost_message_of_the_candidate_does_not_pass(tmp_path: Path) -> None:
    found = compare_sides(run_of(tmp_path, lost={"websocket~2": 1}), 5)
    assert found.outcome == "can't tell"
    assert {row.transport for row in found.of("can't tell")} == {"websocket"}


def test_only_equal_sides_are_a_transport_against_itself(equal: Run, tmp_path: Path) -> None:
    assert summarise(equal).against_itself is None
    assert summarise(run_of(tmp_path, "old")).against_itself is not None

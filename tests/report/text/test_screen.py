"""The terminal shows the answer first, on one screen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from lab import record
from lab.answer import blocks, reference
from lab.answer.measurements import Measurements
from lab.answer.model import Answer, answer
from lab.report.text import screen
from tests.answer.synthetic import measured
from tests.report.factory import Made, begin, make

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = [
    folder
    for kind in ("reference", "tuned", "in-a-browser")
    for folder in sorted((ROOT / "results" / kind).iterdir())
]
HEADING = "20261129T013000Z-quick · equal settings · client in a browser · 18 of 18 passes"


def on_a_terminal(run: record.Run, *, details: bool = False, width: int = 80) -> list[str]:
    """What a terminal of 80 columns shows."""
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    screen.show(run, console, details=details)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def texts(found: Answer, width: int = screen.WIDTH) -> list[str]:
    return [line.plain for line in screen.lines(HEADING, found, width)]


def everything(run: str, large: float, *, client: str = "python") -> Measurements:
    """A run that has every figure of the answer on every transport, with long numbers."""
    names = [name for block in blocks.BLOCKS for name in block.transports.values()]
    figures = dict.fromkeys(blocks.FIGURES)
    return measured(
        run,
        {
            name: dict.fromkeys(figures, large * (1 + 3 * place) + 0.123)
            for place, name in enumerate(names)
        },
        client=client,
    )


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_committed_run_s_answer_fits_a_screen(folder: Path) -> None:
    run = record.load(folder)
    shown = on_a_terminal(run)
    if not shown[0].startswith(f"{run.id} · equal"):
        pytest.skip("it measured nothing of the answer")
    assert len(shown) + 1 <= 24, "one more line has the path of the page"
    assert max(map(len, shown)) <= 80
    for block in blocks.BLOCKS:
        assert block.title in "\n".join(shown)


@pytest.mark.parametrize("large", [0.001, 7.5, 160.0, 12_000.0])
@pytest.mark.parametrize("client", list(blocks.CLIENTS))
def test_however_long_the_numbers_are_it_fits(large: float, client: str) -> None:
    others = [everything(f"{it} run", large, client=it) for it in blocks.CLIENTS]
    for found in (answer(everything("mine", large, client=client), others), answer(None, others)):
        shown = texts(found)
        assert len(shown) + screen.AFTER <= screen.HEIGHT
        assert max(map(len, shown)) <= screen.WIDTH
        table = shown[shown.index("") + 1 :]
        assert [line for line in table if line.startswith("memory")]


def test_the_verdicts_come_before_the_table_and_the_table_before_the_notes() -> None:
    found = texts(
        answer(measured("mine", {"websocket": {"rtt_p50_us": 100.0}}), reference.load().runs)
    )
    title = next(line for line in found if "On Node*" in line)
    assert found.index(next(line for line in found if line.startswith("On Node,"))) < found.index(
        title
    )
    notes = " ".join(found[found.index(title) :])
    assert "* not measured here: needs Node 18+ and node-websocket" in notes
    (row,) = (line for line in found if line.startswith("RTT"))
    assert row.split()[-2:] == ["100", "–"]


def test_a_run_s_own_rows_have_no_mark_and_quoted_ones_do(tmp_path: Path) -> None:
    shown = on_a_terminal(make(tmp_path, Made(samples=60)))
    own, quoted = (
        next(line for line in shown if line.startswith(title)) for title in ("RTT", "memory")
    )
    assert own.endswith("×")
    assert quoted.endswith("×*")


def test_details_add_the_tables_below(tmp_path: Path) -> None:
    run = make(tmp_path, Made(samples=60, lost={"socketio": 1}))
    shown, detailed = on_a_terminal(run), on_a_terminal(run, details=True)
    hint = shown.pop()
    assert hint.startswith("All tables (")
    assert "void figure" in hint
    assert detailed[: len(shown)] == shown
    assert [line for line in detailed if "saturated" in line]


@pytest.mark.parametrize(
    "transports",
    [("loopback",), ("websocket", "websocket~2")],
    ids=["nothing of the answer", "against itself"],
)
def test_a_run_that_is_no_answer_has_its_tables(
    tmp_path: Path, transports: tuple[str, ...]
) -> None:
    shown = on_a_terminal(make(tmp_path, Made(samples=60, transports=transports)))
    assert not [line for line in shown if "On Node" in line]
    assert [line for line in shown if "verdict" in line]


def test_a_run_without_passes_has_its_heading(tmp_path: Path) -> None:
    run = record.load(begin(tmp_path, Made()).folder)
    assert run.id in on_a_terminal(run)[0]


@pytest.mark.parametrize("width", [40, 60, 120])
def test_sentences_are_wrapped_to_a_narrow_terminal_and_stay_short_on_a_wide_one(
    width: int,
) -> None:
    found = texts(reference.load().answer(), min(width, screen.WIDTH))
    above = found[: found.index("")]
    assert max(map(len, above)) <= min(width, 80)

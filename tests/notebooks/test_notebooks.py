"""The notebooks: paired, executed, asking before they answer, and running from top to bottom."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

from tests.report import factory
from tests.report.factory import Made

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
LIVE = [name for name in NAMES if not name.startswith("00")]
CELL_S = 120
SIZE_BYTES = 1_500_000
"""What all committed notebooks together may weigh."""

ODD_RUNS = {
    "without the baseline": Made(passes=5, wires=("loopback", "websocket-aiohttp", "socketio")),
    "too few passes, one lost": Made(passes=2, lost={"socketio-polling": 3}),
}
"""Runs that have no verdict to tell, at least of something."""


def source(name: str) -> Any:
    """The notebook that the `.py` describes, without outputs."""
    return jupytext.read(FOLDER / f"{name}.py")


def committed(name: str) -> Any:
    return jupytext.read(FOLDER / f"{name}.ipynb")


def prose(book: Any) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "markdown"]


def told(book: Any) -> str:
    """All that the outputs say in words."""
    found = []
    for cell in book.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found.append(output.get("text") or data.get("text/markdown") or "")
    return "\n".join(found)


def pictures(book: Any) -> int:
    outputs = (output for cell in book.cells for output in cell.get("outputs", []))
    return sum("image/png" in output.get("data", {}) for output in outputs)


def assert_ran(book: Any) -> None:
    """Every cell was executed, in order, and none raised or complained."""
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    kinds = [(o.output_type, o.get("name")) for c in book.cells for o in c.get("outputs", [])]
    assert [kind for kind in kinds if "error" in kind or "stderr" in kind] == []
    assert pictures(book) > 0


async def execute(name: str, checkout: Path) -> Any:
    """Run what the `.py` says in a folder of its own, which is not the checkout."""
    book = source(name)
    (checkout / "notebooks").mkdir(parents=True)
    where = {"metadata": {"path": str(checkout / "notebooks")}}
    client = NotebookClient(book, timeout=CELL_S, kernel_name="python3", resources=where)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    await client.async_execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    return book


def with_run(checkout: Path, made: Made) -> str:
    """Give the checkout a results folder with one run; its id."""
    (checkout / "results").mkdir(parents=True)
    shutil.copy(ROOT / "results" / "README.md", checkout / "results")
    return factory.make(checkout / "results", made).id


def test_there_are_notebooks_and_nothing_else_is_taken_for_one() -> None:
    assert NAMES[0] == "00_compare"
    assert len(NAMES) > 1
    stray = {path.stem for path in FOLDER.glob("*.ipynb")} ^ set(NAMES)
    assert stray == set()


@pytest.mark.parametrize("name", NAMES)
def test_the_pair_says_the_same(name: str) -> None:
    ours = [(cell.cell_type, cell.source) for cell in source(name).cells]
    theirs = [(cell.cell_type, cell.source) for cell in committed(name).cells]
    assert ours == theirs, f"{name}: run `make notebooks`"
    assert committed(name).metadata.jupytext.formats == "ipynb,py:percent"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_committed_was_executed_without_an_error(name: str) -> None:
    assert_ran(committed(name))


def test_what_is_committed_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ipynb")) < SIZE_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_a_question(name: str) -> None:
    title = prose(source(name))[0].splitlines()[0]
    assert re.fullmatch(r"# .+\?", title)


@pytest.mark.parametrize("name", LIVE)
def test_a_guess_is_asked_for_before_anything_runs(name: str) -> None:
    cells = source(name).cells
    opening = list(itertools.takewhile(lambda cell: cell.cell_type == "markdown", cells))
    asked = "\n".join(cell.source for cell in opening)
    assert "## Your guess first" in asked
    assert re.search(r"[Ww]rite (it|them|down)", asked)


@pytest.mark.parametrize("name", LIVE)
def test_it_is_answered_in_words_made_of_the_numbers(name: str) -> None:
    cells = source(name).cells
    headed = [n for n, cell in enumerate(cells) if "## The answer" in cell.source]
    assert len(headed) == 1
    answer = cells[headed[0] + 1]
    assert answer.cell_type == "code"
    assert "Prose(" in answer.source


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_what_to_try_and_where_to_go_on(name: str) -> None:
    ending = prose(source(name))[-1]
    assert "## Try this" in ending
    assert "docs/method.md" in ending
    following = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    assert f"({following}.ipynb)" in ending


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", "\n".join(prose(source(name))))
    assert links
    broken = [link for link in links if "://" not in link and not (FOLDER / link).is_file()]
    assert broken == []


@pytest.mark.parametrize("name", LIVE)
async def test_a_notebook_that_measures_runs_from_top_to_bottom(name: str, tmp_path: Path) -> None:
    book = await execute(name, tmp_path)
    assert_ran(book)
    assert pictures(book) == pictures(committed(name))


async def test_the_comparison_tells_a_run_in_its_verdicts_words(tmp_path: Path) -> None:
    run = with_run(tmp_path, Made())
    book = await execute("00_compare", tmp_path)
    assert_ran(book)
    said = told(book)
    assert run in said
    assert "Until a command can be sent, `socketio` takes **4.6" in said
    assert "`socketio-polling` (load-bound)" in said


@pytest.mark.parametrize("kind", ODD_RUNS)
async def test_the_comparison_claims_nothing_where_there_is_no_verdict(
    kind: str, tmp_path: Path
) -> None:
    with_run(tmp_path, ODD_RUNS[kind])
    book = await execute("00_compare", tmp_path)
    assert_ran(book)
    said = told(book)
    assert "Until a command can be sent: no verdict" in said
    assert "×**" not in said

"""Notebooks: each is paired and executed, asks for a guess first, and runs from top to bottom."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from lab.claims import CLAIMS
from tests.report import factory
from tests.report.factory import Made

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
LIVE = [name for name in NAMES if not name.startswith("00")]
CELL_S = 120
SIZE_BYTES = 1_000_000
"""What all committed notebooks in English together may weigh."""

LINES_BEFORE_A_PICTURE = 15
"""How much code a reader meets at most before there is something to see."""

FEW_CLAIMS = {"falls-back", "handshake", "client-checks"}
LESS = {
    "01_handshake": {"RTTS_MS": "[0, 60]"},
    "02_bytes_on_the_wire": {"AROUND": "3", "SIZES": "[4, 256, 1024, Limits().text_bytes]"},
    "03_latency": {"RUN_S, STALL_S": "2, 0.5"},
    "04_fan_out_and_cost": {"ROOMS": "[3, 10]", "DELIVERIES": "200", "IDLE": "10"},
    "05_the_fallbacks": {"WORDS": "6"},
    "06_claims": {"LONG": repr(set(CLAIMS) - FEW_CLAIMS)},
    "07_protocol_or_library": {"ROUNDS": "1", "MEMBERS": "10"},
    "08_load": {"CEILING": "400"},
    "09_which_client": {},
    "10_tls": {},
    "11_compression": {"MESSAGES": "10"},
    "12_durable": {"TEXTS": "60"},
    "13_transports_of_today": {"CLIENTS": "2"},
    "14_packet_loss": {"TRIALS": "1"},
    "15_many_nodes": {"NODES": "[1, 2]", "TEXTS": "1"},
}
"""Notebook -> its constants with values for less work: here the figures are not looked at.

tests/claims/test_verdicts.py runs the experiment of every claim.
"""

ODD_RUNS = {
    "without the baseline": Made(
        passes=5, transports=("loopback", "websocket-aiohttp", "socketio")
    ),
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


def words_shown(book: Any) -> str:
    """All that the outputs say in words."""
    found = []
    for cell in book.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found.append(output.get("text") or data.get("text/markdown") or "")
    return "\n".join(found)


def pictures_of(cell: Any) -> int:
    """How many pictures a cell's outputs have."""
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def pictures(book: Any) -> int:
    """How many pictures the outputs have."""
    return sum(map(pictures_of, book.cells))


def assert_ran(book: Any) -> None:
    """Every cell was executed, in order, and none raised or complained."""
    counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
    assert counts == list(range(counts[0], counts[0] + len(counts)))
    kinds = [(o.output_type, o.get("name")) for c in book.cells for o in c.get("outputs", [])]
    assert [kind for kind in kinds if "error" in kind or "stderr" in kind] == []
    assert pictures(book) > 0


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    """One kernel for all notebooks: to start one and to import the lab takes 5 s of CPU."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    yield manager
    manager.shutdown_kernel(now=True)


def shorter(name: str, text: str) -> str:
    """The source of a cell with the values of `LESS` in its assignments."""
    for constant, value in LESS.get(name, {}).items():
        text = re.sub(rf"^{constant} = .+$", f"{constant} = {value}", text, flags=re.MULTILINE)
    return text


def execute(name: str, checkout: Path, kernel: KernelManager) -> Any:
    """Run what the `.py` says, with less work, in a namespace and a folder of its own."""
    book = source(name)
    (checkout / "notebooks").mkdir(parents=True)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    for cell in code:
        cell.source = shorter(name, cell.source)
    afresh = f"%reset -f\nimport os\nos.chdir({str(checkout / 'notebooks')!r})\n"
    code[0].source = afresh + code[0].source
    runner = NotebookClient(book, km=kernel, timeout=CELL_S)
    runner.kc = channels = kernel.client()
    channels.start_channels()
    try:
        runner.execute()
    finally:
        channels.stop_channels()
        channels.context.destroy(linger=0)
    return book


def with_run(checkout: Path, made: Made) -> str:
    """Give the checkout a results folder with one run; its id."""
    (checkout / "results").mkdir(parents=True)
    shutil.copy(ROOT / "results" / "README.md", checkout / "results")
    return factory.make(checkout / "results", made).id


def test_there_are_notebooks_and_nothing_else_is_taken_for_one() -> None:
    assert NAMES[0] == "00_compare"
    assert len(NAMES) > 1
    notebooks = {path.name.removesuffix(".ipynb") for path in FOLDER.glob("*.ipynb")}
    assert notebooks ^ {*NAMES, *(f"{name}.ko" for name in NAMES)} == set()


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
    assert sum((FOLDER / f"{name}.ipynb").stat().st_size for name in NAMES) < SIZE_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_a_question(name: str) -> None:
    title = prose(source(name))[0].splitlines()[0]
    assert re.fullmatch(r"# .+\?", title)


@pytest.mark.parametrize("name", NAMES)
def test_a_guess_is_asked_for_and_kept_before_anything_runs(name: str) -> None:
    cells = source(name).cells
    opening = list(itertools.takewhile(lambda cell: cell.cell_type == "markdown", cells))
    assert "## Your guess first" in "\n".join(cell.source for cell in opening)
    first = cells[len(opening)].source
    assert "guess({" in "".join(first.split())
    assert "await" not in first


@pytest.mark.parametrize("name", NAMES)
def test_every_guess_is_shown_beside_what_was_measured(name: str) -> None:
    code = "\n".join(cell.source for cell in source(name).cells if cell.cell_type == "code")
    kept = re.findall(r"^(\w+) = guess\(", code, re.MULTILINE)
    assert kept
    assert [one for one in kept if f"{one}.beside(" not in code] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_is_answered_in_words_made_of_the_numbers(name: str) -> None:
    cells = source(name).cells
    headed = [n for n, cell in enumerate(cells) if "## The answer" in cell.source]
    assert len(headed) == 1
    answer = cells[headed[0] + 1]
    assert answer.cell_type == "code"
    assert ".beside(" in answer.source


@pytest.mark.parametrize("name", NAMES)
def test_there_is_little_code_before_the_first_picture(name: str) -> None:
    book = committed(name)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    drawn = next(n for n, cell in enumerate(code) if pictures_of(cell))
    lines = [line for cell in code[: drawn + 1] for line in cell.source.splitlines()]
    assert len([line for line in lines if line.strip()]) <= LINES_BEFORE_A_PICTURE


@pytest.mark.parametrize("name", NAMES)
def test_exercises_are_checked_and_their_solutions_folded(name: str) -> None:
    cells = source(name).cells
    checks = [n for n, cell in enumerate(cells) if "check(answer, " in cell.source]
    assert len(checks) >= 2
    for number in checks:
        assert "answer = ...\n" in cells[number].source
        assert cells[number + 1].source.startswith("<details><summary>Solution</summary>")
        assert cells[number + 1].source.count("<details>") == 1
    assert "\n".join(prose(source(name))).count("Solution") == len(checks)


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_where_to_go_on_and_what_to_choose(name: str) -> None:
    ending = prose(source(name))[-1]
    assert "## Try this" in ending
    assert "docs/method.md" in ending
    following = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    assert f"({following}.ipynb)" in ending
    assert ending.split("\n\n")[-1].startswith("**So choose** ")


@pytest.mark.parametrize("name", NAMES)
def test_no_link_needs_a_running_page(name: str) -> None:
    text = "\n".join(prose(source(name)))
    assert re.findall(r"(?:\]\(|<)https?://(?:127|localhost)[^)>]*", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", "\n".join(prose(source(name))))
    assert links
    broken = [link for link in links if "://" not in link and not (FOLDER / link).is_file()]
    assert broken == []


@pytest.mark.parametrize("name", LIVE)
def test_less_work_is_an_assignment_of_the_notebook(name: str) -> None:
    lines = [line for cell in source(name).cells for line in cell.source.splitlines()]
    for constant in LESS[name]:
        assert sum(line.startswith(f"{constant} = ") for line in lines) == 1, constant


@pytest.mark.parametrize("name", LIVE)
def test_a_notebook_that_measures_runs_from_top_to_bottom(
    name: str, tmp_path: Path, kernel: KernelManager
) -> None:
    book = execute(name, tmp_path, kernel)
    assert_ran(book)
    assert pictures(book) == pictures(committed(name))


def test_the_comparison_tells_a_run_in_its_verdicts_words(
    tmp_path: Path, kernel: KernelManager
) -> None:
    run = with_run(tmp_path, Made())
    book = execute("00_compare", tmp_path, kernel)
    assert_ran(book)
    said = words_shown(book)
    assert run in said
    assert "Until a command can be sent, `socketio` takes **4.6" in said
    assert "`socketio-polling` (load-bound)" in said


@pytest.mark.parametrize("kind", ODD_RUNS)
def test_the_comparison_claims_nothing_where_there_is_no_verdict(
    kind: str, tmp_path: Path, kernel: KernelManager
) -> None:
    with_run(tmp_path, ODD_RUNS[kind])
    book = execute("00_compare", tmp_path, kernel)
    assert_ran(book)
    said = words_shown(book)
    assert "Until a command can be sent: no verdict" in said
    assert re.search(r"[\d.]×\*\*", said) is None


def test_the_map_has_every_notebook_in_its_order() -> None:
    for end in ("", ".ko"):
        text = (FOLDER / f"README{end}.md").read_text(encoding="utf-8")
        table = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
        linked = [re.findall(r"\((\w+(?:\.ko)?)\.ipynb\)", line)[0] for line in table]
        assert linked == [f"{name}{end}" for name in NAMES]
        plan = [int(minutes) for minutes in re.findall(r"^\| (\d+) min \|", text, re.MULTILINE)]
        assert sum(plan) == 90
        links = re.findall(r"\]\(([^)#]+)", text)
        assert [link for link in links if not (FOLDER / link).exists()] == []

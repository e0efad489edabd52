"""The page and the tables show everything, fetch nothing, and escape all input."""

from __future__ import annotations

import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from lab.record import RecordError, Run
from lab.report import html
from lab.report.pictures import plots
from lab.report.publish import publish
from lab.report.text import tables
from tests.report.factory import TRANSPORTS, Made, make


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make(tmp_path_factory.mktemp("results"), Made(lost={"socketio": 1}, samples=100))


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return publish(run).read_text()


class Tags(HTMLParser):
    """Open and closed tags, and every attribute."""

    VOID = frozenset({"meta", "link", "br", "path", "use", "rect", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.stack.pop() == tag


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    tags.close()
    return tags


def test_every_tag_is_closed_and_every_id_is_its_own(page: str) -> None:
    tags = parsed(page)
    assert tags.stack == []
    ids = [value for _, name, value in tags.attributes if name == "id"]
    assert len(ids) == len(set(ids)) > 10


def test_nothing_is_fetched_from_outside(page: str) -> None:
    links = [v for _, name, v in parsed(page).attributes if name in ("src", "href", "xlink:href")]
    assert links
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"url\((?!#)|@import|<script", page)


def test_references_inside_a_picture_lead_somewhere(page: str) -> None:
    tags = parsed(page)
    ids = {value for _, name, value in tags.attributes if name == "id"}
    used = set(re.findall(r"url\(#([^)]+)\)", page))
    used |= {v[1:] for _, name, v in tags.attributes if name.endswith("href") and v[0] == "#"}
    assert used
    assert used <= ids


def test_the_page_says_all_that_is_needed_to_judge_it(run: Run, page: str) -> None:
    for wanted in (
        *TRANSPORTS,
        run.id,
        "Example CPU 3000",
        "17.4",
        "library of socketio 1.0",
        "lab bench --profile quick",
        "void (lost 7)",
        "no socket",
        "load-bound",
        "prefers-color-scheme: dark",
        "seed 1",
    ):
        assert wanted in page, wanted
    assert page.count("<svg") == 4


def test_the_first_screen_is_the_answer(page: str) -> None:
    answer, rest = page.index('id="the-answer"'), page.index("<svg")
    assert answer < page.index('class="void"') < rest
    assert page.index("On Python, a python-socketio delivery") < page.index("socketio-tuned") < rest
    assert "not measured here: needs Node 18+ and node-websocket" in page


def test_a_run_that_measured_nothing_of_the_answer_has_no_first_screen(tmp_path: Path) -> None:
    made = Made(passes=1, samples=20, transports=("loopback",))
    assert "the-answer" not in html.page(make(tmp_path, made), {})


def test_every_picture_of_a_run_has_a_caption() -> None:
    assert plots.PICTURES.keys() <= html.CAPTIONS.keys()


def test_the_pictures_take_the_ink_of_the_page(page: str) -> None:
    drawing = page[page.index("<svg") : page.rindex("</svg>")]
    assert "var(--ink)" in drawing
    assert "#1b1f24" not in drawing


def test_what_a_run_says_is_text_and_not_markup(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=1, samples=20, constants={"<script>": "<b>&"}))
    page = html.page(run, {})
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_publishing_writes_what_the_schema_lists(run: Run, page: str) -> None:
    written = {str(path.relative_to(run.folder)) for path in run.folder.rglob("*.*")}
    pictures = {
        f"pictures/{n}.{k}"
        for n in ("answer", "transports", "percentiles", "throughput")
        for k in ("png", "svg")
    }
    assert {"summary.json", "report.html", *pictures} <= written
    assert not [name for name in written if name.endswith(".tmp")]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=1, samples=20))
    (run.folder / "pictures").write_text("a file in its place")
    with pytest.raises(RecordError, match=r"answer\.svg can't be written"):
        publish(run)


def test_a_run_without_a_valid_pass_has_a_page(tmp_path: Path) -> None:
    assert "void" in publish(make(tmp_path, Made(passes=0, planned=3))).read_text()


def shown(run: Run, width: int) -> str:
    console = Console(width=width, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_tables_show_every_transport_and_why_it_is_left_out(run: Run) -> None:
    text = shown(run, 132)
    for wanted in (
        *TRANSPORTS,
        "baseline",
        "no socket",
        "load-bound",
        "void (lost 7)",
        "slower",
    ):
        assert wanted in text, wanted
    assert "7 of 7 passes" in text


@pytest.mark.parametrize("width", [80, 84, 100])
def test_a_narrow_terminal_wraps_and_cuts_nothing_short(run: Run, width: int) -> None:
    narrow, wide = (Counter(re.findall(r"[^\s─]+", shown(run, w))) for w in (width, 200))
    assert narrow == wide


def test_columns_are_aligned(run: Run) -> None:
    lines = [line for line in shown(run, 132).splitlines() if re.search(r"\] +\d\S*× \[", line)]
    assert len(lines) > 10
    assert len({line.index("×") for line in lines[:4]}) == 1  # of one figure, so of one width

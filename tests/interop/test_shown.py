"""The tables and the page are complete, and every cell links to its trace."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

from rich.console import Console
from rich.table import Table

from lab.interop.outcome import Aim, Matrix
from lab.interop.page import page
from lab.interop.table import legend, matrix_table, refusals_table
from tests.interop import sample


def printed(*tables: Table) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(*tables)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_has_servers_in_rows_and_clients_in_columns() -> None:
    text = printed(matrix_table(sample.matrix(), Aim.PLAIN))
    assert re.search(r"server of +ws +other", text)
    assert re.search(r"websocket +✓ 12 +–", text)
    assert re.search(r"socketio +✗ 404 +–", text)


def test_brackets_are_shown_unchanged() -> None:
    assert "(not tested: needs [luck])" in printed(refusals_table(sample.matrix(), Aim.PLAIN))
    text = printed(legend(sample.matrix()))
    assert "needs [luck]" in text
    assert "ws 8.23.0 in Node" in text
    assert "✓" in text


class Links(HTMLParser):
    """The ids, links and external files of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href") and not (value or "").startswith("data:"):
                self.loads.append(value or "")


def test_every_cell_of_the_page_links_to_its_trace() -> None:
    matrix: Matrix = sample.matrix()
    html = page(matrix, ["lab", "interop"])
    found = Links()
    found.feed(html)
    assert len(found.links) == len(matrix.cells)
    assert sorted(found.links) == sorted(f"#{name}" for name in found.ids)
    assert len(set(found.ids)) == len(matrix.cells)
    assert found.loads == []


def test_the_page_shows_words_codes_and_bytes() -> None:
    html = page(sample.matrix())
    for expected in (
        "Unexpected server response: 404",
        "<dt>HTTP status</dt><dd>404</dd>",
        "<dd>1006</dd>",
        "GET /socket.io/?EIO=4&amp;transport=websocket",
        "&lt;p",  # a server's text is escaped
        "not tested: needs [luck]",
        "served by python-socketio 5.18.1",
    ):
        assert expected in html
    assert "<p\n" not in html


def test_a_page_with_one_aim_has_one_table() -> None:
    whole = sample.matrix()
    plain = tuple(cell for cell in whole.cells if cell.aim is Aim.PLAIN)
    html = page(Matrix(whole.transports, whole.clients, whole.patience_s, plain))
    assert html.count("<table>") == 1

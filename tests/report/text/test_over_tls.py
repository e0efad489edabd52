"""What TLS costs is shown against the same transport without it."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from lab.report import html
from lab.report.text import over_tls
from tests.report.factory import Made, make

KEY = "connect_p50_ms"
TRANSPORTS = ("websocket", "websocket+tls", "socketio", "socketio+tls")


def test_each_transport_is_compared_with_itself_and_not_with_the_baseline(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=6, transports=TRANSPORTS, samples=60))
    found = over_tls.compared(run, "socketio+tls", KEY)
    assert found is not None
    assert 0.5 < found.ratio < 2, "of the same costs, so not that of Socket.IO to WebSocket"
    table = over_tls.table(run)
    assert table is not None
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "connect, p50, ms" in shown
    assert shown.count("socketio+tls") == shown.count("websocket+tls") > 1
    head, _, *rows = over_tls.markdown(run, {KEY: "connect", "no_such": "nothing"}).splitlines()
    assert head == "| | connect | nothing |"
    assert [row.split(" | ")[0] for row in rows] == [f"| `{name}`" for name in TRANSPORTS]
    assert "×" in rows[1]
    assert "×" not in rows[0]


def test_the_page_has_both_beside_each_other(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=6, transports=TRANSPORTS, samples=60))
    page = html.page(run, {})
    section = page[page.index('<section id="beside-plain">') :].partition("</section>")[0]
    assert "<h2>Over TLS, against the same transport without it</h2>" in section
    (group, *_) = [rows for figure, rows in over_tls.groups(run) if figure == "connect, p50, ms"]
    assert [row[0] for row in group] == ["websocket+tls", "socketio+tls"]
    for row in group:
        cells = "".join(f'<td class="n">{cell}</td>' for cell in row[1:])
        assert f'<tr><th scope="row">{row[0]}</th>{cells}</tr>' in section


def test_a_run_without_tls_has_no_such_table(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=2, transports=("websocket",)))
    assert over_tls.table(run) is None
    assert "beside-plain" not in html.page(run, {})

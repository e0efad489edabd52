"""`lab trace`, as a person runs it: nothing that crossed the line is missing, errors are said."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from lab.cli import main
from lab.cli.trace import balance, coloured, print_whole, show, tables, visit
from lab.contract import Capability, Settings, Transport
from lab.decode.decode import decode
from lab.ledger.ledger import ledger
from lab.ledger.show import annotate
from lab.load.tapped import Script
from lab.relay.capture import from_lines
from lab.relay.network import Network
from tests.decode.test_decode import tap
from transports import registry

MS_NS = 1_000_000


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["trace", *arguments], terminal_width=200)


def transports_with_sockets() -> list[Transport]:
    loaded = map(registry.load, registry.available())
    return [
        transport
        for transport in loaded
        if transport.capabilities >= {Capability.TCP, Capability.HEARTBEAT}
    ]


def number(cell: object) -> float:
    return 0.0 if cell == "–" else float(str(cell))


@pytest.mark.parametrize(
    "transport", transports_with_sockets(), ids=lambda transport: str(transport.name)
)
def test_the_parts_add_up_to_all_that_the_relay_counted(transport: Transport) -> None:
    script = Script(texts=("hello", "wörld"), idle_s=2.5)
    capture, found = visit(transport, script, "equal", Network())
    relayed = capture.counted.up_bytes + capture.counted.down_bytes
    assert relayed > 500
    (table,) = tables(found, ledger(found))
    rows = list(zip(*(column.cells for column in table.columns), strict=True))
    parts = [[number(cell) for cell in cells] for name, *cells in rows if "all " in str(name)]
    (everything,) = [cells for name, *cells in rows if name == "everything"]
    assert len(parts) == 5, "all kinds of packets were seen"
    # Shares are shown to a tenth of a byte.
    summed = [sum(column) for column in zip(*parts, strict=True)]
    assert summed == pytest.approx([number(cell) for cell in everything], abs=0.26)
    *layers, total = map(number, everything)
    assert sum(layers) == total == relayed
    assert sum(layers[:3]) == capture.counted.up_bytes


def test_a_visit_is_shown_with_its_ledger_and_its_diagram(tmp_path: Path) -> None:
    svg = tmp_path / "trace.svg"
    result = run("websocket", "--says", "1", "--text", "some words", "--svg", str(svg))
    assert result.exit_code == 0, result.output
    for wanted in (
        "GET / ",
        "101 Switching Protocols",
        "WebSocket framing",
        "joined",
        "Round trips until connected: 2 (TCP, 101)",
        "Round trips until joined: 3 (TCP, 101, join)",
        "say and said",
        "payload    down",
        f"sequence diagram: {svg}",
    ):
        assert wanted in result.output, wanted
    texts = re.findall(r"^  [0-9a-f]{8}  .{47}  (.{1,16})", result.output, re.MULTILINE)
    assert '"text":"some words"' in "".join(texts)
    assert "\x1b" not in result.output, "colour is for terminals"
    counted = re.search(
        r"accounted for: (\d+) B up and (\d+) B down; the relay counted (\d+) and (\d+)",
        result.output,
    )
    assert counted is not None
    assert counted.group(1, 2) == counted.group(3, 4)
    labels = [element.text or "" for element in ElementTree.parse(svg).iter()]
    assert "round trip 3: join" in labels
    assert [path.name for path in tmp_path.iterdir()] == ["trace.svg"], "no debris"


def test_tls_has_a_column_and_a_round_trip_of_its_own(tmp_path: Path) -> None:
    plain = tmp_path / "inside.jsonl"
    words = ("--says", "1", "--text", "some words", "--tls", "--capture", str(plain))
    result = run("websocket", *words)
    assert result.exit_code == 0, result.output
    for wanted in (
        "TLS ClientHello",
        "TLS NewSessionTicket",
        "Round trips until connected: 3 (TCP, TLS, 101)",
        "payload TLS    down",
    ):
        assert " ".join(wanted.split()) in " ".join(result.output.split()), wanted
    texts = re.findall(r"^  [0-9a-f]{8}  .{47}  (.{1,16})", result.output, re.MULTILINE)
    assert '"text":"some words"' in "".join(texts)
    counted = re.search(
        r"for: (\d+) B up and (\d+) B down; the relay counted (\d+) and (\d+)", result.output
    )
    assert counted is not None
    assert counted.group(1, 2) == counted.group(3, 4)
    chunks, events = from_lines(plain.read_bytes())
    assert ledger(decode(chunks, events)).entries[0].joined is not None, "it is not encrypted"


def test_polling_waits_for_its_delay_and_tells_how_deliveries_were_batched() -> None:
    result = run("socketio-polling", "--says", "1", "--delay", "5ms")
    assert result.exit_code == 0, result.output
    assert "(TCP, open, TCP, 40, join)" in result.output
    assert "Deliveries per HTTP response: 1.00" in result.output
    shown = [float(ms) for ms in re.findall(r"([\d.]+) ms  #", result.output)]
    assert max(shown) > 4 * 10, "four round trips or more of 10 ms each"


def test_full_leaves_nothing_out() -> None:
    assert "bytes more" in run("socketio-polling", "--says", "0").output
    result = run("socketio-polling", "--says", "0", "--full")
    assert result.exit_code == 0
    assert "bytes more" not in result.output


@pytest.mark.parametrize("settings", ["equal", "stock"])
def test_settings_are_those_of_both_sides(settings: Settings) -> None:
    result = run("websocket", "--says", "1", "--settings", settings)
    assert result.exit_code == 0, result.output
    assert ("(compressed)" in result.output) == (settings == "stock")


def test_colours_change_no_character() -> None:
    found = tap(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n")
    lines = list(annotate(found))
    assert [line.plain for line in coloured(lines)] == lines
    terminal = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    show(found, 0, terminal)
    assert isinstance(terminal.file, io.StringIO)
    written = terminal.file.getvalue()
    assert "\x1b[1;34m" in written, "what goes up is blue"
    assert "\x1b[1;33m" in written, "what comes down is yellow"
    assert re.sub(r"\x1b\[[\d;]*m", "", written).split("\n")[:-1] == lines


def test_bytes_that_cannot_be_decoded_have_a_column_of_their_own() -> None:
    found = tap(b"\x16\x03\x01", b"")
    (table,) = tables(found, ledger(found))
    assert [column.header for column in table.columns].count("not\ndecoded") == 2
    narrow = Console(file=io.StringIO(), width=60)
    print_whole(table, narrow)
    assert isinstance(narrow.file, io.StringIO)
    assert narrow.file.getvalue().count("payload") == 2
    assert "…" not in narrow.file.getvalue()
    assert list(table.columns[4].cells)[-1] == "3"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["carrier-pigeon"], "websocket"),
        (["loopback"], "loopback has no TCP connection to capture"),
        (["websocket", "--says", "101"], "0<=x<=100"),
        (["websocket", "--says", "-1"], "0<=x<=100"),
        (["websocket", "--delay", "50"], "such as 50ms"),
        (["websocket", "--settings", "odd"], "'equal', 'stock'"),
        (["websocket", "--text", "x" * 65_537], "at most 65536"),
        (["websocket", "--text", "\udcff"], "not valid UTF-8"),
        (
            ["websocket", "--svg", "/no/such/folder/x.svg"],
            "the folder /no/such/folder does not exist",
        ),
        (["websocket", "--svg", "/"], "is a directory"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(arguments: list[str], complaint: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert complaint in result.output


def test_a_capture_is_shown_as_the_session_was(tmp_path: Path) -> None:
    file, svg = tmp_path / "session.jsonl", tmp_path / "again.svg"
    session = run("websocket", "--says", "1", "--capture", str(file))
    assert session.exit_code == 0, session.output
    again = run("--read", str(file), "--svg", str(svg))
    assert again.exit_code == 0, again.output
    shown, _, _ = session.output.partition("Ledger of")
    assert shown in again.output
    assert "say and said" in again.output
    assert svg.is_file()
    file.write_bytes(b"no capture\n")
    for arguments, complaint in (
        ((), "name a TRANSPORT"),
        (("websocket", "--read", str(file)), "takes no TRANSPORT"),
        (("--read", str(file)), "line 1 is no part of a capture"),
        (("--read", str(tmp_path / "none")), "can't be read"),
        (("--read", os.devnull), "/dev/null is empty: nothing was captured"),
    ):
        refused = run(*arguments)
        assert refused.exit_code == 2, refused.output
        assert complaint in refused.output


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    name = "x" * 300
    result = run("websocket", "--says", "0", "--svg", str(tmp_path / name))
    assert result.exit_code == 1
    assert f"{name} can't be written" in result.output.replace("\n", "")
    assert list(tmp_path.iterdir()) == []


def test_a_line_too_slow_to_connect_is_said() -> None:
    result = run("websocket", "--says", "0", "--delay", "6s")
    assert result.exit_code == 1
    assert "try a shorter --delay" in result.output


def test_help_gives_examples() -> None:
    output = run("--help").output
    assert "\n  lab trace socketio --delay 20ms --svg socketio.svg" in output, "on its own line"
    assert "ONE-WAY" in output


def test_the_balance_has_both_counts() -> None:
    capture, _ = visit(registry.load("websocket"), Script(), "equal", Network(delay_ns=MS_NS))
    counted = ledger(decode(capture.chunks[:1]))
    sent = len(capture.chunks[0].data)
    assert balance(counted, capture).startswith(
        f"accounted for: {sent} B up and 0 B down; the relay"
    )
    assert balance(counted, capture).endswith(
        f"{capture.counted.up_bytes} and {capture.counted.down_bytes}"
    )

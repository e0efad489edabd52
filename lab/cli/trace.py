"""`lab trace`: shows one client's session on a transport, byte by byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.chat.limits import Limits
from lab.cli import ending
from lab.cli.compression import check_compression, compression_option
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, read_capture, write
from lab.cli.options import settings_option
from lab.cli.tls import check_library
from lab.cli.transports import TRANSPORT
from lab.cli.values import DURATION
from lab.compression import Compression
from lab.contract import Capability, ConnectOptions, Heartbeat, Settings, Transport

if TYPE_CHECKING:
    from lab.decode.tree import Trace
    from lab.ledger.ledger import ByteCost, Entry, Ledger
    from lab.ledger.shares import ChargedPacket, LabelledBytes
    from lab.load.tapped import Capture, Script
    from lab.relay.network import Network

IDLE_S: dict[Settings, float] = {"equal": 2.5, "stock": 27}
"""Long enough for one heartbeat: each second under `equal`; as installed under `stock`."""
HEARTBEAT_S = 1
"""The shortest interval that every transport supports."""
LINES_EACH = 4
LAYERS = ("\nframing", "\npayload")
FURTHER = {"undecodable": "not\ndecoded", "tls": "\nTLS"}
"""Labels that have a column only where there are such bytes."""
SAYS_MAX = 100

HEAD = re.compile(r" *[\d.]+ ms  #\d+ (?P<arrow>[→←])  ")
DUMP = re.compile(r"(  [0-9a-f]{8})  (.{47})  ?(.{0,16})(.*)")
STYLES = {"→": "bold blue", "←": "bold yellow"}


@click.command()
@click.argument("transport", type=TRANSPORT, required=False)
@settings_option
@compression_option
@click.option(
    "--says",
    type=click.IntRange(0, SAYS_MAX),
    default=2,
    show_default=True,
    help="How many messages to send.",
)
@click.option("--text", default="hello", show_default=True, help="The text of the messages.")
@click.option("--idle", is_flag=True, help="Wait for a heartbeat: 2.5 s, under stock 27 s.")
@click.option(
    "--delay",
    type=DURATION,
    default="0ms",
    show_default=True,
    help="ONE-WAY delay, in each direction: 50ms makes round trips of 100 ms.",
)
@click.option("--tls", is_flag=True, help="Speak TLS 1.3; the lab opens it with its own keys.")
@click.option("--full", is_flag=True, help="Show all bytes.")
@click.option(
    "--svg",
    type=OUTPUT,
    help="Write the sequence diagram to this file.",
)
@click.option(
    "--capture",
    type=OUTPUT,
    help="Write all bytes to this file, for lab why; with --tls those inside TLS.",
)
@click.option(
    "--read",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Show this capture instead, which lab trace, lab relay or the page has written.",
)
def trace(  # noqa: PLR0913, PLR0917 - an option each
    transport: Transport | None,
    settings: Settings,
    compression: Compression | None,
    says: int,
    text: str,
    idle: bool,
    delay: int,
    tls: bool,
    full: bool,
    svg: Path | None,
    capture: Path | None,
    read: Path | None,
) -> None:
    """Show every byte of a session on TRANSPORT, and what it means.

    One client connects, joins a room, sends messages, and leaves. The server runs in a process of
    its own, and a relay between them captures every byte. A table of bytes, the ledger, follows.

    With --tls the relay captures TLS records, and the lab opens them with the client's keys.

    \b
    lab trace websocket                                # one message on WebSocket
    lab trace websocket --tls                          # over TLS, with its bytes apart
    lab trace websocket --compression 15:6             # compressed, and what it says
    lab trace socketio --delay 20ms --svg socketio.svg         # with a diagram
    lab trace socketio-polling --says 1 --idle --full | less          with all bytes
    lab trace --read websocket.jsonl                   # what the page has saved
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.load.tapped import Script
    from lab.relay.network import Network

    console = open_console(highlight=False)
    if read is not None:
        _show_file(transport, read, full, svg, console)
        return
    if transport is None:
        raise click.UsageError("name a TRANSPORT, or a capture with --read")
    if Capability.TCP not in transport.capabilities:
        raise click.BadParameter(
            f"{transport.name} has no TCP connection to capture", param_hint="TRANSPORT"
        )
    _check_text(text)
    check_compression(transport, compression)
    script = Script(texts=(text,) * says, idle_s=IDLE_S[settings] if idle else 0)
    if tls:
        check_library()
    visited, found = visit(transport, script, settings, Network(delay_ns=delay), tls, compression)
    counted = _show_all(
        found, Heartbeat().interval_s if settings == "equal" else None, full, console
    )
    console.print(balance(counted, visited), soft_wrap=True)
    _draw(found, svg, console)
    if capture is not None:
        write(capture, lines_of(visited))
        console.print(f"capture: {capture}", markup=False, soft_wrap=True)


def _show_file(
    transport: Transport | None, read: Path, full: bool, svg: Path | None, console: Console
) -> None:
    """Show a capture as if it had just been taken. Raises UsageError where it can't be read."""
    from lab.decode.decode import decode

    if transport is not None:
        raise click.UsageError("--read shows a capture: it takes no TRANSPORT")
    chunks, events = read_capture(read)
    if not (chunks or events):
        raise click.UsageError(f"{read} is empty: nothing was captured")
    found = decode(chunks, events)
    _show_all(found, None, full, console)
    _draw(found, svg, console)


def _show_all(found: Trace, heartbeat_s: float | None, full: bool, console: Console) -> Ledger:
    """Print the conversation and its ledger."""
    from lab.ledger.ledger import ledger

    show(found, 0 if full else LINES_EACH, console)
    counted = ledger(found, heartbeat_s)
    for table in tables(found, counted):
        print_whole(table, console)
    return counted


def _draw(found: Trace, svg: Path | None, console: Console) -> None:
    from lab.ledger.show import sequence_svg

    if svg is not None:
        write(svg, sequence_svg(found).encode())
        console.print(f"sequence diagram: {svg}", markup=False, soft_wrap=True)


def lines_of(capture: Capture) -> bytes:
    """A capture as a file, in the order of time."""
    from lab.relay.capture import Captured, to_line

    every: list[Captured] = [*capture.chunks, *capture.events]
    return b"".join(map(to_line, sorted(every, key=lambda each: each.at_ns)))


def _check_text(text: str) -> None:
    allowed = Limits().text_bytes
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise click.BadParameter("is not valid UTF-8", param_hint="--text") from error
    if size > allowed:
        problem = f"has {size} bytes; a room accepts at most {allowed}"
        raise click.BadParameter(problem, param_hint="--text")


def visit(
    transport: Transport,
    script: Script,
    settings: Settings,
    network: Network,
    tls: bool = False,
    compression: Compression | None = None,
) -> tuple[Capture, Trace]:
    """Run the script against a server of its own. Raises ClickException where that fails."""
    from lab.load.fleet import JoinRefusedError
    from lab.load.tapped import converse, opened_with
    from lab.measure.server import ServerDiedError, ServerProcess
    from lab.tls.keys import client_tls

    arguments = ["--settings", settings, "--unpaced", *(["--tls"] if tls else [])]
    if compression is not None:
        arguments += ["--compression", str(compression)]
    if script.idle_s and settings == "equal":
        arguments += ["--heartbeat", str(HEARTBEAT_S), "20"]
    try:
        with (
            ServerProcess(transport.name, arguments) as server,
            client_tls(server.ready["authority"]) as client,
        ):
            port = server.ready["port"]
            options = ConnectOptions(settings=settings, tls=client, compression=compression)
            captured = ending.run(converse(transport, server.url, port, script, options, network))
            return opened_with(captured, client)
    except TimeoutError as error:
        problem = "no answer in time: try a shorter --delay, or fewer --says"
        raise click.ClickException(problem) from error
    except (OSError, ServerDiedError, JoinRefusedError) as error:
        raise click.ClickException(f"the session on {transport.name} failed: {error}") from error


def show(found: Trace, lines_each: int, console: Console) -> None:
    """Print the conversation: in colour on a terminal, without line wrapping."""
    from lab.ledger.show import annotate

    for line in coloured(annotate(found, lines_each)):
        console.print(line, soft_wrap=True)


def coloured(lines: Iterable[str]) -> Iterator[Text]:
    """Colour the lines of `lab.ledger.show.annotate`: blue from the client, yellow from the server.

    Offsets and bytes are dimmer than their meaning; no character changes.
    """
    style = ""
    for line in lines:
        shown = Text(line)
        if head := HEAD.match(line):
            style = STYLES[head["arrow"]]
            shown.stylize(style)
        elif dump := DUMP.match(line):
            shown.stylize("dim", dump.start(1), dump.end(2))
            shown.stylize(style.removeprefix("bold "), dump.start(3), dump.end(3))
            shown.stylize("italic", dump.start(4), dump.end(4))
        yield shown


def print_whole(table: Table, console: Console) -> None:
    """Print a table in its natural width: a narrow terminal breaks lines and not numbers."""
    natural = console.measure(table, options=console.options.update(width=1000)).maximum
    console.width = max(console.width, natural)
    console.print(table)


def tables(found: Trace, counted: Ledger) -> Iterator[Table]:
    """Yield the ledger of each conversation: the cost of one of each kind, then the totals."""
    from lab.ledger.conversations import conversations
    from lab.ledger.shares import items_of

    for conversation, entry in zip(conversations(found), counted.entries, strict=True):
        yield _table(entry, items_of(conversation))


def _table(entry: Entry, items: list[ChargedPacket]) -> Table:
    further = [
        label
        for label in FURTHER
        if getattr(entry.total.up, label) or getattr(entry.total.down, label)
    ]
    table = Table(
        title=f"Ledger of {entry.name}, in bytes",
        title_justify="left",
        title_style="bold underline",
        caption=_caption(entry),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", no_wrap=True)
    for arrow in STYLES:
        for label in (f"{arrow} HTTP\nheaders", *LAYERS, *map(FURTHER.__getitem__, further)):
            table.add_column(label, justify="right")
    table.add_column("up and\ndown", justify="right")
    for section in (_each(entry), _all(entry, items)):
        for name, cost in section:
            table.add_row(name, *_amounts(cost, further))
        table.add_section()
    return table


def _each(entry: Entry) -> Iterator[tuple[str, ByteCost]]:
    """Yield the cost of one of each kind, where there was one."""
    for name, handshake in (("until connected", entry.connect), ("until joined", entry.joined)):
        if handshake is not None:
            yield name, handshake.cost
    beat = entry.heartbeat.per_beat if entry.heartbeat else None
    kinds = (("say and said", entry.message), ("one delivery", entry.delivery))
    for name, cost in (*kinds, ("one heartbeat", beat)):
        if cost is not None:
            yield name, cost


PARTS = {
    "control": "all but chat",
    "heartbeat": "all heartbeats",
    "command": "all commands",
    "reply": "all replies",
    "delivery": "all deliveries",
}
"""Kind of packet -> the label of its total."""


def _all(entry: Entry, items: list[ChargedPacket]) -> Iterator[tuple[str, ByteCost]]:
    """Yield the bytes of the session by purpose, then their total."""
    from lab.ledger.ledger import ByteCost

    for kind, name in PARTS.items():
        costs = [item.cost for item in items if item.kind == kind]
        if costs:
            total = ByteCost()
            for cost in costs:
                total = total.plus(cost)
            yield name, total
    yield "everything", entry.total


def _amounts(cost: ByteCost, further: list[str]) -> list[str]:
    sides = [amount for side in (cost.up, cost.down) for amount in _layers(side, further)]
    each = [*sides, cost.up.total + cost.down.total]
    return [f"{amount:.1f}".removesuffix(".0") if amount else "–" for amount in each]


def _layers(size: LabelledBytes, further: list[str]) -> list[float]:
    return [size.http, size.framing, size.payload, *(getattr(size, label) for label in further)]


def _caption(entry: Entry) -> str:
    lines = [f"TCP connections: {entry.tcp_connections}, HTTP requests: {entry.http_requests}"]
    for goal, handshake in (("connected", entry.connect), ("joined", entry.joined)):
        if handshake is not None:
            words = ", ".join(handshake.purposes)
            lines.append(f"Round trips until {goal}: {handshake.round_trips} ({words})")
    if entry.batching is not None:
        lines.append(f"Deliveries per {entry.batching.carrier}: {entry.batching.ratio:.2f}")
    if entry.heartbeat is not None and entry.heartbeat.per_minute is not None:
        cost, interval = entry.heartbeat.per_minute, entry.heartbeat.interval_s
        size = cost.up.total + cost.down.total
        lines.append(f"Heartbeats of an idle minute, one in {interval:g} s: {size:.1f} B")
    return "\n".join(lines)


def balance(counted: Ledger, capture: Capture) -> str:
    """Compare the bytes in the ledger with the relay's own count."""
    up, down = counted.total.up.total, counted.total.down.total
    return (
        f"accounted for: {up:.0f} B up and {down:.0f} B down; "
        f"the relay counted {capture.counted.up_bytes} and {capture.counted.down_bytes}"
    )

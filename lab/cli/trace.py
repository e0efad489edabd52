"""Asked by a person: `lab trace`, one visit to a wire, byte by byte."""

from __future__ import annotations

import asyncio
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
from lab.cli.files import OUTPUT, write
from lab.cli.options import settings_option
from lab.cli.relay import DURATION
from lab.cli.wires import WIRE
from lab.contract import Capability, ConnectOptions, Heartbeat, Settings, Transport

if TYPE_CHECKING:
    from lab.load.tapped import Script, Tape
    from lab.wire.ledger import Cost, Entry, Ledger
    from lab.wire.network import Network
    from lab.wire.shares import Bytes, Item
    from lab.wire.tree import Trace

IDLE_S: dict[Settings, float] = {"equal": 2.5, "stock": 27}
"""Long enough for a heartbeat: once a second, asked of the server; or as installed."""
HEARTBEAT_S = 1
"""The shortest that every wire can keep."""
LINES_EACH = 4
LAYERS = ("\nframing", "\npayload")
ODD = "not\ndecoded"
SAYS_MAX = 100

HEAD = re.compile(r" *[\d.]+ ms  #\d+ (?P<arrow>[→←])  ")
DUMP = re.compile(r"(  [0-9a-f]{8})  (.{47})  ?(.{0,16})(.*)")
STYLES = {"→": "bold blue", "←": "bold yellow"}


@click.command()
@click.argument("wire", type=WIRE)
@settings_option
@click.option(
    "--says",
    type=click.IntRange(0, SAYS_MAX),
    default=2,
    show_default=True,
    help="How many messages to say.",
)
@click.option("--text", default="hello", show_default=True, help="What to say.")
@click.option("--idle", is_flag=True, help="Stay for a heartbeat: 2.5 s, under stock 27 s.")
@click.option(
    "--delay",
    type=DURATION,
    default="0ms",
    show_default=True,
    help="ONE-WAY delay, in each direction: 50ms makes round trips of 100 ms.",
)
@click.option("--full", is_flag=True, help="Show all bytes, however many.")
@click.option(
    "--svg",
    type=OUTPUT,
    help="Write the sequence diagram to this file.",
)
def trace(
    wire: Transport,
    settings: Settings,
    says: int,
    text: str,
    idle: bool,
    delay: int,
    full: bool,
    svg: Path | None,
) -> None:
    """Visit WIRE and show all that crossed the line, with what it means.

    One client connects, joins a room, says something, and leaves; the server has a process of its
    own, and a relay between the two taps every byte. Below the conversation stands its ledger.

    \b
    lab trace websocket                                what one message looks like
    lab trace socketio --delay 20ms --svg socketio.svg         with a diagram of it
    lab trace socketio-polling --says 1 --idle --full | less          and all bytes
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.load.tapped import Script
    from lab.wire.decode import decode
    from lab.wire.ledger import ledger
    from lab.wire.network import Network
    from lab.wire.show import sequence_svg

    if Capability.SOCKET not in wire.capabilities:
        raise click.BadParameter(f"{wire.name} has no socket to tap", param_hint="WIRE")
    _check_text(text)
    script = Script(texts=(text,) * says, idle_s=IDLE_S[settings] if idle else 0)
    tape = visit(wire, script, settings, Network(delay_ns=delay))
    found = decode(tape.chunks, tape.events)
    console = Console(highlight=False)
    show(found, 0 if full else LINES_EACH, console)
    counted = ledger(found, Heartbeat().interval_s if settings == "equal" else None)
    for table in tables(found, counted):
        print_whole(table, console)
    console.print(balance(counted, tape), soft_wrap=True)
    if svg is not None:
        write(svg, sequence_svg(found).encode())
        console.print(f"sequence diagram: {svg}", markup=False, soft_wrap=True)


def _check_text(text: str) -> None:
    allowed = Limits().text_bytes
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise click.BadParameter("is not valid UTF-8", param_hint="--text") from error
    if size > allowed:
        problem = f"has {size} bytes; a room takes {allowed} at most"
        raise click.BadParameter(problem, param_hint="--text")


def visit(wire: Transport, script: Script, settings: Settings, network: Network) -> Tape:
    """Play the script to a server of its own. Raises ClickException where that does not work."""
    from lab.load.fleet import JoinRefusedError
    from lab.load.tapped import converse
    from lab.measure.server import ServerDiedError, ServerProcess

    arguments = ["--settings", settings, "--unpaced"]
    if script.idle_s and settings == "equal":
        arguments += ["--heartbeat", str(HEARTBEAT_S), "20"]
    options = ConnectOptions(settings=settings)
    try:
        with ServerProcess(wire.name, arguments) as server:
            port = server.ready["port"]
            return asyncio.run(converse(wire, server.url, port, script, options, network))
    except TimeoutError as error:
        problem = "no answer in time: try a shorter --delay, or fewer --says"
        raise click.ClickException(problem) from error
    except (OSError, ServerDiedError, JoinRefusedError) as error:
        raise click.ClickException(f"the visit to {wire.name} failed: {error}") from error


def show(found: Trace, lines_each: int, console: Console) -> None:
    """Print the conversation: in colour on a terminal, never wrapped."""
    from lab.wire.show import annotate

    for line in coloured(annotate(found, lines_each)):
        console.print(line, soft_wrap=True)


def coloured(lines: Iterable[str]) -> Iterator[Text]:
    """The lines of `lab.wire.show.annotate`, blue for what goes up and yellow for what comes down.

    Offsets and bytes step back behind what they mean; no character is changed.
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
    """Print a table in its natural width: a narrower terminal breaks its lines, not its numbers."""
    natural = console.measure(table, options=console.options.update(width=1000)).maximum
    console.width = max(console.width, natural)
    console.print(table)


def tables(found: Trace, counted: Ledger) -> Iterator[Table]:
    """The ledger of each conversation: what one of a kind costs, then all that there was."""
    from lab.wire.conversations import conversations
    from lab.wire.shares import items_of

    for conversation, entry in zip(conversations(found), counted.entries, strict=True):
        yield _table(entry, items_of(conversation))


def _table(entry: Entry, items: list[Item]) -> Table:
    odd = bool(entry.total.up.undecodable or entry.total.down.undecodable)
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
        for label in (f"{arrow} HTTP\nheaders", *LAYERS, *([ODD] if odd else [])):
            table.add_column(label, justify="right")
    table.add_column("up and\ndown", justify="right")
    for section in (_each(entry), _all(entry, items)):
        for name, cost in section:
            table.add_row(name, *_amounts(cost, odd))
        table.add_section()
    return table


def _each(entry: Entry) -> Iterator[tuple[str, Cost]]:
    """What one of a kind costs, as far as there was one."""
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
"""Kind of packet -> what all of them are called."""


def _all(entry: Entry, items: list[Item]) -> Iterator[tuple[str, Cost]]:
    """Every byte of the visit, by what it was for; then all of them."""
    from lab.wire.ledger import Cost

    for kind, name in PARTS.items():
        costs = [item.cost for item in items if item.kind == kind]
        if costs:
            total = Cost()
            for cost in costs:
                total = total.plus(cost)
            yield name, total
    yield "everything", entry.total


def _amounts(cost: Cost, odd: bool) -> list[str]:
    each = [*_layers(cost.up, odd), *_layers(cost.down, odd), cost.up.total + cost.down.total]
    return [f"{amount:.1f}".removesuffix(".0") if amount else "–" for amount in each]


def _layers(size: Bytes, odd: bool) -> list[float]:
    return [size.http, size.framing, size.payload, *([size.undecodable] if odd else [])]


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


def balance(counted: Ledger, tape: Tape) -> str:
    """What the ledger accounts for beside what the relay itself counted."""
    up, down = counted.total.up.total, counted.total.down.total
    return (
        f"accounted for: {up:.0f} B up and {down:.0f} B down; "
        f"the relay counted {tape.counted.up_bytes} and {tape.counted.down_bytes}"
    )

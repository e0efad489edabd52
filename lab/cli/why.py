"""`lab why`: names the cause for which a connection ended."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, read_capture
from lab.cli.reach import why_not
from lab.cli.relay import ADDRESS, Address
from lab.cli.target import target_failures
from lab.relay.capture import Captured, Chunk, ConnectionEvent, to_line
from lab.relay.relay import Relay

if TYPE_CHECKING:
    from lab.target.endpoint import Endpoint
    from lab.why.recognise import Ranked

MOST_BYTES = 64 * 1024 * 1024
"""So much of a live conversation is kept."""
SETTLE_S = 1.0
"""So long a client has to connect again before the verdict."""
SHOWN = 3
NOTHING = "nothing in this capture says why a connection ended"


@click.command(
    epilog="Examples: lab why trace.jsonl  |  lab why http://127.0.0.1:3000  |  "
    "lab relay --to 127.0.0.1:3000 --capture trace.jsonl"
)
@click.argument("what", metavar="CAPTURE|URL")
@click.option(
    "--listen",
    type=ADDRESS,
    default="127.0.0.1:0",
    show_default=True,
    help="With a URL: where clients connect. Port 0: any free one.",
)
@click.option("--capture", type=OUTPUT, help="With a URL: write what crosses it to this file.")
@click.option(
    "--i-own", multiple=True, metavar="HOST", help="This host is mine, and may be connected to."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document for each verdict.")
def why(
    what: str,
    listen: Address,
    capture: Path | None,
    i_own: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say why a connection ended, with the evidence.

    CAPTURE is a file that `lab relay --capture`, `lab trace --capture` or the page has written.
    With a URL, the command listens beside the server: connect your client to the printed address.
    Each time all connections have ended, and at Ctrl-C, it names the likeliest causes. docs/why.md
    has the table of what each cause looks like on each transport.

    The exit code is 1 if the capture does not say why.
    """
    if "://" in what:
        _live(what, listen, capture, i_own, as_json)
        return
    chunks, events = read_capture(Path(what))
    sys.exit(0 if show([*chunks, *events], None, as_json, open_console()) else 1)


def show(
    captured: Sequence[Captured], until_ns: int | None, as_json: bool, console: Console
) -> bool:
    """Print the causes that a capture speaks for. Returns whether there is one."""
    from lab.why.recognise import recognise

    ranked = recognise(captured, until_ns)
    if as_json:
        click.echo(msgspec.json.encode([_document(each) for each in ranked]))
        return bool(ranked)
    if not ranked:
        console.print(NOTHING, markup=False, highlight=False)
    for number, each in enumerate(ranked[:SHOWN], 1):
        _show(number, each, console)
    return bool(ranked)


def _document(each: Ranked) -> dict[str, object]:
    from lab.why.causes import BY_NAME

    cause = BY_NAME[each.cause]
    found = {"cause": each.cause, "weight": each.weight, "evidence": each.evidence}
    return {**found, "meaning": cause.meaning, "advice": cause.advice}


def _show(number: int, each: Ranked, console: Console) -> None:
    from lab.why.causes import BY_NAME

    cause = BY_NAME[each.cause]
    console.print(f"{number}. {cause.title}", style="bold", markup=False, highlight=False)
    for line in each.evidence:
        console.print(f"   - {line}", markup=False, highlight=False)
    if number == 1:
        console.print(f"   {cause.meaning}\n   {cause.advice}", markup=False, highlight=False)


def _live(
    url: str, listen: Address, capture: Path | None, owned: Sequence[str], as_json: bool
) -> None:
    """Relay between clients and the server at this URL, until Ctrl-C."""
    from lab.target.endpoint import permit
    from lab.target.permission import Permission
    from lab.target.target import parse_target

    if not listen.loopback:
        raise click.BadParameter("only this machine may connect", param_hint="--listen")
    try:
        target = parse_target(url)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if target.secure:
        raise click.UsageError("bytes under TLS can't be read: give the address behind it")
    with target_failures():
        endpoint = ending.run(permit(target, Permission.owning(owned)))
    ending.run(_watch(endpoint, listen, Link(capture, as_json, open_console())))


class Link:
    """What crosses a live link. It is judged each time when all connections have ended."""

    def __init__(self, capture: Path | None, as_json: bool, console: Console) -> None:
        self._captured: list[Captured] = []
        self._size = 0
        self._file = capture.open("wb") if capture is not None else None
        self._as_json = as_json
        self._console = console
        self.changed = asyncio.Event()

    def keep(self, captured: Captured) -> None:
        """Take what the relay reports."""
        if self._file is not None:
            self._file.write(to_line(captured))
        self._size += len(captured.data) if isinstance(captured, Chunk) else 0
        if self._size <= MOST_BYTES or isinstance(captured, ConnectionEvent):
            self._captured.append(captured)
        self.changed.set()

    @property
    def empty(self) -> bool:
        """Whether nothing has crossed it since the last verdict."""
        return not self._captured

    def judge(self) -> None:
        """Print why the conversation ended, and begin anew."""
        if self._captured:
            show(self._captured, time.perf_counter_ns(), self._as_json, self._console)
        self._captured, self._size = [], 0

    def close(self) -> None:
        """Write what is left."""
        if self._file is not None:
            self._file.close()


async def _watch(endpoint: Endpoint, listen: Address, link: Link) -> None:
    stop = ending.end_requested()
    relay = Relay(
        endpoint.address,
        endpoint.target.port,
        host=listen.host,
        port=listen.port,
        tap=link.keep,
        watch=link.keep,
    )
    try:
        async with relay:
            here = f"{endpoint.target.scheme}://{Address(relay.host, relay.port)}"
            click.echo(f"connect your client to {here} instead; Ctrl-C ends", err=True)
            while not stop.is_set():
                await _ended(relay, link, stop)
                if not stop.is_set():
                    link.judge()
        link.judge()
    except OSError as error:
        raise click.UsageError(why_not(listen, error)) from error
    finally:
        link.close()


async def _ended(relay: Relay, link: Link, stop: asyncio.Event) -> None:
    """Wait until all connections have ended, and none has come for a while."""
    while not stop.is_set():
        link.changed.clear()
        settled = not link.empty and not relay.connections
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S if settled else 0.5):
                await _either(link.changed, stop)
                continue
        if settled:
            return


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(each.wait()) for each in (first, second)]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()

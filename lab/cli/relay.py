"""`lab relay`: emulates a slower network in front of any TCP service."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Literal

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT
from lab.cli.reach import why_not
from lab.cli.values import BANDWIDTH, DURATION, Parsed, duration
from lab.relay.capture import Captured, to_line
from lab.relay.network import Network
from lab.relay.overhead import RelayOverhead, measure_overhead
from lab.relay.relay import ConnectionEvent, Relay
from lab.relay.units import format_bytes, format_duration

REFRESH_S = 0.5
How = Literal["rst", "fin"]


@dataclass(frozen=True)
class Address:
    """An address to listen on or to connect to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it. Names other than localhost count as public."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_address(text: str) -> Address:
    """Parse HOST:PORT, an IPv6 host in brackets. Raises ValueError that says what is allowed."""
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or (":" in bare) != (host != bare):
        raise ValueError(f"{text!r} is no address: write HOST:PORT, such as 127.0.0.1:8080")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{text!r} has no valid port: a port is a number from 0 to 65535")
    return Address(bare, int(port))


ADDRESS = Parsed("host:port", parse_address)
CUT_EVERY = duration(shortest_ns=100_000_000)


@click.command()
@click.option("--to", "target", type=ADDRESS, help="Address of the service.")
@click.option(
    "--listen", type=ADDRESS, default="127.0.0.1:0", show_default=True, help="Port 0: any free one."
)
@click.option(
    "--delay",
    type=DURATION,
    default="0ms",
    show_default=True,
    help="ONE-WAY delay, in each direction: 50ms adds 100 ms to every round trip.",
)
@click.option(
    "--jitter",
    type=DURATION,
    default="0ms",
    show_default=True,
    help="Vary each delay at random by up to this much; at most the delay.",
)
@click.option(
    "--bandwidth",
    type=BANDWIDTH,
    help="Limit for each connection and direction: 1mbit (= 125 kB/s), 56kbit, 2MB.",
)
@click.option(
    "--cut-every",
    type=CUT_EVERY,
    help="Break all connections at this interval, at least 100ms; new ones are accepted.",
)
@click.option(
    "--cut", is_flag=True, help="Break all connections at each press of Enter, or at SIGUSR1."
)
@click.option(
    "--cut-by",
    "how",
    type=click.Choice(["rst", "fin"]),
    default="rst",
    show_default=True,
    help="rst: reset, and bytes in flight are lost; fin: close in order.",
)
@click.option("--capture", type=OUTPUT, help="Write all bytes to this file, for lab why.")
@click.option("--share", is_flag=True, help="Allow --listen on an address others can reach.")
@click.option("--cost", is_flag=True, help="Measure the relay's own delay, and end.")
def relay(  # noqa: PLR0913, PLR0917 - an option each
    target: Address | None,
    listen: Address,
    delay: int,
    jitter: int,
    bandwidth: float | None,
    cut_every: int | None,
    cut: bool,
    how: How,
    capture: Path | None,
    share: bool,
    cost: bool,
) -> None:
    """Emulate a slower network in front of any TCP service.

    Prints the address for clients, counts bytes, and ends at Ctrl-C.

    \b
    lab relay --to 127.0.0.1:8080 --delay 5ms      # RTT 10 ms: the same country
    lab relay --to 127.0.0.1:8080 --delay 50ms     # RTT 100 ms: another continent
    lab relay --to 127.0.0.1:8080 --delay 150ms --jitter 50ms --bandwidth 1mbit
                                                   # RTT 300 ms: a bad mobile network
    lab relay --to 127.0.0.1:8080 --cut-every 5s   # does the client reconnect without loss?
    lab relay --to 127.0.0.1:8080 --cut            # cut now: Enter, or kill -USR1 PID
    """  # noqa: D301 - click's mark is the backspace itself
    if cost:
        open_console().print(overhead_table(ending.run(measure_overhead())))
        return
    if target is None:
        raise click.UsageError("name the service: --to HOST:PORT")
    if target.port == 0:
        raise click.BadParameter("port 0 can't be connected to", param_hint="--to")
    if not listen.loopback and not share:
        raise click.BadParameter(
            f"other machines can connect to {listen}: add --share to allow this",
            param_hint="--listen",
        )
    try:
        network = Network(delay_ns=delay, jitter_ns=jitter, bandwidth_bytes_per_s=bandwidth)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--jitter") from error
    with _recorded(capture) as keep:
        ending.run(_run(target, listen, network, Cuts(cut_every, cut, how), keep))


@contextmanager
def _recorded(path: Path | None) -> Iterator[Callable[[Captured], None] | None]:
    """What writes to the capture file; None without one."""
    if path is None:
        yield None
        return
    with path.open("wb") as file:

        def keep(captured: Captured) -> None:
            file.write(to_line(captured))

        yield keep


def describe(network: Network) -> str:
    """Describe the network in one line, with the round trip that its delay adds."""
    parts = [f"delay {format_duration(network.delay_ns)} one way"]
    if network.jitter_ns:
        parts.append(f"jitter {format_duration(network.jitter_ns)}")
    parts.append(f"RTT +{format_duration(network.rtt_ns)}")
    if network.bandwidth_bytes_per_s is not None:
        parts.append(f"{format_bytes(network.bandwidth_bytes_per_s)}/s each way")
    return ", ".join(parts)


@dataclass(frozen=True)
class Cuts:
    """When and how to break all connections."""

    every_ns: int | None = None
    asked: bool = False
    how: How = "rst"


@dataclass
class Watched:
    """Counts connections by what became of them, for the table of a running relay."""

    keep: Callable[[Captured], None] | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: ConnectionEvent) -> None:
        self.kinds[event.kind] += 1
        if self.keep is not None:
            self.keep(event)
        if event.kind == "refused":
            click.echo(
                f"connection {event.connection}: target not reached: {event.detail}", err=True
            )


async def _run(
    target: Address,
    listen: Address,
    network: Network,
    cuts: Cuts,
    keep: Callable[[Captured], None] | None,
) -> None:
    stop = ending.end_requested()
    watched = Watched(keep)
    console = open_console()
    running = Relay(
        target.host,
        target.port,
        host=listen.host,
        port=listen.port,
        network=network,
        tap=keep,
        watch=watched,
    )
    start_s = monotonic()
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(running)
        except OSError as error:
            raise click.BadParameter(why_not(listen, error), param_hint="--listen") from error
        here = Address(running.host, running.port)
        click.echo(f"listening on {here}, to {target}: {describe(network)}")
        with _cutting(running, cuts):
            await _show_until(stop, running, watched, console)
    console.print(traffic_table(running, watched, monotonic() - start_s))


@contextmanager
def _cutting(running: Relay, cuts: Cuts) -> Iterator[None]:
    """Break the connections at each interval, at Enter and at SIGUSR1."""
    loop = asyncio.get_running_loop()

    def cut() -> None:
        count = len(running.connections)
        running.cut(cuts.how)
        click.echo(f"cut: {count} connection{'' if count == 1 else 's'}", err=True)

    if cuts.asked:
        loop.add_signal_handler(signal.SIGUSR1, cut)
        _at_enter(loop, cut)
    ticking = None if cuts.every_ns is None else loop.create_task(_tick(cuts.every_ns, cut))
    try:
        yield
    finally:
        if ticking is not None:
            ticking.cancel()
        if cuts.asked:
            loop.remove_signal_handler(signal.SIGUSR1)
            loop.remove_reader(0)


async def _tick(every_ns: int, cut: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(every_ns / 1e9)
        cut()


def _at_enter(loop: asyncio.AbstractEventLoop, cut: Callable[[], None]) -> None:
    """Call `cut` for each line of stdin; a stdin without events (a file) is ignored."""

    def read() -> None:
        lines = os.read(0, 1024)
        if lines:
            cut()
        else:
            loop.remove_reader(0)

    with suppress(OSError):
        loop.add_reader(0, read)


async def _show_until(
    stop: asyncio.Event, running: Relay, watched: Watched, console: Console
) -> None:
    start_s = monotonic()
    shown = Live(console=console, auto_refresh=False, transient=True)
    with shown if console.is_terminal else nullcontext():
        while not stop.is_set():
            if console.is_terminal:
                shown.update(traffic_table(running, watched, monotonic() - start_s), refresh=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S if console.is_terminal else None):
                    await stop.wait()


def traffic_table(running: Relay, watched: Watched, elapsed_s: float) -> Table:
    """Return the connections and bytes so far."""
    table = Table("", "client to target", "target to client", title=f"{elapsed_s:.1f} s")
    total = running.total
    table.add_row("bytes", f"{total.up_bytes:,}", f"{total.down_bytes:,}")
    per_s = [
        format_bytes(size / max(elapsed_s, 1e-9)) for size in (total.up_bytes, total.down_bytes)
    ]
    table.add_row("per second", *per_s)
    kinds = watched.kinds
    table.caption = (
        f"connections: {running.opened}, open {len(running.connections)}, "
        f"cut {kinds['cut']}, reset {kinds['reset']}, without target {kinds['refused']}"
    )
    return table


def overhead_table(costs: list[RelayOverhead]) -> Table:
    """Return what the relay adds to a round trip beyond the emulated delay."""
    table = Table(
        "one-way delay", "round trips", "direct p50", "relayed p50", "relayed p99", "error p50"
    )
    for cost in costs:
        times = (cost.direct_p50_ns, cost.rtt_p50_ns, cost.rtt_p99_ns, cost.error_p50_ns)
        table.add_row(
            format_duration(cost.delay_ns), str(cost.rounds), *map(format_duration, times)
        )
    return table

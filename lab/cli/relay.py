"""Asked by a person: `lab relay`, which puts a bent network in front of any TCP service."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from time import monotonic

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from lab.wire.network import Network
from lab.wire.relay import LineEvent, Relay
from lab.wire.relay_cost import Cost, measure_cost
from lab.wire.units import format_bytes, format_duration, parse_bandwidth, parse_duration

REFRESH_S = 0.5


@dataclass(frozen=True)
class Address:
    """Where to listen or to connect."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it. A name other than localhost counts as public."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse_address(text: str) -> Address:
    """HOST:PORT, an IPv6 host in brackets. Raises ValueError that says what is allowed."""
    host, colon, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not colon or not bare or (":" in bare) != (host != bare):
        raise ValueError(f"{text!r} is no address: write HOST:PORT, such as 127.0.0.1:8080")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{text!r} has no valid port: a port is a number from 0 to 65535")
    return Address(bare, int(port))


class Parsed(click.ParamType[object]):
    """An option whose text a function understands, or refuses with a ValueError."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = Parsed("duration", parse_duration)
BANDWIDTH = Parsed("bandwidth", parse_bandwidth)
ADDRESS = Parsed("host:port", parse_address)


@click.command()
@click.option("--to", "target", type=ADDRESS, help="The service to stand in front of.")
@click.option(
    "--listen", type=ADDRESS, default="127.0.0.1:0", show_default=True, help="Port 0: a free one."
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
    help="Vary each delay by up to so much either way; at most the delay.",
)
@click.option(
    "--bandwidth",
    type=BANDWIDTH,
    help="Limit per connection and direction: 1mbit (= 125 kB/s), 56kbit, 2MB.",
)
@click.option("--share", is_flag=True, help="Allow --listen where other machines can connect.")
@click.option("--cost", is_flag=True, help="Measure what the relay itself costs, and end.")
def relay(
    target: Address | None,
    listen: Address,
    delay: int,
    jitter: int,
    bandwidth: float | None,
    share: bool,
    cost: bool,
) -> None:
    """Put a slower network in front of any TCP service.

    Prints the address to connect to, counts bytes, and ends at Ctrl-C.

    \b
    lab relay --to 127.0.0.1:8080 --delay 5ms      RTT 10 ms: the same country
    lab relay --to 127.0.0.1:8080 --delay 50ms     RTT 100 ms: another continent
    lab relay --to 127.0.0.1:8080 --delay 150ms --jitter 50ms --bandwidth 1mbit
                                                   RTT 300 ms: a bad mobile line
    """  # noqa: D301 - click's mark is the backspace itself
    if cost:
        Console().print(cost_table(asyncio.run(measure_cost())))
        return
    if target is None:
        raise click.UsageError("say which service to stand in front of: --to HOST:PORT")
    if target.port == 0:
        raise click.BadParameter("port 0 can't be connected to", param_hint="--to")
    if not listen.loopback and not share:
        raise click.BadParameter(
            f"other machines could connect to {listen}; add --share if that is meant",
            param_hint="--listen",
        )
    try:
        network = Network(delay_ns=delay, jitter_ns=jitter, bandwidth_bytes_per_s=bandwidth)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    asyncio.run(_run(target, listen, network))


def describe(network: Network) -> str:
    """The network in a line, with the round trip that its delay makes."""
    parts = [f"delay {format_duration(network.delay_ns)} one way"]
    if network.jitter_ns:
        parts.append(f"jitter {format_duration(network.jitter_ns)}")
    parts.append(f"RTT +{format_duration(network.rtt_ns)}")
    if network.bandwidth_bytes_per_s is not None:
        parts.append(f"{format_bytes(network.bandwidth_bytes_per_s)}/s each way")
    return ", ".join(parts)


@dataclass
class Watched:
    """What a person is told while a relay runs: connections by what became of them."""

    kinds: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: LineEvent) -> None:
        self.kinds[event.kind] += 1
        if event.kind == "refused":
            click.echo(f"connection {event.connection}: no target: {event.detail}", err=True)


async def _run(target: Address, listen: Address, network: Network) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    watched = Watched()
    console = Console()
    running = Relay(
        target.host, target.port, host=listen.host, port=listen.port, network=network, watch=watched
    )
    start_s = monotonic()
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(running)
        except OSError as error:
            problem = f"can't listen on {listen}: {error}"
            raise click.BadParameter(problem, param_hint="--listen") from error
        here = Address(running.host, running.port)
        click.echo(f"listening on {here}, to {target}: {describe(network)}")
        await _show_until(stop, running, watched, console)
    console.print(traffic_table(running, watched, monotonic() - start_s))


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
    """Connections and bytes so far."""
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
        f"reset {kinds['reset']}, without target {kinds['refused']}"
    )
    return table


def cost_table(costs: list[Cost]) -> Table:
    """What the relay adds to a round trip, beyond what it was asked to."""
    table = Table(
        "one-way delay", "round trips", "straight p50", "relayed p50", "relayed p99", "error p50"
    )
    for cost in costs:
        times = (cost.direct_p50_ns, cost.rtt_p50_ns, cost.rtt_p99_ns, cost.error_p50_ns)
        table.add_row(
            format_duration(cost.delay_ns), str(cost.rounds), *map(format_duration, times)
        )
    return table

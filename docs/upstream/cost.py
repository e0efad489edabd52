"""Server CPU for each delivery in a room, as installed and with each patch that makes it cheaper.

    python docs/upstream/cost.py [--transport socketio-websocket] [--passes 10] [--size 100]

Each pass runs `lab serve` once for each set of patches, in shuffled order, asked by the raw driver.
CPU time is the server process's own, so that a busy machine widens the intervals and shifts little.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click
import msgspec

from docs.upstream.telling import COSTS, patched
from lab.contract import Address
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.process import cpu_ns, pin, plan_cores
from lab.measure.server import ServerProcess
from lab.measure.stats import interval, paired_ratio
from transports.registry import load

SETS: dict[str, tuple[str, ...]] = {
    "as installed": (),
    **{name: (name,) for name in COSTS},
    "room_emit + writer_wait": COSTS[:2],
    "all three": COSTS,
}
TEXT_BYTES = 64
WARM_UP = 50


@click.command()
@click.option("--transport", default="socketio-websocket", show_default=True)
@click.option("--passes", default=10, show_default=True)
@click.option("--size", default=100, show_default=True, help="Members of the room.")
@click.option("--messages", default=200, show_default=True)
@click.option("--window", "windows", multiple=True, type=int, default=(1, 16), show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(
    transport: str, passes: int, size: int, messages: int, windows: tuple[int, ...], seed: int
) -> None:
    """Measure, and print medians and paired ratios with their 95 % intervals."""
    shuffled = random.Random(seed)
    cores = plan_cores()
    pin(os.getpid(), cores.load)
    took: dict[tuple[str, int], list[float]] = {(name, w): [] for name in SETS for w in windows}
    with ExitStack() as stack:
        paths = {
            name: stack.enter_context(patched(patches))["PYTHONPATH"] if patches else None
            for name, patches in SETS.items()
        }
        for _ in range(passes):
            for name in shuffled.sample(list(SETS), len(SETS)):
                with _importing(paths[name]):
                    server = ServerProcess(transport, ["--unpaced"]).__enter__()
                try:
                    pin(server.pid, cores.server)
                    for window in windows:
                        took[name, window].append(_cost(server, transport, size, messages, window))
                finally:
                    server.__exit__(None, None, None)
                sys.stderr.write(".")
                sys.stderr.flush()
    sys.stderr.write("\n")
    for window in windows:
        click.echo(
            f"{transport}, room of {size}, {window} in flight, {passes} passes: µs a delivery"
        )
        for name in SETS:
            click.echo(_row(name, took[name, window], took["as installed", window]))


@contextmanager
def _importing(path: str | None) -> Iterator[None]:
    """Processes that are started meanwhile look here for their libraries first."""
    before = os.environ.get("PYTHONPATH")
    if path is not None:
        os.environ["PYTHONPATH"] = path
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH", None)
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _cost(server: ServerProcess, transport: str, size: int, messages: int, window: int) -> float:
    """Server CPU in µs for each delivery. Nothing may be lost or out of order."""
    address = msgspec.convert(server.ready, Address)
    texts = incompressible(TEXT_BYTES, WARM_UP + messages, window)
    with RawRoom(load(transport), address, f"room of {window}", size) as room:
        room.fan_out(texts[:WARM_UP], window)
        before = cpu_ns(server.pid)
        found = room.fan_out(texts[WARM_UP:], window)
        used = cpu_ns(server.pid) - before
    if found.delivered != found.expected or found.out_of_order:
        raise SystemExit(f"{found.delivered} of {found.expected}, disorder {found.out_of_order}")
    return used / found.delivered / 1000


def _row(name: str, values: list[float], installed: list[float]) -> str:
    row = f"  {name:<24} {interval(values).median:6.1f}"
    if values is installed:
        return row
    ratio = paired_ratio(values, installed, lower_is_better=True, seed=1)
    if ratio.low is None or ratio.high is None:
        return f"{row}   {ratio.ratio:.2f}x"
    return f"{row}   {ratio.ratio:.2f}x [{ratio.low:.2f}, {ratio.high:.2f}]  {ratio.verdict}"


if __name__ == "__main__":
    main()

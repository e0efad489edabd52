"""`lab faults`: breaks connections and servers at random, and says what was lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from lab.cli.console import open_console
from lab.cli.durable import check_durable
from lab.cli.options import results_option
from lab.cli.transports import TRANSPORT
from lab.cli.values import SEED, Finite
from lab.contract import Capability, Transport

if TYPE_CHECKING:
    from rich.console import Console

    from lab.faults.run import Found
    from lab.faults.script import Script


@click.command(epilog="Example: lab faults --transport socketio-polling --seconds 30 --seed 7")
@click.option("--transport", type=TRANSPORT, required=True, help="What is broken.")
@click.option(
    "--seconds", type=Finite(1, 86_400), default=10, show_default=True, help="For how long."
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Decides what happens.")
@click.option(
    "--clients", type=click.IntRange(1, 100), default=4, show_default=True, help="In one room."
)
@click.option(
    "--cuts",
    type=click.IntRange(1, 1_000_000),
    help="End earlier, after this many cut connections.",
)
@click.option("--durable", is_flag=True, help="Keep the rooms in a file, over all kills.")
@click.option(
    "--nodes",
    type=click.IntRange(2, 16),
    help="Break so many nodes that share the rooms, and the Redis server that joins them.",
)
@results_option("Where the run is written.", writes=True)
def faults(
    transport: Transport,
    seconds: float,
    seed: int,
    clients: int,
    cuts: int | None,
    durable: bool,
    nodes: int | None,
    results: Path,
) -> None:
    """Break connections and the server at random, and judge what the clients saw.

    Clients join, say texts with keys, leave and resume, while connections are cut and stalled and
    the server is killed, started again and paused. With --nodes each client is now at one node, now
    at another; nodes are stopped beyond their lease and cut off from Redis, and Redis is killed, or
    has no memory or disk space for a while.

    Exit code 1: a rule of the room was broken. Then the smallest part of the history that shows it
    is printed, and drawn in the run's folder.
    """
    if not {Capability.TCP, Capability.WEBTRANSPORT} & transport.capabilities:
        raise click.UsageError(f"{transport.name} has no connection that could be cut")
    if durable:
        check_durable(transport)
    if nodes is not None:
        _check_nodes(transport, durable)
    from lab.cluster.programs import ClusterError
    from lab.measure.server import ServerDiedError

    console = open_console()
    wanted = {"seconds": seconds, "seed": seed, "clients": clients, "cuts": cuts}
    try:
        if nodes is None:
            script, found = _on_one(transport, durable, wanted, console)
        else:
            script, found = _on_nodes(transport, nodes, wanted, console)
    except (ClusterError, ServerDiedError, OSError) as error:
        raise click.ClickException(str(error)) from error
    written = _record(transport, script, found, results)
    _show(transport, found, written, console)
    if found.violations:
        raise click.exceptions.Exit(1)


def _check_nodes(transport: Transport, durable: bool) -> None:
    """Raise click.UsageError if there can be no such nodes here."""
    from lab.cluster.programs import missing
    from transports._shared import extras

    if durable:
        raise click.UsageError("--durable keeps the rooms of one server: leave --nodes away")
    if not transport.can_join_nodes():
        raise click.UsageError(
            f"{transport.name} runs a room of its own, which no other node can share"
        )
    if (reason := missing("redis-server") or extras.missing("redis")) is not None:
        raise click.UsageError(f"--nodes {reason}")


def _on_one(
    transport: Transport, durable: bool, wanted: dict[str, Any], console: Console
) -> tuple[Script, Found]:
    from lab.faults.prepared import prepared
    from lab.faults.run import run
    from lab.faults.script import Script

    with prepared(transport, durable=durable) as ready:
        script = Script(**wanted, durable=durable, kinds=ready.kinds)
        _say_left_out(ready.left_out, console)
        found = asyncio.run(run(transport, ready.subject, script))
    return script, found


def _on_nodes(
    transport: Transport, nodes: int, wanted: dict[str, Any], console: Console
) -> tuple[Script, Found]:
    from lab.faults.nodes import joined_nodes
    from lab.faults.run import run_nodes
    from lab.faults.script import Script

    async def play() -> tuple[Script, Found]:
        async with joined_nodes(transport, nodes) as ready:
            _say_left_out(ready.left_out, console)
            script = Script(**wanted, durable=True, nodes=nodes, kinds=ready.kinds)
            return script, await run_nodes(transport, ready.subjects, script, ready.backplane)

    return asyncio.run(play())


def _say_left_out(reasons: Sequence[str], console: Console) -> None:
    for reason in reasons:
        console.print(reason, markup=False, soft_wrap=True)


def _show(transport: Transport, found: Found, folder: Path, console: Console) -> None:
    from lab.faults.run import LOST, TWICE

    happened = ", ".join(f"{count} {kind}" for kind, count in sorted(found.faults.items()))
    lines = [
        f"{transport.name}: {found.operations} operations, {found.acknowledged} messages "
        f"acknowledged; {happened or 'no fault'}",
        f"lost {found.count(*LOST)}, doubled {found.count(*TWICE)}, "
        f"other violations {len(found.violations) - found.count(*LOST, *TWICE)}",
    ]
    for file in sorted(folder.glob("*.txt")):
        lines += ["", file.read_text(encoding="utf-8")]
    console.print("\n".join([*lines, f"run: {folder}"]), markup=False, soft_wrap=True)


def _record(transport: Transport, script: Script, found: Found, results: Path) -> Path:
    """Write the run, and beside it the counterexamples. Returns its folder."""
    from lab import record
    from lab.faults.run import LOST
    from lab.measure.figures import Workload, count
    from lab.measure.process import CpuUse

    constants: dict[str, Any] = msgspec.to_builtins(script)
    writer = record.create(
        results,
        "faults",
        transports={
            transport.name: {
                "stack": msgspec.to_builtins(transport.stack()),
                "settings_shown": dict(transport.effective_settings("equal")),
            }
        },
        seed=script.seed,
        planned_passes=1,
        constants={**constants, "experiments": ["faults"], "client": "library"},
        command=["lab", "faults", "--transport", transport.name],
    )
    ended_ms = max((step.at_ms for step in found.history), default=0)
    counts = count(
        Workload(transport=transport.name, experiment="faults", measure="faults"),
        CpuUse(wall_ns=max(int(ended_ms * 1e6), 1), load_cpu_ns=0, server_cpu_ns=None),
        (),
        expected=found.acknowledged,
        delivered=found.acknowledged - found.count(*LOST),
        detail={
            "operations": found.operations,
            "faults": found.faults,
            "violations": [[each.rule, each.sentence] for each in found.violations],
        },
    )
    entry = record.Benchmark(f"test_faults[{transport.name}]", counts)
    writer.add_pass(
        msgspec.json.encode({"benchmarks": [entry]}), order=[transport.name], seconds=ended_ms / 1e3
    )
    folder = writer.finish().folder
    _write_counterexamples(script, found, folder)
    return folder


def _write_counterexamples(script: Script, found: Found, folder: Path) -> None:
    """For each broken rule, the smallest history that shows it, as text and as a picture."""
    from lab.faults.history import shrink, told
    from lab.faults.picture import draw

    for rule in dict.fromkeys(each.rule for each in found.violations):
        smallest, violation = shrink(found.history, rule, durable=script.durable)
        name = rule.replace(" ", "-")
        (folder / f"{name}.txt").write_text(told(smallest, violation) + "\n", encoding="utf-8")
        (folder / f"{name}.svg").write_text(draw(smallest, violation), encoding="utf-8")

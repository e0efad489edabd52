"""`lab reproduce`: a published table beside the lab's own measurement of the same thing."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from lab.chat.limits import Limits
from lab.cli.options import wires_option
from lab.cli.wires import WIRE
from lab.contract import Capability, Transport
from lab.load.batches import SHORTEST_TEXT_BYTES, Progress, Workload

if TYPE_CHECKING:
    from lab.reproduce.cometd import Redone
    from lab.reproduce.received import Received

POLLING = "socketio-polling"
"""The wire that is held against CometD's long-polling."""


@click.group()
def reproduce() -> None:
    """Redo a published table: their numbers, ours, and what holds of theirs."""


@reproduce.command(epilog="Example: lab reproduce quantum --payload 64")
@wires_option
@click.option(
    "--payload",
    type=click.IntRange(SHORTEST_TEXT_BYTES, Limits().text_bytes),
    default=16,
    show_default=True,
    help="Size of each text in bytes.",
)
@click.option(
    "--messages",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="How many are counted on each wire.",
)
def quantum(wires: list[str], payload: int, messages: int) -> None:
    """Lubbers & Greco 2010: 871 header bytes by polling against 2 by WebSocket.

    Each wire is served, one client says texts to another, and every byte is read through the relay
    and charged to what it is for.
    """
    from lab.reproduce import quantum_page as page
    from lab.reproduce.quantum import verdict

    console = Console()
    measured = _receive(_with_sockets(wires, console), payload, messages, console)
    console.print(page.overheads(measured, payload), "", page.bandwidths(measured), "", sep="\n")
    _list(console, "What the paper left out", page.left_out(measured))
    _list(console, "Verdict", verdict(measured))


def _with_sockets(names: Sequence[str], console: Console) -> list[Transport]:
    from transports import registry

    loaded = [registry.load(name) for name in names]
    wires = [wire for wire in loaded if Capability.SOCKET in wire.capabilities]
    without = ", ".join(wire.name for wire in loaded if wire not in wires)
    if not wires:
        raise click.BadParameter(
            f"no bytes cross {without}: name a wire with a socket (`lab list`)",
            param_hint="--wires",
        )
    if without:
        console.print(f"left out: {without}, which has no socket", style="dim")
    return wires


def _receive(
    wires: Sequence[Transport], payload: int, messages: int, console: Console
) -> list[Received]:
    from lab.load.fleet import JoinRefusedError
    from lab.measure.server import ServerDiedError
    from lab.reproduce.received import NotCountedError, receive

    measured = []
    with _bar(console) as bar:
        task = bar.add_task("counting", total=len(wires))
        for wire in wires:
            bar.update(task, description=wire.name)
            try:
                measured.append(receive(wire, payload, messages))
            except (OSError, JoinRefusedError, NotCountedError, ServerDiedError) as error:
                raise click.ClickException(f"{wire.name}: {error or 'nothing came'}") from error
            bar.advance(task)
    return measured


@reproduce.command(epilog="Example: lab reproduce cometd --scale 0.05")
@click.option(
    "--scale",
    type=click.FloatRange(0.01, 1),
    help="Share of the published 1,000 clients; default: what this machine holds, found by trials.",
)
@click.option(
    "--batches",
    type=click.IntRange(10, 1000),
    default=1000,
    show_default=True,
    help="Batches of 10 messages.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Who is in which rooms.")
def cometd(scale: float | None, batches: int, seed: int) -> None:
    """CometD's benchmark: which share of deliveries are HTTP responses (published: 39.28 %).

    Clients in 10 of 100 rooms each, batches of 10 messages of 50 B, 10 ms between batches, on
    long-polling. Every delivery is counted, by the clients and in the bytes; one lost voids it all.
    """
    from lab.reproduce import cometd_page as page
    from lab.reproduce.cometd import scaled

    console = Console()
    wire = WIRE.convert(POLLING, None, None)
    if scale is None:
        scale = _find_scale(wire, seed, console)
    try:
        workload = scaled(scale, batches, seed)
    except ValueError as error:  # click's range lets "nan" pass
        raise click.BadParameter(str(error), param_hint="--scale") from error
    _check_files(workload)
    done = _run(wire, scale, workload, console)
    console.print(page.beside(done), "", sep="\n")
    _list(console, "What is not alike", page.differences(done))
    if done.void:
        console.print(f"void: {done.void}", style="red", highlight=False)
        raise click.exceptions.Exit(1)
    _list(console, "Verdict", [page.comparison(done)])


def _find_scale(wire: Transport, seed: int, console: Console) -> float:
    """The largest scale whose trial keeps the published pace; the smallest where none does."""
    from lab.reproduce.cometd import PUBLISHED, SCALES, TRIAL_BATCHES, scaled

    chosen = None
    for scale in SCALES:
        workload = scaled(scale, TRIAL_BATCHES, seed)
        if _missing_files(workload):
            break
        trial = _run(wire, scale, workload, console, "trial")
        said = f"scale {scale:g}: {trial.pace:.0%} of the pace"
        void = f", void: {trial.void}" if trial.void else ""
        console.print(said + void, style="dim", highlight=False)
        if not trial.held:
            break
        chosen = scale
    if chosen is None:
        chosen = SCALES[0]
        why = f"the smallest, since none kept {PUBLISHED.pace:.0%} of the pace"
    else:
        why = f"the largest tried that kept {PUBLISHED.pace:.0%} of the pace"
    console.print(f"scale {chosen:g}: {why}, as the published run did", highlight=False)
    return chosen


def _missing_files(workload: Workload) -> int:
    """How many open files are needed if the limit is below that; else 0."""
    from lab.reproduce.cometd import fds_needed

    needed = fds_needed(workload)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 0 if limit in (-1, resource.RLIM_INFINITY) or limit >= needed else needed


def _check_files(workload: Workload) -> None:
    if needed := _missing_files(workload):
        raise click.UsageError(
            f"{workload.clients:,} clients need {needed:,} open files, and fewer are allowed: "
            f"run `ulimit -n {needed}` first, or choose a smaller --scale"
        )


def _run(
    wire: Transport, scale: float, workload: Workload, console: Console, what: str = ""
) -> Redone:
    from lab.load.fleet import JoinRefusedError
    from lab.measure.server import ServerDiedError
    from lab.reproduce.cometd import redo

    with _bar(console) as bar:
        try:
            return asyncio.run(redo(wire, scale, workload, _teller(bar, f"{what} {scale:g}")))
        except (OSError, JoinRefusedError, ServerDiedError) as error:
            raise click.ClickException(f"{wire.name}: {error or 'no answer'}") from error


def _teller(bar: ProgressBar, title: str) -> Progress:
    """One line of the bar for each thing that is done."""
    tasks = {}

    def tell(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(f"{title.strip()}: {what}", total=total)
        bar.update(tasks[what], completed=done)

    return tell


def _list(console: Console, title: str, sentences: Iterable[str]) -> None:
    console.print(title, style="bold", highlight=False)
    for sentence in sentences:
        console.print(Padding.indent(Text(f"- {sentence}"), 2))


@contextmanager
def _bar(console: Console) -> Iterator[ProgressBar]:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn())
    with ProgressBar(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        yield bar

"""`lab reproduce`: repeats a published measurement and prints both results."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress as ProgressBar

from lab.chat.limits import Limits
from lab.cli import ending
from lab.cli.console import open_console, print_list
from lab.cli.group import WholeSentences
from lab.cli.options import transports_option
from lab.cli.progress import progress_bar
from lab.cli.transports import TRANSPORT
from lab.cli.umea import umea
from lab.cli.values import SEED, Finite
from lab.contract import Capability, Transport
from lab.load.batches import SHORTEST_TEXT_BYTES, Progress, Workload

if TYPE_CHECKING:
    from lab.reproduce.cometd import Redone
    from lab.reproduce.compressed import Loop
    from lab.reproduce.received import Received

POLLING = "socketio-polling"
"""The transport that is compared with CometD's long-polling."""


@click.group(cls=WholeSentences)
def reproduce() -> None:
    """Repeat a published measurement: the published numbers, the lab's, and which ones hold.

    \b
    lab reproduce quantum --payload 64
    """  # noqa: D301 - click's mark is the backspace itself


reproduce.add_command(umea)


@reproduce.command(epilog="Example: lab reproduce quantum --payload 64")
@transports_option()
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
    help="How many messages to count on each transport.",
)
def quantum(transports: list[str], payload: int, messages: int) -> None:
    """Lubbers & Greco 2010: 871 header bytes by polling against 2 by WebSocket.

    One client sends texts to another on each transport. A relay captures every byte, and the
    table shows what each byte is for.
    """
    from lab.reproduce import quantum_page as page
    from lab.reproduce.quantum import verdict

    console = open_console()
    measured = _receive(_with_sockets(transports, console), payload, messages, console)
    console.print(page.overheads(measured, payload), "", page.bandwidths(measured), "", sep="\n")
    print_list(console, "What the paper left out", page.left_out(measured))
    print_list(console, "Verdict", verdict(measured))


def _with_sockets(names: Sequence[str], console: Console) -> list[Transport]:
    from transports import registry

    loaded = [registry.load(name) for name in names]
    transports = [transport for transport in loaded if Capability.HTTP_1 in transport.capabilities]
    without = ", ".join(transport.name for transport in loaded if transport not in transports)
    if not transports:
        raise click.BadParameter(
            f"no bytes to count on {without}: choose a transport with a socket (`lab list`)",
            param_hint="--transports",
        )
    if without:
        console.print(f"left out: {without}, which has no socket", style="dim")
    return transports


def _receive(
    transports: Sequence[Transport], payload: int, messages: int, console: Console
) -> list[Received]:
    from lab.load.fleet import JoinRefusedError
    from lab.measure.server import ServerDiedError
    from lab.reproduce.received import NotCountedError, receive

    measured = []
    with progress_bar(console) as bar:
        task = bar.add_task("counting", total=len(transports))
        for transport in transports:
            bar.update(task, description=transport.name)
            try:
                measured.append(receive(transport, payload, messages))
            except (OSError, JoinRefusedError, NotCountedError, ServerDiedError) as error:
                raise click.ClickException(
                    f"{transport.name}: {error or 'no message arrived'}"
                ) from error
            bar.advance(task)
    return measured


@reproduce.command(epilog="Example: lab reproduce cometd --scale 0.05")
@click.option(
    "--scale",
    type=Finite(0.01, 1),
    help="Share of the published 1,000 clients; default: the largest that this machine handles.",
)
@click.option(
    "--batches",
    type=click.IntRange(10, 1000),
    default=1000,
    show_default=True,
    help="Batches of 10 messages.",
)
@click.option(
    "--seed", type=SEED, default=0, show_default=True, help="Decides who is in which room."
)
def cometd(scale: float | None, batches: int, seed: int) -> None:
    """CometD's benchmark: HTTP responses per delivery (published: 39.28 %).

    Each client is in 10 of 100 rooms. Batches of 10 messages of 50 B follow each other after 10 ms,
    on long-polling. The clients count every delivery, and so does the relay in the bytes. One lost
    delivery makes the run void.
    """
    from lab.reproduce import cometd_page as page
    from lab.reproduce.cometd import scaled

    console = open_console()
    transport = TRANSPORT.convert(POLLING, None, None)
    if scale is None:
        scale = _find_scale(transport, seed, console)
    workload = scaled(scale, batches, seed)
    _check_files(workload)
    done = _run(transport, scale, workload, console)
    console.print(page.beside(done), "", sep="\n")
    print_list(console, "Differences from the published setup", page.differences(done))
    if done.void:
        console.print(f"void: {done.void}", style="red", highlight=False)
        raise click.exceptions.Exit(1)
    print_list(console, "Verdict", [page.comparison(done)])


@reproduce.command(epilog="Example: lab reproduce compression --passes 5")
@click.option(
    "--passes",
    type=click.IntRange(1, 50),
    default=5,
    show_default=True,
    help="How often what is timed is measured; from 5 on the ratios have an interval.",
)
@click.option(
    "--messages",
    type=click.IntRange(100, 100_000),
    default=20_000,
    show_default=True,
    help="How many messages the loop in Node sends.",
)
def compression(passes: int, messages: int) -> None:
    """Three published tables of WebSocket compression, which seem to contradict each other.

    338 KiB in 11.1 ms with it and 0.9 ms without; a typing event of 277 B in 169 B; and 79,000
    messages a second without it against 10,000 with it. Each is repeated with a payload of its size
    and kind.
    """
    from lab.reproduce import compressed_page as page
    from lab.reproduce.compressed import OBSERVATIONS, Redone, measure_frames, measure_typing

    console = open_console()
    with progress_bar(console) as bar:
        task = bar.add_task("repeating", total=len(OBSERVATIONS) + 2)
        frames = {}
        for row in OBSERVATIONS:
            frames[row.name] = ending.run(measure_frames(row, passes))
            bar.advance(task)
        typing = ending.run(measure_typing())
        bar.advance(task)
        done = Redone(frames, typing, _loop(messages, passes))
    for each in page.tables(done):
        console.print(each, "", sep="\n")
    print_list(console, "What each shows", page.explained(done))
    print_list(console, "Verdict", page.verdict())


def _loop(messages: int, passes: int) -> Loop | None:
    """Measure the loop in Node; None without Node."""
    from lab.interop.node import NodeError, node_unavailable
    from lab.reproduce.compressed import measure_loop

    if node_unavailable() is not None:
        return None
    try:
        return ending.run(measure_loop(messages, passes))
    except (NodeError, TimeoutError) as error:
        raise click.ClickException(str(error)) from error


def _find_scale(transport: Transport, seed: int, console: Console) -> float:
    """Return the largest scale whose trial keeps the published rate, else the smallest."""
    from lab.reproduce.cometd import PUBLISHED, SCALES, TRIAL_BATCHES, scaled

    chosen = None
    for scale in SCALES:
        workload = scaled(scale, TRIAL_BATCHES, seed)
        if _missing_files(workload):
            break
        trial = _run(transport, scale, workload, console, "trial")
        said = f"scale {scale:g}: {trial.pace:.0%} of the rate"
        void = f", void: {trial.void}" if trial.void else ""
        console.print(said + void, style="dim", highlight=False)
        if not trial.held:
            break
        chosen = scale
    if chosen is None:
        chosen = SCALES[0]
        why = f"the smallest, because none kept {PUBLISHED.pace:.0%} of the rate"
    else:
        why = f"the largest that kept {PUBLISHED.pace:.0%} of the rate"
    console.print(f"scale {chosen:g}: {why}, as the published run did", highlight=False)
    return chosen


def _missing_files(workload: Workload) -> int:
    """Return how many open files are needed if the limit is lower; else 0."""
    from lab.reproduce.cometd import fds_needed

    needed = fds_needed(workload)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 0 if limit in (-1, resource.RLIM_INFINITY) or limit >= needed else needed


def _check_files(workload: Workload) -> None:
    if needed := _missing_files(workload):
        raise click.UsageError(
            f"{workload.clients:,} clients need {needed:,} open files, but the limit is lower: run "
            f"`ulimit -n {needed}` first, or choose a smaller --scale"
        )


def _run(
    transport: Transport, scale: float, workload: Workload, console: Console, what: str = ""
) -> Redone:
    from lab.load.fleet import JoinRefusedError
    from lab.measure.server import ServerDiedError
    from lab.reproduce.cometd import redo

    with progress_bar(console) as bar:
        try:
            return ending.run(
                redo(transport, scale, workload, _progress_lines(bar, f"{what} {scale:g}"))
            )
        except (OSError, JoinRefusedError, ServerDiedError) as error:
            raise click.ClickException(f"{transport.name}: {error or 'no answer'}") from error


def _progress_lines(bar: ProgressBar, title: str) -> Progress:
    """Return a callback that shows one progress line for each task."""
    tasks = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(f"{title.strip()}: {what}", total=total)
        bar.update(tasks[what], completed=done)

    return show

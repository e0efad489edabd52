"""`lab reproduce umea`: Socket.IO over WebSocket and over WebTransport where packets are lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click
from rich.console import Console

from lab.cli import ending
from lab.cli.console import open_console, print_list
from lab.cli.network import check_able
from lab.cli.progress import progress_bar
from lab.cli.values import SEED
from transports._shared.extras import missing

if TYPE_CHECKING:
    from lab.reproduce.umea import Redone

LIBRARIES = ("aioquic", "trustme")


@click.command(epilog="Example: lab reproduce umea --passes 5")
@click.option(
    "--passes",
    type=click.IntRange(1, 100),
    default=8,
    show_default=True,
    help="How often everything is measured; from 5 on the ratios have an interval.",
)
@click.option(
    "--messages",
    type=click.IntRange(5, 1000),
    default=25,
    show_default=True,
    help="How many messages of each room to time in a pass, at each loss.",
)
@click.option(
    "--seed", type=SEED, default=0, show_default=True, help="Decides which packets are lost."
)
def umea(passes: int, messages: int, seed: int) -> None:
    """Gulliksson 2024: Socket.IO over WebSocket and over WebTransport at 0, 5 and 15 % loss.

    Its abstract has no figures, so each of its sentences gets a verdict: holds, does not hold,
    holds in part, or undecided. Round trips are timed one at a time, and eight at once in eight
    rooms, on a link of the lab's own. That needs root or user namespaces, and the extra
    webtransport.
    """
    from lab.reproduce import umea_page as page

    for reason in map(missing, LIBRARIES):
        if reason is not None:
            raise click.UsageError(f"WebTransport {reason}")
    check_able()
    console = open_console()
    done = _measure(passes, messages, seed, console)
    console.print(page.times(done), "", page.verdicts(done), "", sep="\n")
    print_list(console, "How it is measured", page.differences())


def _measure(passes: int, messages: int, seed: int, console: Console) -> Redone:
    from lab.link import LinkError
    from lab.load.closed_loop import RefusedError
    from lab.load.fleet import JoinRefusedError
    from lab.load.lost_packet import NotLostError
    from lab.measure.replicas import original
    from lab.measure.server import ServerDiedError
    from lab.reproduce.umea import LABELS, STEPS, redo
    from transports import registry

    transports = {label: registry.load(original(label)) for label in LABELS}
    with progress_bar(console) as bar:
        task = bar.add_task("losing packets", total=passes * STEPS)
        try:
            advance = partial(bar.advance, task)
            return ending.run(redo(transports, passes, messages, seed, advance))
        except LinkError as error:
            raise click.UsageError(str(error)) from error
        except (OSError, JoinRefusedError, NotLostError, RefusedError, ServerDiedError) as error:
            raise click.ClickException(str(error) or "no answer") from error

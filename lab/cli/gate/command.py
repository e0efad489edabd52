"""The command `lab gate`: its options, and the temporary environments of the two sides."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from lab.cli import ending
from lab.cli.bench.command import command
from lab.cli.compare import (
    CannotTellError,
    check_form,
    html_option,
    json_option,
    markdown_option,
    tolerance_option,
)
from lab.cli.gate.measure import FEWEST, MOST, GateOptions, measure
from lab.cli.options import results_option, settings_option, transports_option
from lab.cli.values import SEED, Finite, Parsed
from lab.gate.versions import Pins, parse
from lab.load.profiles import ASKED_FOR, EXPERIMENTS, PROFILES, Driver
from lab.measure.stats import FEWEST_PASSES

if TYPE_CHECKING:
    from lab.gate.environments import Side

TIMED = [name for name, one in EXPERIMENTS.items() if not one.once and name not in ASKED_FOR]
LEFT_OUT = ("results", "page", "versions", "as_json", "markdown")

Build = Callable[[Path], "tuple[Side, Side]"]


@click.command(
    epilog="Examples: lab gate --base HEAD~1  |  "
    "lab gate --versions 'websockets==15.0,websockets==17.4' --transports websocket  |  "
    "lab gate --base main --markdown > comment.md"
)
@click.option("--base", metavar="REV", help="A git revision of this checkout, to compare with.")
@click.option(
    "--versions",
    type=Parsed("versions", parse),
    metavar="A,B",
    help="Two versions of a package, as in 'websockets==15.0,websockets==17.4' or "
    "'npm:ws@8.18.0,npm:ws@8.23.0'. The first is the base.",
)
@transports_option(default="websocket")
@click.option(
    "--experiment",
    "experiments",
    type=click.Choice(TIMED),
    multiple=True,
    default=("latency", "throughput"),
    show_default=True,
    help="What to measure. Repeat the option for several. Fewer figures need fewer passes.",
)
@tolerance_option
@click.option(
    "--passes",
    type=click.IntRange(1, 1000),
    help=f"Passes over both sides; default: as many as the noise demands, {FEWEST} to {MOST}. "
    f"A verdict needs {FEWEST_PASSES}.",
)
@click.option(
    "--noise-passes",
    type=click.IntRange(1, 1000),
    default=FEWEST,
    show_default=True,
    help="Passes over the base and itself, before the others.",
)
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quick", show_default=True)
@click.option(
    "--rounds", type=click.IntRange(1, 100), help="Rounds in a pass; default: the profile's."
)
@settings_option
@click.option("--driver", type=click.Choice(get_args(Driver)), help="The client: see lab bench.")
@click.option("--seed", type=SEED, help="Shuffles the sides in each pass; default: a new one.")
@click.option(
    "--plant",
    type=Finite(0, 1000, min_open=True),
    metavar="PERCENT",
    help="Slow down the candidate's server by this much, to see whether the gate finds it.",
)
@json_option
@markdown_option
@html_option
@results_option("Where the two runs are written.")
@click.pass_context
def gate(
    ctx: click.Context,
    /,
    base: str | None,
    versions: tuple[Pins, Pins] | None,
    **given: Any,
) -> None:
    """Judge whether a change makes a transport's server slower.

    The base is compared with an older revision (--base: the working tree against REV), or a newer
    package with an older one (--versions). Each side has a server in an environment of its own.
    The client is the same for both. First the base is measured against itself, which shows the
    noise of this machine. Then each pass measures both sides, in shuffled order.

    The exit code is 0 if no figure is slower by more than the tolerance, 1 if one is, and 2 if the
    command can't tell. A wrong option or a failure ends with 2 as well, without a document of
    --json.
    """
    from lab.gate.environments import EnvironmentFailedError
    from lab.record import RecordError

    options = GateOptions(**given)
    check_form(options.as_json, options.markdown)
    build = _builder(base, versions)
    with _folder() as folder:
        try:
            sys.exit(measure(build(folder), options, command(ctx, LEFT_OUT)))
        except CannotTellError as error:
            raise CannotTellError(f"{error}{_requirements(versions)}") from error
        except (EnvironmentFailedError, RecordError) as error:
            raise CannotTellError(str(error)) from error


def _requirements(versions: tuple[Pins, Pins] | None) -> str:
    """A hint for versions with which the lab's own servers may not work."""
    from lab.gate.environments import required

    found = required([pin for pins in versions or () for pin in pins.pins])
    return f"; the lab itself requires {', '.join(found)}" if found else ""


def _builder(base: str | None, versions: tuple[Pins, Pins] | None) -> Build:
    """What builds the two sides, the base first. Raises UsageError unless one option is given."""
    from lab.gate import environments

    if (base is None) == (versions is None):
        raise click.UsageError("give --base REV or --versions 'A,B': what is compared")
    if versions is not None:
        return lambda folder: (
            environments.versions(versions[0], folder / "base"),
            environments.versions(versions[1], folder / "candidate"),
        )
    assert base is not None
    return lambda folder: (
        environments.revision(environments.ROOT, base, folder / "base"),
        environments.working_tree(environments.ROOT, folder / "candidate"),
    )


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for the environments. It is removed at every end, and Ctrl-C waits for that."""
    made = tempfile.TemporaryDirectory(prefix="lab-gate-", ignore_cleanup_errors=True)
    try:
        for name in ("base", "candidate"):
            (Path(made.name) / name).mkdir()
        yield Path(made.name)
    finally:
        with ending.held():
            made.cleanup()

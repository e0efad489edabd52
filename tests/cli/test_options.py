"""The options that several commands share: the former name of `--transports` still works."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.cli.options import FORMER_NAME, FORMER_NAME_NOTE, transports_option
from transports import registry

NO_TRANSPORT = "telegraph"


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command that has `--transports`."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif any("--transports" in param.opts for param in command.params):
            yield (*path, name)


WITH_TRANSPORTS = list(commands(main))


@click.command()
@transports_option()
def show(transports: list[str]) -> None:
    """Print the transports that were named, and where the names came from."""
    source = click.get_current_context().get_parameter_source("transports")
    click.echo(f"{source} {','.join(transports)}")


def test_there_are_commands_with_the_option() -> None:
    assert {("bench",), ("reproduce", "quantum")} <= {*WITH_TRANSPORTS}


@pytest.mark.parametrize("path", WITH_TRANSPORTS, ids=" ".join)
def test_a_command_takes_the_former_name_with_a_note(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, FORMER_NAME, NO_TRANSPORT])
    assert result.exit_code == 2
    assert result.stderr.count(FORMER_NAME_NOTE) == 1
    assert NO_TRANSPORT in result.stderr.replace(FORMER_NAME_NOTE, "")


@pytest.mark.parametrize("path", WITH_TRANSPORTS, ids=" ".join)
def test_no_help_names_the_former_name(path: tuple[str, ...]) -> None:
    assert FORMER_NAME not in CliRunner().invoke(main, [*path, "--help"]).output


def test_the_former_name_means_the_same() -> None:
    first = next(iter(registry.CORE))
    now = CliRunner().invoke(show, ["--transports", first])
    former = CliRunner().invoke(show, [FORMER_NAME, first])
    assert former.stdout == now.stdout
    assert first in now.stdout
    assert (now.stderr, former.stderr) == ("", f"{FORMER_NAME_NOTE}\n")


def test_both_names_at_once_are_refused() -> None:
    first = next(iter(registry.CORE))
    result = CliRunner().invoke(show, ["--transports", first, FORMER_NAME, first])
    assert result.exit_code == 2
    assert f"{FORMER_NAME} is now --transports: give only one" in result.stderr

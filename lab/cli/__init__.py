"""The command `lab`: the composition root, where the parts are put together for a person.

Subcommands are imported when they are asked for, so that `lab serve` does not wait for matplotlib.
"""

from __future__ import annotations

import importlib

import click

from lab import __version__

COMMANDS = {
    "list": "lab.cli.wires:list_wires",
    "chat": "lab.cli.chat:chat",
    "serve": "lab.cli.serve:serve",
    "bench": "lab.cli.bench:bench",
    "trace": "lab.cli.trace:trace",
    "relay": "lab.cli.relay:relay",
    "handshake-errors": "lab.cli.handshakes:handshake_errors",
    "interop": "lab.cli.interop:interop",
    "reproduce": "lab.cli.reproduce:reproduce",
    "claims": "lab.cli.claims:claims",
    "code": "lab.cli.code:code",
    "report": "lab.cli.report:report",
    "compare": "lab.cli.report:compare",
}
"""Subcommand name -> "module:attribute" of its click command."""


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module only when that subcommand is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lab")
def main() -> None:
    """WebSocket or Socket.IO? One chat room on every wire, measured."""

"""The command `lab`: assembles the parts of the project for the command line.

A subcommand is imported when it runs, so that `lab serve` does not wait for matplotlib.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

import click

from lab import __version__
from lab.cli import ending, streams
from lab.cli.group import WholeSentences

COMMANDS = {
    "list": "lab.cli.transports:list_transports",
    "chat": "lab.cli.chat:chat",
    "docs": "lab.cli.docs:docs",
    "serve": "lab.cli.serve:serve",
    "cluster": "lab.cli.cluster:cluster",
    "course": "lab.cli.course:course",
    "choose": "lab.cli.choose:choose",
    "cost": "lab.cli.cost:cost",
    "bench": "lab.cli.bench.command:bench",
    "trace": "lab.cli.trace:trace",
    "why": "lab.cli.why:why",
    "relay": "lab.cli.relay:relay",
    "link": "lab.cli.link:link",
    "probe": "lab.cli.probe:probe",
    "load": "lab.cli.load:load",
    "scenario": "lab.cli.scenario:scenario",
    "doctor": "lab.cli.doctor:doctor",
    "faults": "lab.cli.faults:faults",
    "handshake-errors": "lab.cli.handshakes:handshake_errors",
    "interop": "lab.cli.interop:interop",
    "reproduce": "lab.cli.reproduce:reproduce",
    "judge": "lab.cli.judge:judge",
    "claims": "lab.cli.claims:claims",
    "code": "lab.cli.code:code",
    "weigh": "lab.cli.weigh:weigh",
    "report": "lab.cli.report:report",
    "compare": "lab.cli.compare:compare",
    "gate": "lab.cli.gate.command:gate",
    "export": "lab.cli.export:export",
}
"""Subcommand name -> "module:attribute" of its click command."""


class LazyGroup(WholeSentences):
    """A click group that imports a subcommand's module only when the user names it."""

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run as a program of its own, which owns its streams and its signals."""
        streams.replace_what_cannot_be_written()
        ending.interrupt_on_signals()
        try:
            self.main(*args, **kwargs)
        finally:
            ending.leave_at_once_from_now_on()
        raise SystemExit

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an interrupted one ends silently with a shell's exit code."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(ending.exit_code()) from None

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
    """WebSocket or Socket.IO? One chat room on every transport, measured."""

"""`lab scenario`: the scenarios that ship, for `lab load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lab.cli import ending
from lab.cli.files import OUTPUT, write
from lab.cli.group import WholeSentences
from lab.cli.probe import auth_option, namespaces_option, probe_target
from lab.cli.scenarios import examples
from lab.cli.target import TargetOptions, target_failures, target_options
from lab.scenario import parse
from lab.target.secret_values import Secrets

LISTEN_S = 0.2
"""How long to listen for what the server sends by itself."""


@click.group(cls=WholeSentences)
def scenario() -> None:
    """Scenarios to load a server of yours with: those that ship, and a first one of your own.

    \b
    lab scenario show socketio-chat > mine.toml
    lab scenario init http://localhost:3000 mine.toml
    """  # noqa: D301 - click's mark is the backspace itself


@scenario.command("list")
def list_scenarios() -> None:
    """List the scenarios that ship."""
    found = examples()
    width = max(map(len, found))
    for name, source in found.items():
        click.echo(f"{name:<{width}}  {parse(source, name).about}")


@scenario.command(epilog="Example: lab scenario show socketio-chat > mine.toml")
@click.argument("name", type=click.Choice(list(examples())))
def show(name: str) -> None:
    """Print a scenario that ships, to be changed and used as a file."""
    click.echo(examples()[name], nl=False)


@scenario.command(epilog="Example: lab scenario init http://localhost:3000 mine.toml")
@target_options
@click.argument("file", type=OUTPUT, default="scenario.toml")
@namespaces_option
@auth_option
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
def init(
    options: TargetOptions, file: Path, namespaces: tuple[str, ...], auth: Any, force: bool
) -> None:
    """Write a first scenario for the server at URL into FILE, from what a probe sees.

    How to connect is found out. What your application sends and answers can't be: the file says
    where to fill it in.
    """
    from lab.cli.first_scenario import first_scenario

    if file.exists() and not force:
        raise click.UsageError(f"{file} exists: name another file, or overwrite it with --force")
    secrets = Secrets()
    with target_failures(secrets):
        found = ending.run(probe_target(options, namespaces, auth, (), LISTEN_S, secrets))
        target = options.target
        keys = {"headers": options.headers, "auth": auth or {}}
        native = target.scheme in ("ws", "wss")
        source = first_scenario(found, str(target), keys, native=native)
    parse(source, file.name)
    write(file, source.encode())
    click.echo(
        f"wrote {file}. Say in [send], [answer] and [broadcast] what your application does, then:\n"
        f"  lab load {target} {file}"
    )

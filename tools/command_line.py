"""The reference of the command `lab`, from its click commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from lab.cli import main

AS_WRITTEN = "\b"
"""click's mark of a paragraph whose lines stay as they are."""
MARKUP = re.compile(r"([|<>*_\[\]])")


def tree(
    command: click.Command = main, name: str = "lab", parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield each command with its whole name, and a context in which it can be asked for help."""
    ctx = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    yield name, command, ctx
    if isinstance(command, click.Group):
        for below in command.list_commands(ctx):
            found = command.get_command(ctx, below)
            assert found is not None
            yield from tree(found, f"{name} {below}", ctx)


def contents() -> str:
    """Every command with the first sentence of its help."""
    lines = ["| command | what it does |", "|---|---|"]
    for name, command, _ in tree():
        if command is not main:
            anchor = name.replace(" ", "-")
            lines.append(f"| [`{name}`](#{anchor}) | {_escaped(command.get_short_help_str(200))} |")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """A section for each command: its usage, its help, its arguments and options."""
    each = [(name, command, ctx) for name, command, ctx in tree() if command is not main]
    return "\n".join(text for one in each for text in _section(*one))


def _section(name: str, command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f"{'#' * (1 + name.count(' '))} {name}\n"
    yield f"```text\n{' '.join([name, *command.collect_usage_pieces(ctx)])}\n```\n"
    yield from _help(command.help or "")
    rows = [row for one in command.params if (row := _row(one, ctx))]
    if rows:
        yield "| option | value | what it is |"
        yield "|---|---|---|"
        yield from rows
        yield ""


def _help(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith(AS_WRITTEN):
            yield f"```console\n{paragraph.removeprefix(AS_WRITTEN).strip()}\n```\n"
        elif paragraph:
            yield _escaped(" ".join(paragraph.split())) + "\n"


def _row(param: click.Parameter, ctx: click.Context) -> str | None:
    if not isinstance(param, click.Option) or param.hidden:
        return None
    names = ", ".join(f"`{one}`" for one in [*param.opts, *param.secondary_opts])
    kind = "" if param.is_flag else f"`{param.make_metavar(ctx)}`".replace("|", "\\|")
    return f"| {names} | {kind} | {_escaped(param.help or '')}{_default(param, ctx)} |"


def _default(param: click.Option, ctx: click.Context) -> str:
    """Its range and default, as `--help` has them."""
    found = param.get_help_extra(ctx)
    said = [found["range"]] if "range" in found else []
    said += [f"default: {found['default']}"] if "default" in found else []
    said += ["required"] if "required" in found else []
    return _escaped(f" [{'; '.join(said)}]") if said else ""


def _escaped(text: str) -> str:
    """Text whose characters are no Markdown."""
    return MARKUP.sub(r"\\\1", text)

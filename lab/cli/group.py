"""A group of commands whose help lists each with its whole first sentence."""

from __future__ import annotations

import click


class WholeSentences(click.Group):
    """A click group whose help wraps a long description instead of cutting it off."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `click.Group`."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [
            (name, command.get_short_help_str(limit=_WHOLE))
            for name, command in found.items()
            if command is not None and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


_WHOLE = 1000
"""Characters; more than any first sentence has."""

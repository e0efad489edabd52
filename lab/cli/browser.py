"""`lab bench --client browser`: what a browser can be asked, and what is missing to ask it."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from lab.interop.chromium import chromium_unavailable
from lab.load.profiles import BROWSER_EXPERIMENTS
from lab.measure.twins import original
from lab.page import files
from lab.page.wires import unspoken
from transports import registry

PAGE = "bench.html"
"""The page that measures, beside the one that people chat in."""
NOT_BUILT = "the page that measures is not built: run `make page` in a checkout (with Node and npm)"


def in_a_browser(
    wires: Sequence[str], experiments: tuple[str, ...], plant: float | None, console: Console
) -> tuple[list[str], tuple[str, ...]]:
    """The wires that a page speaks, and the experiments that a browser can make.

    Raises:
        UsageError: another experiment was asked for, or nothing but wires that no page speaks.
        ClickException: there is no browser here, or the page is not built.
    """
    if others := [name for name in experiments if name not in BROWSER_EXPERIMENTS]:
        raise click.UsageError(
            f"--client browser measures {', '.join(BROWSER_EXPERIMENTS)}, not {', '.join(others)}"
        )
    if plant is not None:
        raise click.UsageError("--plant is for --client python")
    reasons = {name: unspoken(registry.load(original(name))) for name in wires}
    spoken = [name for name, reason in reasons.items() if reason is None]
    left_out = [f"{name} ({reason})" for name, reason in reasons.items() if reason is not None]
    if not spoken:
        raise click.UsageError(f"no page speaks {', '.join(left_out)}")
    if left_out:
        console.print(f"left out, since no page speaks them: {', '.join(left_out)}", markup=False)
    check_browser()
    return spoken, experiments or BROWSER_EXPERIMENTS


def check_browser() -> None:
    """Raises ClickException where there is nothing to measure in, and says what to do."""
    if (reason := chromium_unavailable()) is not None:
        raise click.ClickException(reason)
    if not (files.STATIC / PAGE).is_file():
        raise click.ClickException(NOT_BUILT)

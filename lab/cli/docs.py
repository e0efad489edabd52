"""`lab docs`: opens the site of the documents, which `make docs` builds."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

import lab

SITE = Path(lab.__file__).parent / "site"
MISSING = (
    "the site is not built: run `make docs` in a checkout of Transport Lab; until then read the "
    "folder docs there"
)


@click.command()
@click.option(
    "--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="The language."
)
@click.option("--no-open", is_flag=True, help="Print the address, and open nothing.")
def docs(lang: str, no_open: bool) -> None:
    """Open the documents in a browser: tutorials, how-to guides, reference, explanation.

    The site is a folder of files, and needs no server and no network. The exit code is 1 if it is
    not built.

    \b
    lab docs --lang ko
    """  # noqa: D301 - click's mark is the backspace itself
    page = SITE / lang / "docs" / "index.html"
    if not page.is_file():
        raise click.ClickException(MISSING)
    click.echo(page.as_uri())
    if not no_open:
        webbrowser.open(page.as_uri())

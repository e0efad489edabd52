"""`lab probe`: shows what a running server speaks."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.target import TargetOptions, target_failures, target_options
from lab.cli.values import Finite, Parsed

if TYPE_CHECKING:
    from rich.console import Console

    from lab.probe.findings import Findings
    from lab.target.secret_values import Secrets

LABEL_WIDTH = 13
LINES_EACH = 4


def _auth(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        allowed = """write JSON, such as '{"token": "env:TOKEN"}'"""
        raise ValueError(f"the value is no JSON: {allowed}") from None


def _namespace(text: str) -> str:
    if not text.startswith("/") or "," in text:
        raise ValueError(f"{text!r} is no namespace: it begins with / and has no comma")
    return text


namespaces_option = click.option(
    "--namespace",
    "namespaces",
    type=Parsed("name", _namespace),
    multiple=True,
    help="Ask Socket.IO for this namespace too; may be repeated.",
)
auth_option = click.option(
    "--auth", type=Parsed("json", _auth), help="The payload for namespaces; secrets by reference."
)


@click.command()
@target_options
@namespaces_option
@auth_option
@click.option(
    "--subprotocol",
    "subprotocols",
    multiple=True,
    metavar="NAME",
    help="Offer this WebSocket subprotocol instead of well-known ones; may be repeated.",
)
@click.option(
    "--listen",
    type=Finite(0, 300),
    default=1,
    show_default=True,
    help="Seconds in which to listen for messages and heartbeats.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def probe(
    options: TargetOptions,
    namespaces: tuple[str, ...],
    auth: Any,
    subprotocols: tuple[str, ...],
    listen: float,
    as_json: bool,
) -> None:
    """Show what the server at URL speaks, without knowing its application.

    Native WebSocket, Engine.IO and Socket.IO: versions, transports, compression, heartbeat, limits,
    namespaces; proxies and sticky sessions; what a page of another site may do; and what a
    handshake costs on each transport. The server gets handshakes and the protocols' own packets.

    \b
    lab probe http://localhost:3000
    lab probe ws://localhost:8000/chat --listen 30
    lab probe https://chat.example --i-own chat.example --header 'Cookie: env:COOKIE'
    lab probe http://localhost:3000 --namespace /admin --auth '{"token": "env:TOKEN"}' --json
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.target.secret_values import Secrets

    secrets = Secrets()
    with target_failures(secrets):
        found = ending.run(probe_target(options, namespaces, auth, subprotocols, listen, secrets))
    if as_json:
        shown = secrets.mask_all(msgspec.to_builtins(found))
        click.echo(msgspec.json.format(msgspec.json.encode(shown), indent=2))
        return
    console = open_console(highlight=False)
    show(found, secrets, console)


async def probe_target(
    options: TargetOptions,
    namespaces: tuple[str, ...],
    auth: Any,
    subprotocols: tuple[str, ...],
    listen_s: float,
    secrets: Secrets,
) -> Findings:
    """Probe the target of the options. Raises TargetError if it can't be used."""
    from lab.probe.client import Client
    from lab.probe.probe import probe as probe_endpoint
    from lab.probe.socket_io import Wishes
    from lab.target.endpoint import permit

    headers = secrets.reveal_all(options.headers)
    wishes = Wishes(
        path=options.target.socket_io(options.path).path,
        namespaces=tuple(dict.fromkeys(("/", *namespaces))),
        auth=secrets.reveal_all(auth),
        listen_s=listen_s,
    )
    query = secrets.reveal_query(options.target.query)
    target = options.target.at(options.target.path, query)
    endpoint = await permit(target, options.permission, options.timeout_s)
    client = Client(endpoint, headers, options.timeout_s, options.insecure)
    return await probe_endpoint(client, wishes, subprotocols)


def show(found: Findings, secrets: Secrets, console: Console) -> None:
    """Print the findings: rows of text, then a table of the transports."""
    from lab.probe.sentences import rows

    title, *others = rows(found)
    _print_row(": ".join(title), "", secrets, console)
    for label, text in others:
        _print_row(text, label, secrets, console)
    if found.transports:
        console.print(costs(found))
        inside = ", inside TLS" if found.tls is not None else ""
        caption = f"until a message can be sent; B: HTTP headers + framing + payload{inside}"
        console.print(caption, soft_wrap=True)


def _print_row(text: str, label: str, secrets: Secrets, console: Console) -> None:
    indent = " " * LABEL_WIDTH if label else ""
    line = textwrap.fill(
        secrets.mask(text),
        width=console.width,
        initial_indent=f"{label:<{LABEL_WIDTH}}" if label else "",
        subsequent_indent=indent,
        break_on_hyphens=False,
        max_lines=LINES_EACH,
        placeholder=" … (--json has all)",
    )
    shown = Text(line)
    shown.stylize("bold", 0, len(label) if label else len(line))
    console.print(shown, soft_wrap=True)


def costs(found: Findings) -> Table:
    """The transports: what it takes until an application's first message can be sent."""
    from lab.probe.sentences import cost_row

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("transport", no_wrap=True)
    table.add_column("ms", justify="right")
    table.add_column("round trips")
    table.add_column("B up", justify="right")
    table.add_column("B down", justify="right")
    for cost in found.transports:
        table.add_row(*cost_row(cost))
    return table

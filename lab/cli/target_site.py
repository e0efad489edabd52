"""Gets a scenario ready for its target: secrets revealed, server started, address checked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lab.cli.target import TargetOptions
from lab.scenario import Scenario
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets, parse_headers
from lab.target.target import SOCKET_IO_PATH, Target

if TYPE_CHECKING:
    from lab.load.scenario.links import Site

HERE = ("localhost", "127.0.0.1", "::1")


def revealed(scenario: Scenario, headers: Mapping[str, str], secrets: Secrets) -> Scenario:
    """The scenario with its secrets, which is never shown or written. `headers`: further ones.

    Raises:
        TargetError: a reference leads nowhere, or a secret is given plainly.
    """
    reveal, connect = secrets.reveal_all, scenario.connect
    own = parse_headers(f"{name}: {value}" for name, value in connect.headers.items())
    steps = [
        msgspec.structs.replace(
            step, args=reveal(step.args), text=reveal(step.text), json=reveal(step.json)
        )
        for step in scenario.setup
    ]
    connect = msgspec.structs.replace(
        connect,
        headers=reveal({**own, **headers}),
        auth=reveal(connect.auth),
        query=reveal(connect.query),
    )
    return msgspec.structs.replace(scenario, setup=steps, connect=connect)


def shown(scenario: Scenario) -> dict[str, Any]:
    """A scenario as a run records it: values that could be secrets stay with the user."""
    found: dict[str, Any] = msgspec.to_builtins(scenario)
    connect = found["connect"]
    for key in ("auth", "headers", "query"):
        if key in connect:
            connect[key] = dict.fromkeys(connect[key], "not recorded")
    if scenario.server is not None:
        found["server"] = "command" if scenario.server.command else "pid"
    return found


def target_shown(target: Target, secrets: Secrets) -> str:
    """The target without its query, which may hold anything."""
    return secrets.mask(str(target.at(target.path)))


@contextmanager
def running(
    scenario: Scenario, folder: Path, target: Target, secrets: Secrets
) -> Iterator[int | None]:
    """Run the scenario's `server.command`, if it has one. Yields the target's process, if known.

    Raises:
        TargetError: it can't start, or opens no port in time.
    """
    from lab.load.scenario.server import TargetServer

    server = scenario.server
    if server is None or server.command is None:
        yield server.pid if server is not None else None
        return
    if target.host not in HERE:
        raise TargetError(
            f"server.command starts a server on this machine, and {target.host} is not its name",
            "use http://localhost:PORT, or leave out [server]",
        )
    with TargetServer(server, folder, (target.host, target.port), secrets) as started:
        yield started.pid


def site_of(options: TargetOptions, scenario: Scenario, secrets: Secrets) -> Site:
    """Where the clients connect. `scenario` has its secrets revealed.

    Raises:
        TargetError: it is not permitted, it has no address, nothing listens, or it is too much.
    """
    from lab.load.scenario.links import Site
    from lab.target.endpoint import permit

    target, connect = options.target, scenario.connect
    endpoint = asyncio.run(permit(target, options.permission, options.timeout_s))
    endpoint.bounds.check(scenario.load.clients, scenario.load.rate)
    path = connect.path or target.path
    if connect.transport == "socketio" and connect.path is None:
        path = options.path if path == "/" or options.path != SOCKET_IO_PATH else path
    query = secrets.reveal_query(target.query)
    return Site(
        endpoint, path, connect.headers, query, options.timeout_s, insecure=options.insecure
    )

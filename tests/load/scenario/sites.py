"""Runs a scenario against a port of this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import msgspec

from lab.load.scenario.links import Site
from lab.load.scenario.outcome import Outcome
from lab.load.scenario.run import Watching, run
from lab.scenario import Scenario, Server
from lab.target.endpoint import Endpoint
from lab.target.permission import Bounds
from lab.target.target import parse_target
from tests.load.scenario.faulty import HELLO

ROOT = Path(__file__).parents[3]
SERVERS = Path(__file__).parent / "servers"


def command(*words: str) -> Server:
    modules = str(ROOT / "transports" / "node" / "node_modules")
    return Server(command=list(words), env={"NODE_PATH": modules})


def site(
    port: int, path: str = "/", timeout_s: float = 5.0, scheme: str = "ws", insecure: bool = False
) -> Site:
    target = parse_target(f"{scheme}://127.0.0.1:{port}{path}")
    endpoint = Endpoint(target, "127.0.0.1", False, Bounds())
    return Site(endpoint, path, {}, "", timeout_s, insecure=insecure)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def native(**tables: Any) -> Scenario:
    """A scenario for a server that passes each text on to everybody."""
    usual = {
        "name": "passed-on",
        "connect": {"transport": "websocket"},
        "setup": [{"text": HELLO, "answer": {"starts": HELLO}}],
        "send": {"text": "{id} {text:16}"},
        "broadcast": {"to": "everybody"},
        "load": {"clients": 3, "messages": 30},
    }
    return msgspec.convert({**usual, **tables}, Scenario)


def loaded(port: int, scenario: Scenario, watching: Watching | None = None) -> Outcome:
    return run(scenario, site(port), 1, watching)

"""Whom a served transport answers to, from the command line."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.contract import Capability, netloc
from lab.handshakes.request import Request, handshake
from tests.cli.test_serve import GUARDED, PATIENCE_S, serving
from transports import registry

ANSWERING = [name for name in GUARDED if Capability.HTTP_1 in registry.load(name).capabilities]
PAGE = {"Host": "chat.example", "Origin": "https://chat.example"}


def opening(name: str, ready: dict[str, Any]) -> Request:
    """With what a client of that transport begins."""
    if ready["websocket_url"] is not None:
        return handshake(ready["websocket_url"])
    engine_io = Capability.ENGINE_IO in registry.load(name).capabilities
    target = "/socket.io/?EIO=4&transport=polling" if engine_io else "/socket.io/1/"
    return Request("GET", target, {"Host": netloc(ready["host"], ready["port"])})


def status(ready: dict[str, Any], request: Request) -> int:
    """The status of the answer."""
    with socket.create_connection((ready["host"], ready["port"]), timeout=PATIENCE_S) as line:
        line.sendall(request.encode())
        with line.makefile("rb") as stream:
            return int(stream.readline().split(b" ")[1])


@pytest.mark.parametrize("name", ANSWERING)
def test_only_its_own_names_are_answered_to(name: str) -> None:
    with serving(name) as (_, ready):
        right = opening(name, ready)
        assert status(ready, right) in {101, 200}
        assert status(ready, right.having({"Host": f"localhost:{ready['port']}"})) in {101, 200}
        rebound = f"evil.example:{ready['port']}"
        assert status(ready, right.having({"Host": rebound})) == 421
        assert status(ready, right.having({"Host": rebound, "Origin": f"http://{rebound}"})) == 421
        assert status(ready, right.having({"Host": "some body"})) == 400
        assert status(ready, right.repeating("Host", "localhost")) == 400


@pytest.mark.parametrize("name", ANSWERING)
def test_a_proxy_s_name_is_allowed_and_the_proxy_trusted(name: str) -> None:
    with serving(name, "--allow-host", "Chat.example", "--trust-proxy") as (_, ready):
        right = opening(name, ready)
        assert status(ready, right.having(PAGE)) in {101, 200}
        forwarded = {"Origin": PAGE["Origin"], "X-Forwarded-Host": "chat.example"}
        assert status(ready, right.having(forwarded)) in {101, 200}
        assert status(ready, right.having({**forwarded, "Origin": "https://a.example"})) == 403


@pytest.mark.parametrize("name", ["", "a b", "http://a.example", "user@a.example"])
def test_a_name_that_is_none_is_not_taken(name: str) -> None:
    result = CliRunner().invoke(main, ["serve", "websocket", "--allow-host", name])
    assert result.exit_code == 2
    assert re.search(r"--allow-host.*is no host", " ".join(result.output.split()))

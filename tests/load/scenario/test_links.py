"""Every way of Socket.IO, and TLS, carry a load."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lab.cli.scenarios import examples
from lab.load.scenario.run import run
from lab.load.scenario.server import TargetServer
from lab.scenario import Scenario, parse
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets
from tests.load.scenario.faulty import faulty
from tests.load.scenario.sites import SERVERS, command, free_port, native, site
from tests.target.conftest import certificate_in, serving_tls


def chat(mode: str) -> Scenario:
    """The get-started chat in a closed loop, with a query of each client's own."""
    found = parse(examples()["socketio-chat"], "chat")
    connect = {"transport": "socketio", "mode": mode, "query": {"name": "{client} & co"}}
    tables = {**msgspec.to_builtins(found), "connect": connect}
    tables["load"] = {"clients": 3, "in_flight": 4, "messages": 60}
    return msgspec.convert(tables, Scenario)


def test_every_way_of_socket_io_carries_a_load(subtests: pytest.Subtests) -> None:
    port = free_port()
    server = command("node", "chat.cjs", "{port}")
    with TargetServer(server, SERVERS, ("127.0.0.1", port), Secrets()):
        for mode in ("websocket", "polling", "upgrade"):
            with subtests.test(mode):
                found = run(chat(mode), site(port, "/socket.io/"), 1)
                assert found.void is None
                assert found.audit.delivered == 180
        with subtests.test("no Engine.IO there"), pytest.raises(TargetError, match="not speak"):
            run(chat("polling"), site(port, "/other/"), 1)
        with subtests.test("another namespace"), pytest.raises(TargetError, match="refused"):
            tables = msgspec.to_builtins(chat("websocket"))
            tables["connect"]["namespace"] = "/other"
            run(msgspec.convert(tables, Scenario), site(port, "/socket.io/"), 1)


def test_a_load_goes_through_tls(tmp_path: Path) -> None:
    context = serving_tls(certificate_in(tmp_path))
    text = {"text": "{id} {text:20000}"}
    with faulty(tls=context) as port:
        found = run(native(send=text), site(port, scheme="wss", insecure=True), 1)
        assert (found.void, found.audit.delivered) == (None, 90)
        with pytest.raises(TargetError, match="is not trusted"):
            run(native(), site(port, scheme="wss"), 1)
        with pytest.raises(TargetError):
            run(native(), site(port), 1)


WRONG = {
    "no program": (["no-such-program"], "can't start: no-such-program: No such file"),
    "ends": (["sh", "-c", "echo oh dear; exit 3"], "ended with exit code 3; it said:\noh dear"),
    "no port": (["sleep", "60"], "opened no port"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_command_that_serves_nothing_is_explained(kind: str, tmp_path: Path) -> None:
    words, sentence = WRONG[kind]
    server = msgspec.structs.replace(command(*words), ready=0.3)
    with (
        pytest.raises(TargetError) as raised,
        TargetServer(server, tmp_path, ("127.0.0.1", free_port()), Secrets()),
    ):
        pass
    assert sentence in str(raised.value)


def test_a_command_is_not_started_where_something_listens(tmp_path: Path) -> None:
    server = command("sleep", "60")
    with faulty() as port, pytest.raises(TargetError, match="something listens at 127"):
        TargetServer(server, tmp_path, ("127.0.0.1", port), Secrets()).__enter__()

"""`lab scenario` lists and shows what `lab load` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cli.first_scenario import first_scenario
from lab.cli.scenarios import examples
from lab.load.scenario.server import TargetServer
from lab.probe.findings import Findings, Namespace, NativeWebSocket, SocketIo
from lab.scenario import parse
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets
from tests.load.scenario.faulty import faulty
from tests.load.scenario.sites import SERVERS, command, free_port


def test_the_list_says_what_each_is_about() -> None:
    result = CliRunner().invoke(main, ["scenario", "list"])
    assert result.exit_code == 0
    for name, source in examples().items():
        assert f"{name} " in result.output
        assert parse(source, name).about in result.output


@pytest.mark.parametrize("name", examples())
def test_an_example_is_shown_as_it_is(name: str) -> None:
    result = CliRunner().invoke(main, ["scenario", "show", name])
    assert (result.exit_code, result.output) == (0, examples()[name])


def test_another_name_is_refused_with_those_that_exist() -> None:
    result = CliRunner().invoke(main, ["scenario", "show", "no-such"])
    assert result.exit_code == 2
    assert all(name in result.output for name in examples())


def init(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["scenario", "init", *map(str, arguments)])


def test_a_first_scenario_is_written_and_loads_its_server(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    port, file = free_port(), tmp_path / "mine.toml"
    url = f"http://localhost:{port}"
    server = command("node", "chat.cjs", "{port}")
    with TargetServer(server, SERVERS, ("127.0.0.1", port), Secrets()):
        with subtests.test("written"):
            result = init(url, file, "--header", "X-Key: env:HOME")
            assert result.exit_code == 0, result.output
            assert f"lab load {url}/ {file}" in result.output
            found = parse(file.read_text(), "mine.toml")
            assert (found.connect.transport, found.connect.mode) == ("socketio", "websocket")
            assert found.connect.headers == {"X-Key": "env:HOME"}
        with subtests.test("loads"):
            options = ["--rate", "50", "--duration", "0.5", "--results", str(tmp_path / "r")]
            loaded = CliRunner().invoke(main, ["load", url, str(file), *options])
            assert loaded.exit_code == 0, loaded.output
        with subtests.test("never overwrites unasked"):
            file.write_text("mine")
            refused = init(url, file)
            assert refused.exit_code == 2
            assert "--force" in refused.output
            assert file.read_text() == "mine"
        with subtests.test("overwrites when asked"):
            assert init(url, file, "--force").exit_code == 0
            assert parse(file.read_text(), "mine.toml").name == f"localhost-{port}"


def test_a_native_server_gets_a_native_scenario(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    with faulty() as port:
        assert init(f"ws://127.0.0.1:{port}/a?b=env:HOME", file).exit_code == 0
        found = parse(file.read_text(), "mine.toml")
        assert (found.connect.transport, found.url) == (
            "websocket",
            f"ws://127.0.0.1:{port}/a?b=env:HOME",
        )


def test_what_no_scenario_can_load_is_said(tmp_path: Path) -> None:
    findings = Findings(target="a", address="b", foreign=False, dial_ns=1, page="404")
    with pytest.raises(TargetError, match="nothing there can be loaded"):
        first_scenario(findings, "http://localhost", {}, native=False)


def test_a_first_scenario_keeps_what_the_probe_was_given() -> None:
    findings = Findings(
        target="a",
        address="b",
        foreign=False,
        dial_ns=1,
        page="404",
        native=NativeWebSocket(
            resource="/", answer="101", opened=True, subprotocol="chat", unasked=("hello",)
        ),
        socket_io=SocketIo(
            path="/io/",
            transports=("polling",),
            upgrades=("websocket",),
            max_payload=1000,
            namespaces=(Namespace("/", False), Namespace("/a", True)),
        ),
    )
    given: dict[str, dict[str, Any]] = {
        "headers": {"A": 'b"'},
        "auth": {"token": "env:A", "n": [1, True, {"x": None}]},
    }
    url = "http://localhost:3000/"
    socketio = parse(first_scenario(findings, url, given, native=False), "a").connect
    assert (socketio.mode, socketio.path, socketio.namespace) == ("polling", "/io/", "/a")
    assert socketio.auth == {"token": "env:A", "n": [1, True, {}]}
    native = parse(first_scenario(findings, url, given, native=True), "a").connect
    assert (native.transport, native.subprotocols) == ("websocket", ["chat"])
    assert native.headers == socketio.headers == given["headers"]

"""`lab serve`, as a person runs it: what it listens to, what it refuses, how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import engineio.payload
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from lab.chat import commands
from lab.chat.events import Joined, Listing, Message, RoomEvent, Said
from lab.chat.limits import Limits
from lab.cli import main
from lab.contract import Capability, ClientTls, Connection, ConnectOptions
from lab.load.closed_loop import ignore
from tests.conformance.served import eventually
from transports import registry

COMMAND = [sys.executable, "-m", "lab.cli", "serve"]
PATIENCE_S = 20
WITH_A_SOCKET = [
    name for name in registry.available() if Capability.SOCKET in registry.load(name).capabilities
]
GUARDED = [name for name in WITH_A_SOCKET if Capability.ORIGIN in registry.load(name).capabilities]


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command in a process of its own, and what its first line says."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate(timeout=PATIENCE_S)
            yield process, json.loads(line)
        finally:
            process.kill()


@pytest.fixture
def process_wide_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what a Socket.IO client sets for the whole process."""
    payload = engineio.payload.Payload
    monkeypatch.setattr(payload, "max_decode_packets", payload.max_decode_packets)


async def connect(ready: dict[str, Any], options: ConnectOptions | None = None) -> Connection:
    transport = registry.load(ready["transport"])
    options = trusting(ready, options or ConnectOptions())
    return await transport.connect(ready["url"], ignore, options)


def trusting(ready: dict[str, Any], options: ConnectOptions) -> ConnectOptions:
    """The options of a client that trusts the server's authority, if it has one."""
    authority = ready["authority"]
    return replace(options, tls=None if authority is None else ClientTls(authority))


@pytest.mark.parametrize(
    ("settings", "end"),
    [("equal", signal.SIGTERM), ("stock", signal.SIGINT)],
    ids=["equal", "stock"],
)
@pytest.mark.parametrize("name", WITH_A_SOCKET)
async def test_it_carries_messages_and_ends_in_order_while_a_client_is_connected(
    name: str, settings: Any, end: signal.Signals, process_wide_settings: None
) -> None:
    transport = registry.load(name)
    heard: list[RoomEvent] = []
    with serving(name, "--settings", settings) as (process, ready):
        assert (ready["transport"], ready["settings"]) == (name, settings)
        options = trusting(ready, ConnectOptions(settings=settings))
        ann = await transport.connect(ready["url"], heard.append, options)
        assert isinstance(await ann.join("den", "ann"), Joined)
        said = await ann.say("den", "Grüße, 你好")
        assert isinstance(said, Said)
        await eventually(lambda: bool(heard), "the message came back")
        assert heard == [Message("den", said.seq, "ann", "Grüße, 你好", said.at)]
        process.send_signal(end)
        await eventually(lambda: process.poll() is not None, "the server ended")
        await ann.close()
        output, errors = process.communicate(timeout=PATIENCE_S)
    warned = "" if transport.unsafe is None else f"{name}: {transport.unsafe}\n"
    assert (process.returncode, output, errors) == (0, "", warned)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ready["host"], ready["port"])).close()


def test_it_listens_on_the_port_it_is_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving("websocket", "--port", str(port)) as (_, ready):
        assert ready["port"] == port


@pytest.mark.parametrize("name", WITH_A_SOCKET)
def test_a_port_in_use_is_said(name: str) -> None:
    over_tcp = Capability.TCP in registry.load(name).capabilities
    kind = socket.SOCK_STREAM if over_tcp else socket.SOCK_DGRAM
    with socket.socket(type=kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if over_tcp:
            taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", name, "--port", str(port)])
    assert result.exit_code == 1
    complaint = result.output.splitlines()[-1]  # before it: why an unsafe transport is one
    assert complaint.startswith(f"Error: can't listen on 127.0.0.1:{port}: ")
    assert complaint.endswith("the port is in use; choose another, or 0 for a free one")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["websockt"], f"no transport 'websockt'; there are {', '.join(registry.TRANSPORTS)}"),
        (["loopback"], "loopback has no socket to listen on"),
        (["websocket", "--host", "0.0.0.0"], "add --share to allow this"),
        (["websocket", "--host", "192.0.2.1"], "other machines can reach 192.0.2.1"),
        (["websocket", "--host", "example.org"], "'example.org' is no IP address"),
        (["loopback", "--tls"], "loopback has no socket to listen on"),
        (["websocket", "--key", "key.pem"], "give --certificate and --key, or only --tls"),
        (["websocket", "--port", "65536"], "0<=x<=65535"),
        (["websocket", "--settings", "fast"], "'fast' is not one of 'equal', 'stock'"),
        (["websocket", "--heartbeat", "0", "20"], "not in the range 1<=x<=86400"),
        (["websocket", "--heartbeat", "25"], "requires 2 arguments"),
        ([], "Missing argument 'TRANSPORT'"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["serve", *arguments], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


def test_an_address_that_is_not_this_machine_s_is_said() -> None:
    arguments = ["serve", "websocket", "--host", "192.0.2.1", "--share"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "can't listen on 192.0.2.1:0" in result.output


def test_share_listens_beyond_loopback() -> None:
    with serving("websocket", "--host", "0.0.0.0", "--share") as (_, ready):
        assert ready["host"] == "0.0.0.0"
        # 127.0.0.2 is this machine, and nothing that a server on 127.0.0.1 would answer at.
        socket.create_connection(("127.0.0.2", ready["port"]), timeout=PATIENCE_S).close()


def test_socketio_sends_the_configured_heartbeat() -> None:
    with serving("socketio-polling", "--heartbeat", "3", "2") as (_, ready):
        url = f"{ready['url']}/socket.io/?EIO=4&transport=polling"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
            opened = json.loads(response.read()[1:])
    assert (opened["pingInterval"], opened["pingTimeout"]) == (3000, 2000)


@pytest.mark.parametrize("name", ["websocket", "websocket-aiohttp"])
def test_a_native_transport_beats_as_told(name: str) -> None:
    with serving(name, "--heartbeat", "1", "2") as (_, ready):
        address = (ready["host"], ready["port"])
        with socket.create_connection(address, timeout=PATIENCE_S) as line:
            line.sendall(
                b"GET / HTTP/1.1\r\nHost: localhost\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            with line.makefile("rb") as stream:
                while stream.readline() != b"\r\n":
                    pass
                # RFC 6455 section 5.5.2: FIN and opcode 9. The default would take 25 s.
                assert stream.read(1) == b"\x89"


@pytest.mark.parametrize("name", GUARDED)
async def test_only_the_origins_named_are_let_in(name: str, process_wide_settings: None) -> None:
    allowed = ["https://a.example", "https://b.example:8443"]
    with serving(name, "--origin", allowed[0], "--origin", allowed[1]) as (_, ready):
        for origin in allowed:
            client = await connect(ready, ConnectOptions(headers={"Origin": origin}))
            assert isinstance(await client.join("den", origin), Joined)
            await client.close()
        for origin in ("https://c.example", f"http://{ready['host']}:{ready['port']}"):
            with pytest.raises(ConnectionRefusedError):
                await connect(ready, ConnectOptions(headers={"Origin": origin}))


async def test_unpaced_lifts_the_limit_on_commands() -> None:
    count = Limits().command_burst + 2 * (Limits().commands_per_s or 0)
    with serving("websocket", "--unpaced") as (_, ready):
        client = await connect(ready)
        asked = (commands.Rooms(client.next_id()) for _ in range(count))
        replies = await asyncio.gather(*map(client.request, asked))
        assert [reply for reply in replies if not isinstance(reply, Listing)] == []
        await client.close()

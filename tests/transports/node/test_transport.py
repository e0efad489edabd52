"""The Node program: how it is found, how it starts, and that it ends with its parent process."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import ConnectionClosedError, ConnectOptions, ServeOptions
from lab.measure.server import ServerDiedError, ServerProcess
from lab.service import ChatService
from tests.conformance.client import PATIENCE_S, eventually, in_time
from tests.transports.needs_node import needs_node
from transports import registry
from transports._node import process as node_process
from transports._node import versions as node_versions
from transports._node.transport import NodeTransport

TRANSPORT = "node-websocket"
TESTS = sorted((node_versions.HERE / "test").glob("*.test.mjs"))


def node_transport(name: str = TRANSPORT) -> NodeTransport:
    """The transport, which is a Node transport."""
    transport = registry.load(name)
    assert isinstance(transport, NodeTransport)
    return transport


def runs(pid: int) -> bool:
    """Whether this process runs. A zombie, which waits for its parent, has ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@needs_node
def test_the_tests_in_javascript_pass() -> None:
    assert TESTS
    done = subprocess.run(
        [node_versions.program(), "--test", *TESTS],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# fail 0\n" in done.stdout
    assert "\n# pass 0\n" not in done.stdout


# How it is found.


def fake_node(folder: Path, script: str) -> str:
    """Make a program called `node` with this body. Returns its path."""
    program = folder / "node"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


def test_without_node_the_reason_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in registry.NODE:
        reason = registry.unavailable(name)
        assert reason == "needs Node 18 or newer: apt-get install nodejs npm"
    with pytest.raises(FileNotFoundError):
        node_versions.language()


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("echo v16.20.2", "is 16.20.2"),
        ("echo v4", "is 4"),
        ("exit 1", "does not run"),
        ("echo hello", "does not run"),
    ],
)
def test_with_another_node_the_reason_says_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, what: str
) -> None:
    monkeypatch.setenv("PATH", fake_node(tmp_path, script))
    assert registry.unavailable(TRANSPORT) == (
        f"needs Node 18 or newer; {tmp_path}/node {what}: apt-get install nodejs npm"
    )


def test_without_its_packages_the_reason_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", fake_node(tmp_path, "echo v22.1.0"))
    monkeypatch.setattr(node_versions, "HERE", tmp_path)
    installing = f"npm ci --prefix {tmp_path}"
    assert registry.unavailable(TRANSPORT) == f"needs the Node package ws: {installing}"
    assert registry.unavailable("node-socketio") == (
        f"needs the Node package socket.io: {installing}"
    )
    with pytest.raises(FileNotFoundError):
        node_versions.installed("ws")


@needs_node
def test_a_stack_names_the_installed_versions() -> None:
    stack = node_transport().stack()
    said = subprocess.run(
        [node_versions.program(), "--version"], capture_output=True, text=True, check=True
    )
    assert f"v{stack.language.version}" == said.stdout.strip()
    assert stack.server.name == "ws"
    assert stack.client.name == "websockets"


# How it starts.


@needs_node
async def test_its_address_names_its_process() -> None:
    async with node_transport().serve(ChatService(), ServeOptions()) as server:
        assert server.address.pid is not None
        assert psutil.Process(server.address.pid).ppid() == os.getpid()


@needs_node
async def test_a_port_in_use_is_an_error_with_its_number() -> None:
    transport = node_transport()
    async with transport.serve(ChatService(), ServeOptions()) as server:
        with pytest.raises(OSError, match="in use") as raised:
            async with transport.serve(ChatService(), ServeOptions(port=server.address.port)):
                pass
    assert raised.value.errno == errno.EADDRINUSE


@needs_node
@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
async def test_an_address_that_is_not_ours_is_an_error(host: str) -> None:
    with pytest.raises(OSError) as raised:
        async with node_transport().serve(ChatService(), ServeOptions(host=host)):
            pass
    assert raised.value.errno == errno.EADDRNOTAVAIL


@needs_node
async def test_a_program_that_fails_at_the_start_shows_its_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "main.mjs").write_text("throw new Error('no such luck');\n")
    transport = node_transport()
    monkeypatch.setattr(node_versions, "HERE", tmp_path)
    with pytest.raises(ChildProcessError, match=r"(?s)ended with exit code 1.*no such luck"):
        async with transport.serve(ChatService(), ServeOptions()):
            pass


@needs_node
async def test_a_program_that_stays_silent_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "main.mjs").write_text("process.stdin.resume();\n")
    transport = node_transport()
    monkeypatch.setattr(node_versions, "HERE", tmp_path)
    monkeypatch.setattr(node_process, "READY_S", 0.2)
    with pytest.raises(ChildProcessError, match=r"was not ready within 0\.2 s"):
        async with transport.serve(ChatService(), ServeOptions()):
            pass


# How it ends.


@needs_node
async def test_the_program_s_end_ends_the_context_with_a_reason() -> None:
    pid = None
    with pytest.raises(ChildProcessError, match=r"ended by signal 9; its stderr:\n\(empty\)"):
        async with (
            asyncio.timeout(PATIENCE_S),
            node_transport().serve(ChatService(), ServeOptions()) as server,
        ):
            pid = server.address.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.Event().wait()
    assert not psutil.pid_exists(pid or 0)


@needs_node
async def test_a_timeout_in_the_context_is_not_the_program_s_end() -> None:
    with pytest.raises(TimeoutError):
        async with node_transport().serve(ChatService(), ServeOptions()):
            raise TimeoutError


@needs_node
async def test_an_ended_program_has_no_sessions() -> None:
    with pytest.raises(ChildProcessError):
        async with node_transport().serve(ChatService(), ServeOptions()) as server:
            assert server.address.pid is not None
            os.kill(server.address.pid, signal.SIGKILL)
            assert server.sessions() == 0
            await asyncio.sleep(PATIENCE_S)


@needs_node
async def test_a_program_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_process, "END_S", 0.2)
    monkeypatch.setattr(node_process, "ANSWER_S", 0.2)
    async with node_transport().serve(ChatService(), ServeOptions()) as server:
        pid = server.address.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError, match="no answer within"):
            server.sessions()
    assert not psutil.pid_exists(pid)


@needs_node
async def test_the_program_ends_when_its_parent_is_killed() -> None:
    starter = (
        "import asyncio\n"
        "from lab.contract import ServeOptions\n"
        "from lab.service import ChatService\n"
        "from transports import registry\n"
        "async def main():\n"
        f"    transport = registry.load({TRANSPORT!r})\n"
        "    async with transport.serve(ChatService(), ServeOptions()) as server:\n"
        "        print(server.address.pid, server.address.url, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid, url = process.stdout.readline().split()
        connection = await node_transport().connect(url, print, ConnectOptions())
        process.kill()
    assert "1001" in await in_time(connection.closed), "there was a close"
    with pytest.raises(ConnectionClosedError):
        await connection.rooms()
    await connection.close()
    await eventually(lambda: not runs(int(pid)), "the program ended after its starter")


# As `lab serve` has it.


@needs_node
def test_a_server_process_names_the_program_that_serves() -> None:
    with ServerProcess(TRANSPORT) as server:
        program = psutil.Process(server.pid)
        assert program.name().startswith("node")
        starter = program.parent()
        assert starter is not None and "serve" in starter.cmdline()
    assert not runs(server.pid)


@needs_node
def test_a_killed_program_is_detected() -> None:
    with ServerProcess(TRANSPORT) as server:
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerDiedError, match="the Node server ended by signal 9") as raised:
            server.check(within_s=PATIENCE_S)
    assert "ended with exit code 1" in str(raised.value)
    assert "Traceback" not in str(raised.value)


@needs_node
def test_an_abandoned_server_is_gone_with_its_program() -> None:
    with ServerProcess(TRANSPORT) as server:
        server.abandon()
        assert not runs(server.pid)


@needs_node
def test_the_program_ends_when_its_parent_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.measure.server.STOP_S", 0.2)
    with ServerProcess(TRANSPORT) as server:
        starter = psutil.Process(server.pid).parent()
        assert starter is not None
        starter.suspend()
    assert not runs(server.pid)


# What it is given.


@needs_node
@pytest.mark.parametrize("name", registry.NODE)
async def test_the_limits_of_the_chat_are_the_programs(name: str) -> None:
    transport = registry.load(name)
    chat = ChatService(Rooms(Limits(name_chars=3)))
    async with transport.serve(chat, ServeOptions()) as server:
        connection = await transport.connect(server.address.url, print, ConnectOptions())
        refused = await in_time(connection.join("den", "anna"))
        await connection.close()
    assert getattr(refused, "reason", "") == "a name has 1 to 3 characters"

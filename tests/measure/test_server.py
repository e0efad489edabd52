"""A transport's server as a process: ready or an error that says why, and never one left over."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from lab.chat.events import Joined
from lab.contract import ConnectOptions
from lab.load.closed_loop import ignore
from lab.measure import server as module
from lab.measure.server import ServerDiedError, ServerProcess
from transports import registry

PATIENCE_S = 20


def runs(pid: int) -> bool:
    """Whether there is such a process; one that only waits for its parent to notice has ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"in {PATIENCE_S} s it never came that {what}"
        time.sleep(0.02)


async def test_it_is_ready_on_entry_and_gone_on_exit() -> None:
    with ServerProcess("websocket") as server:
        assert server.ready["transport"] == "websocket"
        assert server.ready["pid"] == server.pid != os.getpid()
        assert server.ready["settings"] == "equal"
        assert server.ready["stack"]["server"]["name"] == "websockets"
        assert server.url == f"ws://127.0.0.1:{server.ready['port']}/"
        transport = registry.load("websocket")
        connection = await transport.connect(server.url, ignore, ConnectOptions())
        assert isinstance(await connection.join("den", "ann"), Joined)
        await connection.close()
        server.check()
        assert runs(server.pid)
    assert not psutil.pid_exists(server.pid)


def test_an_error_inside_stops_the_server() -> None:
    with pytest.raises(ZeroDivisionError), ServerProcess("websocket") as server:
        raise ZeroDivisionError
    assert not psutil.pid_exists(server.pid)


def test_a_server_that_cannot_start_shows_what_it_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = ServerProcess("websocket", ["--port", str(port)])
        with pytest.raises(ServerDiedError) as raised, server:
            pytest.fail("it was ready on a port in use")
    assert "the server of websocket ended with exit code 1" in str(raised.value)
    assert f"can't listen on 127.0.0.1:{port}" in str(raised.value)
    assert not psutil.pid_exists(server.pid)


def test_a_server_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_S", 0.001)
    server = ServerProcess("websocket")
    with pytest.raises(ServerDiedError, match=r"was not ready within 0\.001 s"), server:
        pytest.fail("it was ready at once")
    assert not psutil.pid_exists(server.pid)


def test_a_server_that_was_killed_is_found_out() -> None:
    with ServerProcess("websocket") as server:
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(ServerDiedError, match=r"ended by signal 9; its stderr:\n\(empty\)"):
            server.check(within_s=PATIENCE_S)
        with pytest.raises(ServerDiedError):
            server.check()


def test_only_the_end_of_a_long_stderr_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STDERR_SHOWN", 10)
    server = ServerProcess("no-such-transport")
    with pytest.raises(ServerDiedError) as raised, server:
        pytest.fail("it was ready")
    said = str(raised.value).removeprefix(
        "the server of no-such-transport ended with exit code 2; its stderr:\n"
    )
    assert 0 < len(said) <= 10


def test_a_server_that_does_not_listen_to_reason_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.2)
    with ServerProcess("websocket") as server:
        os.kill(server.pid, signal.SIGSTOP)
    assert not psutil.pid_exists(server.pid)


def orphaned(parent: str) -> int:
    """Run a Python program that starts a server, prints its pid and is killed; returns that pid."""
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            return int(process.stdout.readline())
        finally:
            process.kill()


def test_a_server_dies_with_its_parent() -> None:
    pid = orphaned(
        "import time\n"
        "from lab.measure.server import ServerProcess\n"
        "with ServerProcess('websocket') as server:\n"
        "    print(server.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    eventually(lambda: not runs(pid), "the server ended after its parent")


def test_a_server_whose_parent_dies_before_it_is_up_dies_too() -> None:
    pid = orphaned(
        "import os, signal\n"
        "from lab.measure.server import ServerProcess\n"
        "def killed(server):\n"
        "    print(server.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "ServerProcess._first_line = killed\n"
        "ServerProcess('websocket').__enter__()\n"
    )
    eventually(lambda: not runs(pid), "the server ended after its parent")

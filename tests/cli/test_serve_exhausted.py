"""What a served transport does where it may open no more files."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from lab.chat.events import Joined, Said
from lab.contract import Capability
from tests.cli.test_serve import PATIENCE_S, WITH_A_SOCKET, connect, serving
from tests.conformance.client import in_time
from transports import registry

FREE = 3
"""Files that the server may still open."""
WAITING = 2
"""Connections for which it has no file."""
ASKING = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
SETTINGS = b"\x04"
"""The frame type that a server of HTTP/2 sends first (RFC 9113, 3.4): the header's 4th byte."""
ABLE = [
    name for name in WITH_A_SOCKET if Capability.DESCRIPTORS in registry.load(name).capabilities
]


def bound_files(pid: int) -> None:
    """Let a process open `FREE` files more. The kernel gives each the lowest free number."""
    taken = {int(file.name) for file in Path(f"/proc/{pid}/fd").iterdir()}
    free = [number for number in range(max(taken) + FREE + 2) if number not in taken]
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[FREE], hard))


def dial(ready: dict[str, Any]) -> socket.socket:
    """A connection, which the kernel makes before the server takes it."""
    return socket.create_connection((ready["host"], ready["port"]), timeout=PATIENCE_S)


def first_line(process: subprocess.Popen[str], name: str) -> str:
    """The next line that the server prints, after the one that calls a transport unsafe."""
    assert process.stderr is not None
    line = process.stderr.readline()
    return process.stderr.readline() if line.startswith(f"{name}: ") else line


def answers(name: str, opening: bytes) -> bool:
    """Whether these are the first bytes of a server that took the connection."""
    if Capability.HTTP_1 in registry.load(name).capabilities:
        return opening.startswith(b"HTTP/1.1 4")
    return opening[3:4] == SETTINGS


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
@pytest.mark.parametrize("name", ABLE)
async def test_without_files_a_server_says_so_once_and_goes_on_when_there_are_some(
    name: str,
) -> None:
    with serving(name) as (process, ready), ExitStack() as crowd:
        bound_files(ready["pid"])
        lines = [crowd.enter_context(closing(dial(ready))) for _ in range(FREE + WAITING)]
        said = await in_time(asyncio.to_thread(first_line, process, name))
        assert said == "no new connections until others end: Too many open files\n"
        # One file is free again: the server takes one connection more, and has none for the last.
        lines[0].close()
        lines[FREE].sendall(ASKING)
        assert answers(name, lines[FREE].recv(64))
        crowd.close()
        ann = await connect(ready)
        assert isinstance(await in_time(ann.join("den", "ann")), Joined)
        assert isinstance(await in_time(ann.say("den", "hello")), Said)
        await ann.close()
        process.terminate()
        _, more = process.communicate(timeout=PATIENCE_S)
        assert more == ""

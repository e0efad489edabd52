"""The judge on servers that nobody wrote for it: in Perl, in Node, and under an ASGI server."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from lab.handshakes.request import Request, handshake
from lab.interop.node import PACKAGES, PACKAGES_VARIABLE, node_unavailable
from lab.judge.application import ECHO, Application
from lab.judge.cases import CASES
from lab.judge.run import judge
from lab.judge.site import Engine, Event, Site
from lab.judge.spoken import learn
from lab.judge.verdict import Verdict
from tests.interop.conftest import needs
from tests.judge.judging import check_words, fitting
from transports._node import versions as node_versions

SERVERS = Path(__file__).parent / "servers"
ANSWER_S = 5.0
PERL_MODULES = ("Digest::SHA", "IO::Socket::INET", "MIME::Base64")


class Subject(NamedTuple):
    """A server, and what is known of it. `wrong`: the cases that it is known not to pass."""

    command: tuple[str, ...]
    protocols: tuple[str, ...]
    wrong: tuple[str, ...]
    application: Application | None = None
    event: Event | None = None
    frame_bytes: int | None = None


def perl_unavailable() -> str | None:
    """Why the server in Perl can't run here; None where it can."""
    perl = shutil.which("perl")
    if perl is None:
        return "needs Perl: apt install perl"
    uses = [f"-M{module}" for module in PERL_MODULES]
    run = subprocess.run([perl, *uses, "-e", "1"], check=False, capture_output=True)
    return None if run.returncode == 0 else "needs Perl's core modules: apt install perl"


@asynccontextmanager
async def running(command: Sequence[str]) -> AsyncIterator[int]:
    """Run a server that prints its port."""
    variables = {**os.environ, PACKAGES_VARIABLE: str(PACKAGES / "package.json")}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=variables, start_new_session=True
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        yield int(line)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a server may have children
        await process.communicate()


async def check(subject: Subject) -> None:
    """Judge a server: only its known cases are not strict, or fail; some depend on timing."""
    async with running(subject.command) as port:
        host = f"127.0.0.1:{port}"
        poll = Request("GET", "/socket.io/?EIO=4", {"Host": host})
        site = Site(
            "127.0.0.1",
            port,
            handshake(f"ws://{host}/"),
            subject.application,
            subject.frame_bytes,
            ANSWER_S,
            engine=Engine(poll, longest_s=0),
            event=subject.event,
        )
        site, spoken = await learn(site)
        assert tuple(spoken) == subject.protocols
        results = await judge(site, [case for name in spoken for case in CASES[name]])
    wrong = [each for each in results if each.verdict in (Verdict.FAILED, Verdict.NOT_STRICT)]
    for result in wrong:
        check_words(result)
    ids = [each.case.id for each in results]
    assert {each.case.id for each in wrong} <= fitting(ids, subject.wrong)
    assert sum(each.verdict is Verdict.OK for each in results) > len(results) / 2


ALL = ("websocket", "engineio", "socketio")
LENIENT = (
    "websocket/no UTF-8, at once: *",
    "websocket/lengths: a length of 200 in 64 bits",
    "websocket/wrong openings: another path",
)
"""What most servers do, and no clause forbids."""
ANY_ORIGIN = "websocket/wrong openings: a foreign Origin"
HTTP_1_0 = "websocket/wrong openings: HTTP/1.0"
OF_NODE = (HTTP_1_0, "websocket/wrong openings: no Host", ANY_ORIGIN)
OF_SOCKETIO = (
    "engineio/closes: a close packet in a frame",
    "socketio/namespaces: an event after it is left, *",
    "socketio/namespaces: left and entered again, *",
    "socketio/invalid packets: an acknowledgement of nothing, *",
    "socketio/invalid packets: an event of nothing, *",
    "socketio/invalid packets: attachments of nothing, *",
)
OF_ASGI = (
    HTTP_1_0,
    "websocket/wrong openings: *Connection",
    "websocket/wrong openings: a header of 64 KiB",
    "websocket/wrong openings: the answer to another version*",
    "websocket/lengths: a length of *",
    "websocket/lengths: a text that is too long*",
    "websocket/closing: a close between two fragments",
    "engineio/handshake: a poll without a transport",
    "engineio/payloads: *ok",
    "engineio/payloads: a payload that is none",
    "engineio/payloads: a second poll*",
    "engineio/closes: *",
    "engineio/half an upgrade: Connection: *",
    "engineio/half an upgrade: no Connection",
    "socketio/namespaces: an unknown namespace, *",
    "socketio/namespaces: an event *",
    "socketio/invalid *",
)


async def test_a_server_in_perl() -> None:
    needs(perl_unavailable())
    command = ("perl", str(SERVERS / "echo.pl"))
    known = (*LENIENT, ANY_ORIGIN)
    await check(Subject(command, ("websocket",), known, ECHO, frame_bytes=70_000))


async def test_ws_in_node() -> None:
    needs(node_unavailable())
    command = (node_versions.program(), str(SERVERS / "ws_echo.mjs"))
    await check(Subject(command, ("websocket",), (*LENIENT, *OF_NODE), ECHO))


async def test_socketio_in_node() -> None:
    needs(node_unavailable())
    command = (node_versions.program(), str(SERVERS / "socketio_echo.mjs"))
    event = Event("message", "message-back", echoes=True)
    await check(Subject(command, ALL, (*LENIENT, *OF_NODE, *OF_SOCKETIO), event=event))


async def test_python_socketio_under_uvicorn() -> None:
    command = (sys.executable, str(SERVERS / "asgi_echo.py"))
    event = Event("message", echoes=True)
    await check(Subject(command, ALL, (*LENIENT, *OF_ASGI), event=event))

"""A learner's programs while a check runs: the server, and the client module under Node."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from lab.course.chapters import CourseError
from lab.course.patience import patience_s, starting_s
from lab.course.problem import WrongError, telling_line
from lab.load.scenario.server import TargetServer
from lab.relay.relay import Chunk, ConnectionEvent, Relay
from lab.scenario import Server
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets

DRIVER = Path(__file__).parent / "driver.mjs"
RUNS_ON = "course/README.md"
_traced: ContextVar[tuple[int, int] | None] = ContextVar("traced", default=None)
"""While a trace is taken: the server's port, and the port of the relay in front of it."""
RELAY_KEEPS = 1 << 16
"""Bytes in each buffer of a trace's relay: few, so that it does not read for a slow client."""
DYING_S = 2.0
"""How long a process may take to end after its connections have."""


class Learner(NamedTuple):
    """What is checked: a folder, absolute, and the command that starts the server in it."""

    folder: Path
    command: list[str]


def free_ports(count: int) -> list[int]:
    """Different ports of this machine that nobody listens at."""
    with ExitStack() as held:
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        for listener in listeners:
            held.enter_context(listener)
        return [listener.getsockname()[1] for listener in listeners]


@asynccontextmanager
async def served(subject: Learner, port: int | None = None, **env: str) -> AsyncIterator[int]:
    """Run the learner's server, at a port if one is given; gives the port to connect to.

    Nothing of the server is left afterwards. While a trace is taken, the port to connect to is that
    of the relay, unless the port was given.

    Raises:
        CourseError: it does not start.
        WrongError: it ends while it is checked.
    """
    folder, command = subject
    program = next((word for word in command[1:] if not word.startswith("-")), command[0])
    if not (folder / program).is_file():
        raise CourseError(f"{folder} has no {program}: make it by `lab course start`")
    if command[0] == "node" and shutil.which("node") is None:
        raise CourseError("Node is not installed: `apt install nodejs npm`, then `make node`")
    if port is not None:
        shown = port
    else:
        port, shown = _traced.get() or (free_ports(1)[0],) * 2
    settings = Server(command=command, env={"PORT": str(port), **env}, ready=starting_s())
    server = TargetServer(settings, folder, ("127.0.0.1", port), Secrets())
    try:
        async with server:
            try:
                yield shown
            except Exception as error:
                ended = isinstance(error, OSError) or getattr(error, "ended", False)
                await _runs_on(server, DYING_S if ended else 0)
                raise
            await _runs_on(server, 0)
    except TargetError as error:
        raise CourseError(_not_started(str(error), " ".join(command))) from None


async def _runs_on(server: TargetServer, patience: float) -> None:
    said = await asyncio.to_thread(server.last_words, patience)
    if said is not None:
        how = said.splitlines()[0].removeprefix("server.command ended ").removesuffix("; it said:")
        got = f"its end {how}: {telling_line(said)}"
        raise WrongError("the server ends during the check", "that it runs on", got, RUNS_ON)


def _not_started(said: str, command: str) -> str:
    first, *output = said.splitlines()
    how = first.replace("server.command", f"`{command}`").removesuffix("; it said:")
    why = telling_line("\n".join(output)) if output else ""
    if "EADDRINUSE" in why or "in use" in why:
        hint = "end the program that has this port, and listen at process.env.PORT ?? 3000"
    elif "opened no port" in first:
        hint = "listen at process.env.PORT ?? 3000 of 127.0.0.1"
    else:
        hint = f"run `{command}` in your folder, and mend what it says"
    return f"the server does not start: {how}" + (f": {why}" if why else "") + f"\nnext: {hint}"


class Trace(NamedTuple):
    """The bytes between the checks and the learner's server, and what became of connections."""

    chunks: list[Chunk]
    events: list[ConnectionEvent]


@asynccontextmanager
async def traced() -> AsyncIterator[Trace]:
    """Keep every byte that crosses between the checks and the server, until the end."""
    trace, (port,) = Trace([], []), free_ports(1)
    keeps = Relay(
        "127.0.0.1", port, tap=trace.chunks.append, watch=trace.events.append,
        buffer_bytes=RELAY_KEEPS, kernel_buffer_bytes=RELAY_KEEPS,
    )  # fmt: skip
    async with keeps as relay:
        token = _traced.set((port, relay.port))
        try:
            yield trace
        finally:
            _traced.reset(token)


class Driven:
    """The learner's `client.mjs`, connected. `texts`: of the messages that it handed over."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.texts: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self._process = process
        self._came = asyncio.Condition()
        self._ended = False

    async def say(self, text: str) -> None:
        """Let it say a text; the answer comes as a report `said`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"say": text}).encode() + b"\n")
        with suppress(ConnectionError):  # what waits for its report sees that it has ended
            await self._process.stdin.drain()

    def said(self) -> list[str]:
        """The texts that the server has acknowledged."""
        return [each["said"] for each in self.reports if "said" in each]

    def failed(self) -> list[str]:
        """Why texts were given up."""
        return [each["failed"] for each in self.reports if "failed" in each]

    async def until(self, text: str, what: str, clause: str, patience: float = 0) -> None:
        """Wait until a text is acknowledged. Raises WrongError if the client gives up.

        `patience`: seconds, where they are others than those of a check.
        """
        patience = patience or patience_s()
        try:
            async with asyncio.timeout(patience), self._came:
                await self._came.wait_for(
                    lambda: text in self.said() or self.failed() or self._ended
                )
        except TimeoutError:
            raise WrongError(what, "an answer", f"nothing in {patience:g} s", clause) from None
        if text not in self.said():
            got = (self.failed() or ["the end of client.mjs"])[0]
            raise WrongError(what, "an answer", got, clause, ended=self._ended)

    async def until_received(self, text: str, what: str, clause: str) -> None:
        """Wait until a message is handed over."""
        try:
            async with asyncio.timeout(patience_s()), self._came:
                await self._came.wait_for(lambda: text in self.texts or self._ended)
        except TimeoutError:
            raise WrongError(what, f"'{text}'", f"{self.texts}", clause) from None

    async def read(self) -> None:
        """Read what it reports, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if not line.startswith(b'{"lab":'):
                continue  # what the learner prints
            report = json.loads(line)["lab"]
            async with self._came:
                if "message" in report:
                    message = report["message"]
                    self.texts.append(
                        str(message.get("text") if isinstance(message, dict) else message)
                    )
                else:
                    self.reports.append(report)
                self._came.notify_all()
        async with self._came:
            self._ended = True
            self._came.notify_all()


@asynccontextmanager
async def driven(subject: Learner, port: int, room: str, name: str) -> AsyncIterator[Driven]:
    """Run the learner's client against a port; it is in the room on entry.

    Raises:
        CourseError: there is no `client.mjs`, or it does not join.
    """
    client = subject.folder / "client.mjs"
    if not client.is_file():
        raise CourseError(f"{subject.folder} has no client.mjs: make it by `lab course start`")
    with tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            "node", str(DRIVER), str(client),
            f"http://127.0.0.1:{port}", room, name,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        one = Driven(process)
        reading = asyncio.create_task(one.read())
        try:
            await one.say("ready?")
            try:
                what = "client.mjs does not get into the room"
                await one.until("ready?", what, "the chapter", starting_s())
            except WrongError as error:
                errors.seek(0)
                said = errors.read().decode(errors="replace")
                why = telling_line(said) if said.strip() else str(error)
                hint = "say a text and wait for its answer, as the starting point does"
                text = f"client.mjs does not get into the room: {why}\nnext: {hint}"
                raise CourseError(text) from None
            yield one
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await reading

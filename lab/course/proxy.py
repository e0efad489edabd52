"""The learner's nginx before two of the learner's servers, while a check runs."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from lab.course.chapters import CourseError
from lab.course.learner import Learner, free_ports, served
from lab.course.patience import patience_s, starting_s
from lab.course.problem import WrongError, first_difference, telling_line
from lab.handshakes.link import dial, head_of
from lab.handshakes.request import Request
from lab.load.scenario.server import TargetServer
from lab.relay.relay import Relay
from lab.scenario import Server
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets
from lab.tls.authority import certified

HTTPS, HTTP, FIRST, SECOND = 8443, 8080, 3001, 3002
"""The ports in the learner's files. A check puts free ones in their place."""
SOURCES = [f"127.0.{number}.1" for number in range(1, 9)]
"""Addresses of clients: all of them are this machine's, and a proxy tells them apart."""
ADMIN_PATHS = "/usr/sbin:/usr/local/sbin"
LOG_PREFIX = re.compile(r"[\d/: ]+\[\w+\] \d+#\d+: ")
"""The time, the level and the process before what nginx says."""
TLS_RECORD = b"\x16\x03"
HANGS_UP = "no answer: the proxy hangs up"


class Response(NamedTuple):
    """What the proxy has answered. `status` None: it hung up."""

    status: int | None
    headers: Mapping[str, str]
    body: str

    def __str__(self) -> str:
        return HANGS_UP if self.status is None else f"HTTP {self.status} '{self.body[:80]}'"


class Site:
    """A running proxy: `https` and `http` are its ports. `relays`: before each of the servers."""

    def __init__(
        self, https: int, http: int, context: ssl.SSLContext, relays: tuple[Relay, Relay]
    ) -> None:
        self.https = https
        self.http = http
        self.relays = relays
        self._context = context

    def link(self, source: str) -> dict[str, Any]:
        """How a member connects from an address."""
        return {"ssl": self._context, "server_hostname": "localhost", "local_addr": (source, 0)}

    def used(self) -> list[int]:
        """How many connections each server has got."""
        return [relay.opened for relay in self.relays]

    async def ask(
        self, source: str, target: str, *, body: str | None = None, cookie: str = ""
    ) -> Response:
        """GET a path over TLS from an address; with a body POST it.

        Raises:
            WrongError: the proxy speaks no TLS.
        """
        try:
            return await self._ask(source, self.https, self._context, target, body, cookie)
        except ssl.SSLError:
            raise await self._no_tls() from None

    async def ask_without_tls(self, target: str) -> Response:
        """GET a path at the port for plain HTTP. Raises OSError if nobody listens."""
        return await self._ask(SOURCES[0], self.http, None, target, None, "")

    async def _ask(
        self,
        source: str,
        port: int,
        context: ssl.SSLContext | None,
        target: str,
        body: str | None,
        cookie: str,
    ) -> Response:
        headers = {"Host": f"localhost:{port}", **({"Cookie": cookie} if cookie else {})}
        if body is not None:
            headers |= {"Content-Type": "text/plain", "Content-Length": str(len(body.encode()))}
        request = Request("GET" if body is None else "POST", target, headers)
        async with dial("127.0.0.1", port, context, "localhost", local=source) as connection:
            connection.send(request.encode() + (body or "").encode())
            response = await connection.response(patience_s())
            head = head_of(response)
            text = connection.body(response).decode(errors="replace")
        if head is None:
            return Response(None, {}, "")
        fields = {bytes(key).decode(): bytes(value).decode() for key, value in head.headers}
        return Response(head.status_code, fields, text)

    async def _no_tls(self) -> WrongError:
        async with dial("127.0.0.1", self.https) as connection:
            connection.send(TLS_RECORD + b"\x01\r\n\r\n")
            await connection.until(lambda: len(connection.received) > 1, patience_s())
            got = connection.received[:8]
        return WrongError(
            f"the proxy speaks no TLS at {HTTPS}",
            "a TLS record",
            f"{got!r} ({first_difference(TLS_RECORD, got)})",
            "RFC 8446 5.1",
        )


@asynccontextmanager
async def proxied(subject: Learner) -> AsyncIterator[Site]:
    """Run two of the learner's servers and the learner's nginx before them.

    Raises:
        CourseError: nginx is not installed, or something does not start.
    """
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{ADMIN_PATHS}")
    if program is None:
        raise CourseError("nginx is not installed: `apt install nginx`, then check again")
    first, second, https, http = free_ports(4)
    peers = [f"http://127.0.0.1:{port}" for port in (first, second)]
    with certified() as made, tempfile.TemporaryDirectory(prefix="lab-nginx-") as scratch:
        async with (
            served(subject, first, PEERS=peers[1]),
            served(subject, second, PEERS=peers[0]),
            Relay("127.0.0.1", first) as one,
            Relay("127.0.0.1", second) as other,
        ):
            ports = {FIRST: one.port, SECOND: other.port, HTTPS: https, HTTP: http}
            folder = Path(scratch)
            _copy(subject.folder, folder, ports)
            shutil.copy(made.server.certificate, folder / "cert.pem")
            shutil.copy(made.server.key, folder / "key.pem")
            async with _nginx(program, folder, https):
                context = ssl.create_default_context(cafile=made.authority)
                yield Site(https, http, context, (one, other))


def _copy(source: Path, folder: Path, ports: Mapping[int, int]) -> None:
    """Copy the configuration, with other ports."""
    files = {file.name: file.read_text(errors="replace") for file in source.glob("*.conf")}
    if "nginx.conf" not in files:
        raise CourseError(f"{source} has no nginx.conf: make it by `lab course start 9`")
    if not any(re.search(rf"\b{HTTPS}\b", text) for text in files.values()):
        raise CourseError(f"no .conf file of {source} has the port {HTTPS}: listen there")
    numbers = re.compile("|".join(rf"\b{port}\b" for port in ports))
    for name, text in files.items():
        changed = numbers.sub(lambda found: str(ports[int(found[0])]), text)
        (folder / name).write_text(changed)


@asynccontextmanager
async def _nginx(program: str, folder: Path, port: int) -> AsyncIterator[None]:
    command = [program, "-e", "stderr", "-p", f"{folder}/", "-c", "nginx.conf"]
    settings = Server(command=command, ready=starting_s())
    try:
        async with TargetServer(settings, folder, ("127.0.0.1", port), Secrets()):
            yield
    except TargetError as error:
        why = LOG_PREFIX.sub("", telling_line(str(error))).replace(f"{folder}/", "")
        hint = "run `nginx -t -p . -c nginx.conf` in your folder, and mend what it says"
        raise CourseError(f"nginx does not start: {why}\nnext: {hint}") from None

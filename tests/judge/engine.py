"""A small server of Engine.IO 4 and Socket.IO 5 that is right, and echoes; `fault` makes it wrong.

An event is acknowledged with its own arguments, attachments included. Written for the judge's own
tests, by the protocols' documents and without a library; the frames are those of `echo`.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from contextlib import AbstractAsyncContextManager
from itertools import count
from urllib.parse import parse_qs, urlsplit

from tests.judge.echo import BINARY, CLOSE, TEXT, Echo, Refused, listening

SEPARATOR = b"\x1e"
Data = str | bytes
PACKET = re.compile(r"([0-6])(?:(\d+)-)?(?:(/[^,]*),)?(\d+)?(.*)", re.DOTALL)


class Life:
    """A session: what waits for a poll, its WebSocket, and the state of Socket.IO in it."""

    def __init__(self, server: Lives, sid: str) -> None:
        self.sid = sid
        self.socket: Channel | None = None
        self.poll: asyncio.Future[None] | None = None
        self.waiting: list[Data] = []
        self._server = server
        self._fault = server.fault
        self._entered = False
        self._due = 0
        self._head = ""
        self._attached: list[bytes] = []
        self._ponged = asyncio.Event()
        self._beat = asyncio.ensure_future(self._heartbeat())

    async def _heartbeat(self) -> None:
        interval_s, timeout_s = self._server.heartbeat
        while self._fault != "sends no pings":
            await asyncio.sleep(interval_s)
            self._ponged.clear()
            self.send("3" if self._fault == "pings with 3" else "2")
            try:
                async with asyncio.timeout(timeout_s):
                    await self._ponged.wait()
            except TimeoutError:
                if self._fault != "waits for pongs for ever":
                    self.end()

    def send(self, *packets: Data) -> None:
        """Send packets by the WebSocket, or keep them for a poll."""
        if self.socket is not None:
            for data in packets:
                if isinstance(data, str):
                    self.socket.write(TEXT, data.encode())
                else:
                    self.socket.write(BINARY, data)
            return
        self.waiting += packets
        self.wake()

    def wake(self) -> None:
        """Let a waiting poll be answered."""
        if self.poll is not None and not self.poll.done():
            self.poll.set_result(None)

    def end(self, last: str = "1") -> None:
        """End the session. A waiting poll gets the last packet."""
        if self._server.lives.pop(self.sid, None) is None:
            return
        self._beat.cancel()
        if self.socket is not None:
            self.socket.hang_up()
        self.waiting.append(last)
        self.wake()

    # Engine.IO.

    def take(self, data: Data) -> None:
        """Take a packet of the client."""
        if isinstance(data, bytes):
            self._attachment(data)
            return
        kind, rest = data[:1], data[1:]
        if kind == "4":
            self._message(rest)
        elif kind == "3":
            self._ponged.set()
        elif kind == "1" and self._fault != "takes close packets for nothing":
            self.end("6")
        elif kind not in tuple("0123456") and self._fault != "ignores what is no packet":
            self.end()

    # Socket.IO.

    def _message(self, text: str) -> None:
        match = PACKET.fullmatch(text)
        if match is None or self._due:
            self._invalid()
            return
        kind, attachments, namespace, number, data = match.groups()
        if kind == "0":
            self._enter(namespace or "/")
        elif not self._entered:
            if self._fault != "takes events before the namespace is entered":
                self.end()
        elif kind == "1":
            self._entered = False
        elif kind in "25" and (kind == "5") == (attachments is not None):
            self._event(kind, int(attachments or 0), number, data)
        else:
            self._invalid()

    def _enter(self, namespace: str) -> None:
        if namespace != "/" and self._fault != "enters every namespace":
            refusal = {"message": "Invalid namespace"}
            if self._fault == "refuses namespaces without a message":
                refusal = {}
            self.send(f"44{namespace},{json.dumps(refusal)}")
            return
        self._entered = True
        sid = "" if self._fault == "gives no sid" else f'{{"sid":"{self._server.new_id()}"}}'
        if self._fault == "gives each client one sid":
            sid = '{"sid":"0"}'
        self.send(f"40{'' if namespace == '/' else namespace + ','}{sid}")

    def _event(self, kind: str, attachments: int, number: str | None, data: str) -> None:
        try:
            said = json.loads(data)
            assert isinstance(said, list) and isinstance(said[0], str)
        except (ValueError, AssertionError, IndexError):
            self._invalid()
            return
        held = re.findall(r'\{"_placeholder":true,"num":\d+\}', data)
        if len(held) != attachments:
            self._invalid()
            return
        answer = json.dumps(said[1:], separators=(",", ":"))
        if self._fault == "acknowledges with the event's name":
            answer = data
        if self._fault == "acknowledges the first argument only":
            answer = json.dumps(said[1:2])
        if self._fault == "reads text as Latin-1":
            answer = json.dumps(said[1:], ensure_ascii=False).encode().decode("latin-1")
        self._due, self._attached = attachments, []
        self._head = f"4{'6' if attachments else '3'}"
        self._head += f"{attachments}-" if attachments else ""
        self._head += self._id_of(number) + answer
        if number is None and self._fault != "acknowledges events without an id":
            self._head = ""
        if not self._due:
            self._acknowledge()

    def _id_of(self, number: str | None) -> str:
        if self._fault == "cuts ids to 16 bits":
            return str(int(number or 0) & 0xFFFF)
        return str(int(number or 0))

    def _attachment(self, data: bytes) -> None:
        if not self._due:
            self._invalid()
            return
        self._attached.append(data)
        self._due -= 1
        if not self._due:
            self._acknowledge()

    def _acknowledge(self) -> None:
        if not self._head:
            return
        attached = self._attached
        if self._fault == "turns attachments around":
            attached = attached[::-1]
        if self._fault == "drops empty attachments":
            attached = [data for data in attached if data]
        self.send(self._head, *attached)
        if self._fault == "acknowledges twice":
            self.send(self._head, *attached)

    def _invalid(self) -> None:
        if self._fault != "ignores invalid packets":
            self.end()


class Lives:
    """The sessions of one server."""

    def __init__(self, fault: str, heartbeat: tuple[float, float]) -> None:
        self.fault = fault
        self.heartbeat = heartbeat
        self.lives: dict[str, Life] = {}
        self._numbers = count(1)

    def new_id(self) -> str:
        """A new id for a session."""
        return f"s{next(self._numbers)}"

    def begin(self) -> Life:
        """Begin a session."""
        life = Life(self, self.new_id())
        self.lives[life.sid] = life
        return life

    def terms(self, life: Life, upgrades: list[str]) -> str:
        """The open packet of a session."""
        interval_s, timeout_s = self.heartbeat
        terms = {
            "sid": life.sid,
            "upgrades": [] if self.fault == "offers no upgrade" else upgrades,
            "pingInterval": int(interval_s * 1000),
            "pingTimeout": int(timeout_s * 1000),
            "maxPayload": 70_000,
        }
        if self.fault == "forgets maxPayload":
            del terms["maxPayload"]
        return f"0{json.dumps(terms)}"


class Channel(Echo):
    """One TCP connection: requests, until one of them opens a WebSocket."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lives: Lives
    ) -> None:
        super().__init__(reader, writer, lives.fault)
        self._lives = lives
        self._life: Life | None = None
        self._probed = True

    async def run(self) -> None:
        """Serve the connection; the session of its WebSocket ends with it."""
        try:
            await super().run()
        finally:
            if self._life is not None and self._life.socket is self:
                self._life.end()

    def write(self, opcode: int, data: bytes) -> None:
        """Send a message."""
        self._send(opcode, data)

    def hang_up(self) -> None:
        """Close the WebSocket, and the connection."""
        self._closed = True
        self._send(CLOSE, b"\x03\xe8")
        self._writer.close()

    async def _open(self) -> bool:
        while True:
            try:
                first, headers = await self._head()
                method, target, _ = first.split(" ")
                query = {
                    name: values[0] for name, values in parse_qs(urlsplit(target).query).items()
                }
                if query.get("transport") == "websocket":
                    self._check(first, headers)
                    self._join(query.get("sid"))
                    self._accept(headers)
                    self._greet()
                    return True
                body = await self._reader.readexactly(int(headers.get("content-length", ["0"])[0]))
                self._check_target(target)
                status, answer = await self._request(method, query.get("sid"), body)
            except Refused as refused:
                status, answer = refused.status, b"no"
            self._reply(status, answer)

    def _reply(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} Any\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)

    def _check_target(self, target: str) -> None:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/socket.io/":
            raise Refused(404)
        if query.get("EIO") != "4" and self._fault != "does not look at EIO":
            raise Refused(400)
        known = query.get("transport") in ("polling", "websocket")
        if not known and self._fault != "takes every transport for polling":
            raise Refused(400)
        if "sid" in query and query["sid"] not in self._lives.lives:
            never = not query["sid"].startswith("s")
            if not (never and self._fault == "opens sessions for unknown ids"):
                raise Refused(400)

    # Requests.

    async def _request(self, method: str, sid: str | None, body: bytes) -> tuple[int, bytes]:
        life = self._lives.lives.get(sid or "")
        if life is None:
            if method != "GET" and self._fault != f"opens sessions by {method}":
                raise Refused(400)
            life = self._lives.begin()
            return 200, self._lives.terms(life, ["websocket"]).encode()
        if life.socket is not None and self._fault != "serves polls after the upgrade":
            raise Refused(400)
        if method == "POST":
            return self._post(life, body)
        return await self._poll(life)

    def _post(self, life: Life, body: bytes) -> tuple[int, bytes]:
        for part in body.split(SEPARATOR):
            if part[:1] == b"b":
                try:
                    life.take(b64decode(part[1:], validate=True))
                except NotBase64:
                    life.end()
            else:
                life.take(part.decode())
            if self._fault == "reads one packet of a payload":
                break
        return 200, b"OK" if self._fault == "says OK" else b"ok"

    async def _poll(self, life: Life) -> tuple[int, bytes]:
        if life.poll is not None and self._fault != "lets two polls wait":
            life.end()
            raise Refused(400)
        if not life.waiting:
            life.poll = asyncio.get_running_loop().create_future()
            await life.poll
            life.poll = None
        packets, life.waiting = life.waiting, []
        encoded = (
            data.encode() if isinstance(data, str) else b"b" + b64encode(data) for data in packets
        )
        return 200, SEPARATOR.join(encoded)

    # The WebSocket.

    def _join(self, sid: str | None) -> None:
        if sid is None:
            return
        life = self._lives.lives.get(sid)
        if life is None:
            return
        if life.socket is not None and self._fault != "upgrades twice":
            raise Refused(400)
        self._life = life
        self._probed = False

    def _greet(self) -> None:
        if self._life is None:
            self._life = self._lives.begin()
            self._life.socket = self
            self.write(TEXT, self._lives.terms(self._life, []).encode())

    def _answer(self, opcode: int, message: bytes) -> None:
        life = self._life
        assert life is not None, "the opening made or found a session"
        data: Data = message.decode() if opcode == TEXT else message
        if self._probed:
            life.take(data)
        elif data == "2probe":
            self.write(TEXT, b"3" if self._fault == "answers the probe with 3" else b"3probe")
            if self._fault != "lets a poll wait during the upgrade":
                life.waiting.append("6")
                life.wake()
        elif data == "5" or (isinstance(data, str) and data[:1] == "5" and not self._strict()):
            self._probed = True
            waiting, life.waiting = life.waiting, []
            life.socket = self
            life.send(*(packet for packet in waiting if packet != "6"))

    def _strict(self) -> bool:
        return self._fault == "takes no data in the upgrade packet"


def engine_server(
    fault: str = "", heartbeat: tuple[float, float] = (30.0, 20.0)
) -> AbstractAsyncContextManager[int]:
    """Run the server; gives its port."""
    lives = Lives(fault, heartbeat)

    def end() -> None:
        for life in [*lives.lives.values()]:
            life.end()

    return listening(lambda reader, writer: Channel(reader, writer, lives).run(), end)

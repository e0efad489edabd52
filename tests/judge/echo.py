"""A small WebSocket server that is right, and echoes; `fault` makes it wrong in one way.

Written for the judge's own tests, by the clauses of RFC 6455 and without a library. It is stricter
than it has to be, so that every case is `ok` where there is no fault.
"""

from __future__ import annotations

import asyncio
import codecs
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from lab.judge.websocket.openings import accept_of

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FRAME_BYTES = 70_000
Headers = dict[str, list[str]]


class Failed(Exception):
    """The client broke the protocol: `code` is that of the close frame."""

    def __init__(self, code: int) -> None:
        self.code = code


class Refused(Exception):
    """The opening is wrong: `status` and further headers of the answer."""

    def __init__(self, status: int, *headers: str) -> None:
        self.status = status
        self.headers = headers


class Echo:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str = ""
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._fault = fault
        self._opcode = 0
        self._message = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._closed = False

    async def run(self) -> None:
        """Serve the connection until it ends."""
        try:
            if await self._open():
                await self._frames()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if self._fault != "keeps the connection after the close":
                self._writer.close()

    # The opening.

    async def _open(self) -> bool:
        try:
            first, headers = await self._head()
            self._check(first, headers)
        except Refused as refused:
            return self._refuse(refused)
        self._accept(headers)
        return True

    async def _head(self) -> tuple[str, Headers]:
        """The next request: its first line, and its fields."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refused(431) from None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers: Headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        return first, headers

    def _check(self, first: str, headers: Headers) -> None:
        method, target, version = first.split(" ")
        if version != "HTTP/1.1" and self._fault != "takes HTTP/1.0":
            raise Refused(505)
        if method != "GET" and self._fault != f"takes {method}":
            raise Refused(405)
        if len(headers.get("host", [])) != 1 and self._fault != "takes no Host":
            raise Refused(400)
        self._check_target(target)
        if "origin" in headers:
            raise Refused(403)
        for name, token in (("Upgrade", "websocket"), ("Connection", "upgrade")):
            asked = token in self._tokens(headers, name.lower())
            if not asked and self._fault != f"does not look at {name}":
                raise Refused(400)
        self._check_version(headers)
        self._check_key(headers)

    def _check_target(self, target: str) -> None:
        if target != "/":
            raise Refused(404)

    def _tokens(self, headers: Headers, name: str) -> list[str]:
        value = ",".join(headers.get(name, []))
        if self._fault == "compares Upgrade by its letters" and name == "upgrade":
            return [value if value == "websocket" else ""]
        if self._fault == "takes Connection for one word" and name == "connection":
            return [value.lower()]
        return [token.strip().lower() for token in value.split(",")]

    def _check_version(self, headers: Headers) -> None:
        versions = headers.get("sec-websocket-version", [])
        if versions == ["13"] or self._fault == "does not look at the version":
            return
        if self._fault == "does not name its version":
            raise Refused(426)
        raise Refused(426, "Sec-WebSocket-Version: 13")

    def _check_key(self, headers: Headers) -> None:
        keys = headers.get("sec-websocket-key", [])
        if self._fault == "takes any key" and keys:
            return
        if self._fault == "needs no key" and not keys:
            headers["sec-websocket-key"] = [""]
            return
        try:
            (key,) = keys
            right = len(b64decode(key, validate=True)) == 16
        except (ValueError, NotBase64):
            right = False
        if not right:
            raise Refused(400)

    def _refuse(self, refused: Refused) -> bool:
        extra = "".join(f"{line}\r\n" for line in refused.headers)
        head = f"HTTP/1.1 {refused.status} No\r\nContent-Length: 0\r\n{extra}\r\n"
        self._writer.write(head.encode())
        return False

    def _accept(self, headers: Headers) -> None:
        key = headers["sec-websocket-key"][0]
        if self._fault == "always answers with the RFC's accept value":
            key = "dGhlIHNhbXBsZSBub25jZQ=="
        lines = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept_of(key),
        }
        if self._fault == "chooses a subprotocol by itself":
            lines["Sec-WebSocket-Protocol"] = "chat"
        if self._fault == "accepts every extension":
            lines |= {
                "Sec-WebSocket-Extensions": ", ".join(headers.get("sec-websocket-extensions", []))
                or "x-own"
            }
        if self._fault == "answers Connection: close":
            lines["Connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{head}\r\n".encode())

    # Frames.

    async def _frames(self) -> None:
        try:
            while not self._closed:
                await self._frame()
        except Failed as failed:
            code = 1000 if self._fault == "fails with 1000" else failed.code
            if self._fault != "fails without a close frame":
                self._send(CLOSE, code.to_bytes(2))

    async def _frame(self) -> None:
        first, second = await self._reader.readexactly(2)
        opcode, fin = first & 15, bool(first & 0x80)
        self._check_first(first, opcode)
        if not second & 0x80 and self._fault != "takes frames without a mask":
            raise Failed(1002)
        size = await self._length(second & 0x7F)
        if opcode >= CLOSE:
            if not fin and self._fault != "takes control frames in fragments":
                raise Failed(1002)
            if size > 125 and self._fault != "takes long control frames":
                raise Failed(1002)
        mask = await self._reader.readexactly(4) if second & 0x80 else b"\0\0\0\0"
        if opcode >= CLOSE:
            self._control(opcode, self._clear(await self._reader.readexactly(size), mask, 0))
        else:
            await self._data(opcode, fin, size, mask)

    def _check_first(self, first: int, opcode: int) -> None:
        bits = {"RSV1": 0x40, "RSV2": 0x20, "RSV3": 0x10}
        checked = sum(bit for name, bit in bits.items() if self._fault != f"ignores {name}")
        if first & checked:
            raise Failed(1002)
        if opcode not in (0, TEXT, BINARY, CLOSE, PING, PONG):
            known = opcode < CLOSE and self._fault == "takes reserved opcodes for texts"
            if not known:
                raise Failed(1002)

    async def _length(self, size: int) -> int:
        if size < 126:
            return size
        width = 2 if size == 126 else 8
        data = await self._reader.readexactly(width)
        wrong = self._fault == "reads 16 bits from the wrong end" and width == 2
        size = int.from_bytes(data, "little" if wrong else "big")
        if size >> 63:
            raise Failed(1002)
        if size < (126 if width == 2 else 1 << 16) and self._fault != "takes long lengths":
            raise Failed(1002)
        if self._fault == "takes 64 bits for an error" and width == 8:
            raise Failed(1009)
        return size

    def _clear(self, data: bytes, mask: bytes, at: int) -> bytes:
        if self._fault == "takes no mask off":
            return data
        if self._fault == "masks with the first byte only":
            mask = mask[:1] * 4
        return bytes(byte ^ mask[(at + index) % 4] for index, byte in enumerate(data))

    async def _data(self, opcode: int, fin: bool, size: int, mask: bytes) -> None:
        self._check_sequence(opcode)
        if opcode:
            self._opcode, self._message = opcode, b""
            self._decoder.reset()
        elif not self._opcode:
            self._opcode = TEXT
        if len(self._message) + size > FRAME_BYTES and self._fault != "takes messages of any size":
            raise Failed(1009)
        read = 0
        while read < size:
            data = await self._reader.read(min(4096, size - read))
            if not data:
                raise ConnectionError
            self._take(self._clear(data, mask, read))
            read += len(data)
        if self._fault == "decodes each fragment alone":
            self._decode(b"", final=True)
        if fin or self._fault == "takes fragments for messages":
            self._end()

    def _check_sequence(self, opcode: int) -> None:
        if opcode == 0 and not self._opcode and self._fault != "takes continuations of nothing":
            raise Failed(1002)
        if opcode and self._opcode and self._fault != "takes a message inside a message":
            raise Failed(1002)

    def _take(self, data: bytes) -> None:
        self._message += data
        if self._fault != "decodes at the end":
            self._decode(data)

    def _decode(self, data: bytes, final: bool = False) -> None:
        if self._opcode != TEXT or self._fault == "takes any bytes for text":
            return
        try:
            if self._fault == "takes surrogates":
                self._message.decode("utf-8", "surrogatepass")
            else:
                self._decoder.decode(data, final)
                self._no_surrogate()
        except UnicodeDecodeError as error:
            short = self._fault == "takes surrogates" and error.reason == "unexpected end of data"
            if not short or final:
                raise Failed(1007) from None

    def _no_surrogate(self) -> None:
        """Fail at the second byte of a surrogate: the decoder waits for the third."""
        pending = self._decoder.getstate()[0]
        if len(pending) == 2 and pending[0] == 0xED and pending[1] >= 0xA0:
            raise Failed(1007)

    def _end(self) -> None:
        if self._fault == "decodes at the end":
            self._decode(self._message)
        self._decode(b"", final=True)
        opcode, self._opcode = self._opcode, 0
        if self._fault == "answers binary with text":
            opcode = TEXT
        if self._fault == "cuts the answer at a NUL":
            self._message = self._message.partition(b"\0")[0]
        if not (self._fault == "answers no empty message" and not self._message):
            self._answer(opcode, self._message)

    def _answer(self, opcode: int, message: bytes) -> None:
        """Answer a whole message."""
        self._send(opcode, message)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            self._close(payload)
        elif opcode == PING and self._fault != "answers no ping":
            if self._opcode and self._fault == "answers no ping inside a message":
                return
            self._send(PONG, b"" if self._fault == "answers pings without payload" else payload)
        elif opcode == PONG and self._fault == "takes a pong for an error":
            raise Failed(1002)

    def _close(self, payload: bytes) -> None:
        if len(payload) == 1 and self._fault != "takes a close of one byte":
            raise Failed(1002)
        code = int.from_bytes(payload[:2])
        known = code in (1000, 1001, 1002, 1003, *range(1007, 1015)) or 3000 <= code < 5000
        if len(payload) > 1 and not known and self._fault != "takes any close code":
            raise Failed(1002)
        if self._fault != "takes any reason":
            try:
                payload[2:].decode()
            except UnicodeDecodeError:
                raise Failed(1007) from None
        if self._fault == "goes on after the close":
            self._send(CLOSE, payload[:2])
            return
        self._closed = True
        if self._fault == "answers no close":
            return
        self._send(CLOSE, b"\x03\xed" if self._fault == "closes with 1005" else payload[:2])

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        if self._fault == "splits its pongs" and opcode == PONG:
            self._writer.write(bytes([opcode, size]) + payload)
            return
        first = 0xC0 if self._fault == "sets RSV1" else 0x80
        if size < 126 and self._fault != "writes long lengths":
            head = bytes([first | opcode, size])
        elif size < 1 << 16:
            head = bytes([first | opcode, 126]) + size.to_bytes(2)
        else:
            head = bytes([first | opcode, 127]) + size.to_bytes(8)
        if self._fault == "masks its frames":
            head = head[:1] + bytes([head[1] | 0x80]) + head[2:] + b"\0\0\0\0"
        self._writer.write(head + payload)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, end: Callable[[], None] = lambda: None) -> AsyncIterator[int]:
    """Serve each connection, until the block ends; yields the port. `end` is called before."""
    writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        writers[task] = writer
        with suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)

    server = await asyncio.start_server(served, "127.0.0.1", 0, limit=16 * 1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        end()
        server.close()
        for task, writer in writers.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*writers, return_exceptions=True)


def echo_server(fault: str = "") -> AbstractAsyncContextManager[int]:
    """Run the server; gives its port."""
    return listening(lambda reader, writer: Echo(reader, writer, fault).run())

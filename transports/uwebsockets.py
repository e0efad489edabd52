"""The wire `uwebsockets`: native, on uWebSockets in C++, whose topics are the rooms.

Its loop is libuv's. Ours watches that one's epoll and turns it when something is ready there, so
that the room is the lab's own, in one process. docs/tuned.md says what it leaves out.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from lab.chat import events
from lab.chat.effects import Member
from lab.chat.events import RoomEvent
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports import _native, _origin, _tuned_serving
from transports._native_client import connect_native
from transports._serving import CLOSE_TIMEOUT_S
from transports._versions import PYTHON, installed

LIBUV = "libuv.so.1"
EXCLUSIVE_PORT = 1
"""uSockets' LIBUS_LISTEN_EXCLUSIVE_PORT: without it another server may listen there too."""
IDLE_S = 44
"""Without a sign of life for so long a line is cut; uWebSockets counts in steps of four seconds."""
SWEEP_S = 1.0
"""How often its timers are looked at; they are as coarse as that."""

_apps: list[Any] = []
"""All there were: the library can't be given back a loop without an end to all that it holds."""


def _app_of_its_own(behaviour: dict[str, Any]) -> Any:
    """An application with a loop of its own.

    uWebSockets has one for each thread, for good: hence a thread, which is not needed afterwards.
    """

    def make() -> None:
        app = import_module("socketify").App()
        app.ws("/", behaviour)
        app.loop.loop.close()  # one of asyncio's, which it makes where none is running
        asyncio.set_event_loop(None)
        _apps.append(app)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return _apps[-1]


class _Line:
    """One connection of the server; `ws` is the library's, from its opening on."""

    def __init__(self) -> None:
        self.ws: Any = None
        self.member = Member(0)


class _Loop:
    """libuv's loop, turned by ours."""

    def __init__(self, app: Any) -> None:
        ffi = import_module("socketify.native").ffi
        self.time = asyncio.get_running_loop().time
        self._uv = app.loop.uv_loop
        self._loop = asyncio.get_running_loop()
        native = int(ffi.cast("uintptr_t", app.loop.get_native_loop()))
        self._fd = ctypes.CDLL(LIBUV).uv_backend_fd(ctypes.c_void_p(native))
        self._turning = False
        self._soon = False
        self._loop.add_reader(self._fd, self.turn)
        self._sweep()

    def turn(self) -> None:
        """Serve what is ready.

        Twice, for libuv asks the kernel about new files at the beginning of a turn only.
        """
        self._turning, self._soon = True, False
        self._uv.run_nowait()
        self._uv.run_nowait()
        self._turning = False

    def turn_soon(self) -> None:
        """What was published waits for the end of a turn: see to it that there is one."""
        if not self._turning and not self._soon:
            self._soon = True
            self._loop.call_soon(self.turn)

    def _sweep(self) -> None:
        self.turn()
        self._timer = self._loop.call_later(SWEEP_S, self._sweep)

    def close(self) -> None:
        """Leave it alone."""
        self._timer.cancel()
        self._loop.remove_reader(self._fd)


class _Server(_native.NativeServer[_Line]):
    """The outlet: each event encoded once, and published once; the rest is in C++."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        library = import_module("socketify")
        self._origins = options.origins
        self._text = library.OpCode.TEXT
        behaviour = {
            "compression": library.CompressOptions.DISABLED,
            "max_payload_length": chat.limits.frame_bytes,
            "max_backpressure": chat.limits.queue_bytes,
            "close_on_backpressure_limit": True,
            "idle_timeout": IDLE_S,
            "send_pings_automatically": True,
            "upgrade": self._upgrade,
            "open": self._opened,
            "message": self._message,
            "close": self._closed,
        }
        self.app = _app_of_its_own(behaviour)
        self.loop = _Loop(self.app)

    def listen(self, host: str, port: int) -> int:
        """Listen there; returns the port. Raises OSError where it can't be listened on."""
        native = import_module("socketify.native")
        ffi, lib, found = native.ffi, native.lib, list[int]()

        @ffi.callback("void(struct us_listen_socket_t *, uws_app_listen_config_t, void *)")  # type: ignore[untyped-decorator]
        def listening(socket: Any, _config: Any, _data: Any) -> None:
            if socket != ffi.NULL:
                self.app.socket = socket
                found.append(lib.us_socket_local_port(self.app.SSL, socket))

        # Not by the library's own `listen`: it frees the host's name before it is read.
        options, name = ffi.new("uws_app_listen_config_t *"), ffi.new("char[]", host.encode())
        options.port, options.host, options.options = port, name, EXCLUSIVE_PORT
        lib.uws_app_listen_with_config(self.app.SSL, self.app.app, options[0], listening, ffi.NULL)
        self.loop.turn()
        if not found:
            raise OSError(errno.EADDRINUSE, "in use, or not to be had: the library does not say")
        return found[0]

    def _upgrade(self, response: Any, request: Any, context: Any) -> None:
        headers = request.get_header
        if not _origin.allowed(headers("origin") or None, headers("host"), self._origins):
            response.write_status(403).end("this Origin is not allowed\n")
            return
        response.upgrade(headers("sec-websocket-key"), "", "", context, _Line())

    def _opened(self, ws: Any) -> None:
        line: _Line = ws.get_user_data()
        line.ws, line.member = ws, self.chat.attach(self)
        self.connections[line.member] = line

    def _message(self, ws: Any, message: str | bytes, _opcode: Any) -> None:
        line: _Line = ws.get_user_data()
        if isinstance(message, str):
            self.receive(line.member, line, message)
        else:
            ws.end(_native.UNSUPPORTED_DATA, "text frames only")

    def _closed(self, ws: Any, code: int, _reason: Any) -> None:
        line: _Line = ws.get_user_data()
        self.connections.pop(line.member, None)
        self.chat.detach(line.member, "lost" if code == 1006 else "closed")

    def enter(self, member: Member, room: str) -> None:
        super().enter(member, room)
        self.connections[member].ws.subscribe(room)

    def exit(self, member: Member, room: str) -> None:
        super().exit(member, room)
        if member in self.connections:
            self.connections[member].ws.unsubscribe(room)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        if skip is None:
            self.app.publish(room, events.encode(event), self._text)
            self.loop.turn_soon()
        else:  # a topic knows no exception
            super().broadcast(room, event, skip)

    def write(self, connections: Iterable[_Line], text: bytes) -> None:
        for line in connections:
            line.ws.send(text, self._text)

    async def close(self) -> None:
        """Say goodbye to everybody, and give the loop back."""
        self.app.close()
        for line in list(self.connections.values()):
            line.ws.end(_native.GOING_AWAY, "")
        deadline = self.loop.time() + CLOSE_TIMEOUT_S
        while self.connections and self.loop.time() < deadline:
            self.loop.turn()
            await asyncio.sleep(0.01)
        for line in list(self.connections.values()):
            line.ws.close()
        self.loop.turn()
        self.loop.close()


class UWebSockets(Transport):
    """RFC 6455, as uWebSockets speaks it, under the Python package socketify."""

    name = "uwebsockets"
    summary = "native WebSocket on uWebSockets, in C++: its topics are the rooms"
    tuned = "websocket-tuned"
    capabilities = frozenset(
        {
            Capability.SOCKET,
            Capability.WEBSOCKET,
            Capability.NATIVE_FRAMES,
            Capability.ORIGIN,
            Capability.SHARED_ROOM,
        }
    )

    def unavailable(self) -> str | None:
        """See `Transport`."""
        try:
            ctypes.CDLL(LIBUV)
        except OSError:
            return f"needs {LIBUV}: install libuv (Debian: apt-get install libuv1)"
        import_module("socketify")
        return None

    def new_event_loop(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """See `Transport`."""
        return _tuned_serving.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(language=PYTHON, server=installed("socketify"), client=installed("websockets"))

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {
            "compression": "none",
            "heartbeat": f"{IDLE_S} s of silence, by the server",
            "event loop": f"libuv's, turned by {_tuned_serving.event_loop()}'s",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        try:
            port = server.listen(options.host, options.port)
            url = f"ws://{netloc(options.host, port)}/"
            server.address = Address(url, options.host, port, websocket_url=url)
            yield server
        finally:
            await server.close()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)

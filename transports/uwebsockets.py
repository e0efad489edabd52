"""The transport `uwebsockets`: native WebSocket on uWebSockets in C++, with its topics as rooms.

It is the fastest WebSocket server for Python, and is here to compare the tuned transports with. A
broadcast is one call of `publish`; C++ sends it to each member. The library runs on libuv's event
loop. asyncio watches the epoll of that loop, and runs it when something is ready, so that both are
in one thread and the room is the lab's own. docs/tuned.md lists what the library leaves out. The
client is `_native/client.py`.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from lab.chat import events
from lab.chat.effects import Member
from lab.chat.events import RoomEvent
from lab.contract import (
    Capability,
    Chat,
    ServeOptions,
    ServerTls,
    Settings,
    Stack,
)
from transports._native import server as native_
from transports._native.transport import NativeTransport
from transports._shared import extras
from transports._shared.origin import Admission
from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._shared.versions import PYTHON, installed
from transports._tuned import listener

LIBUV = "libuv.so.1"
VARIABLE = "LAB_LIBUV"
"""The environment variable that names another file than LIBUV."""
EXCLUSIVE_PORT = 1
"""uSockets' LIBUS_LISTEN_EXCLUSIVE_PORT. Without it another server may listen on the same port."""
IDLE_S = 44
"""A connection that is silent for so long is cut. uWebSockets counts in steps of four seconds."""
SWEEP_S = 1.0
"""How often libuv's timers are checked. uWebSockets needs them no more precisely."""

_apps: list[Any] = []
"""All applications ever made: the library frees everything if one of them is collected."""


def _libuv() -> ctypes.CDLL:
    """Load libuv. Raises OSError if it can't be loaded."""
    return ctypes.CDLL(os.environ.get(VARIABLE, LIBUV))


def _app_of_its_own(behaviour: dict[str, Any], tls: ServerTls | None) -> Any:
    """Make an application with its own event loop.

    uWebSockets has one event loop for each thread, for ever. So the application is made in a new
    thread, which ends at once.
    """

    def make() -> None:
        library = import_module("socketify")
        files = tls and library.AppOptions(key_file_name=tls.key, cert_file_name=tls.certificate)
        app = library.App(files)
        app.ws("/", behaviour)
        app.loop.loop.close()  # the library makes an asyncio loop where none is running
        asyncio.set_event_loop(None)
        _apps.append(app)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return _apps[-1]


def _allow_reuse(library_path: str, listening: int) -> None:
    """Let another server listen on the port while connections of this one are still ending.

    The library sets this for a given port, but not for a port that the kernel chooses.
    """
    descriptor = ctypes.CDLL(library_path).us_poll_fd(ctypes.c_void_p(listening))
    with socket.socket(fileno=os.dup(descriptor)) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


class _Connection:
    """One connection of the server. `ws` is the library's object, set when it opens."""

    def __init__(self) -> None:
        self.ws: Any = None
        self.member = Member(0)


class _Loop:
    """Runs libuv's event loop inside asyncio's."""

    def __init__(self, app: Any) -> None:
        ffi = import_module("socketify.native").ffi
        self.time = asyncio.get_running_loop().time
        self._uv = app.loop.uv_loop
        self._loop = asyncio.get_running_loop()
        native = int(ffi.cast("uintptr_t", app.loop.get_native_loop()))
        self._fd = _libuv().uv_backend_fd(ctypes.c_void_p(native))
        self._turning = False
        self._soon = False
        self._loop.add_reader(self._fd, self.turn)
        self._sweep()

    def turn(self) -> None:
        """Serve what is ready.

        libuv registers new files with the kernel at the beginning of a turn only, so turn it twice.
        """
        self._turning, self._soon = True, False
        self._uv.run_nowait()
        self._uv.run_nowait()
        self._turning = False

    def turn_soon(self) -> None:
        """Make sure that a turn comes: the library sends what was published at its end."""
        if not self._turning and not self._soon:
            self._soon = True
            self._loop.call_soon(self.turn)

    def _sweep(self) -> None:
        self.turn()
        self._timer = self._loop.call_later(SWEEP_S, self._sweep)

    def close(self) -> None:
        """Stop to run libuv's loop."""
        self._timer.cancel()
        self._loop.remove_reader(self._fd)


class _Server(native_.NativeServer[_Connection]):
    """The outlet: encodes and publishes each event once. C++ does the rest."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        library = import_module("socketify")
        self._admission = Admission(options)
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
        self.app = _app_of_its_own(behaviour, options.tls)
        self.loop = _Loop(self.app)

    def listen(self, host: str, port: int) -> int:
        """Listen on an address; returns the port. Raises OSError if that is not possible."""
        native = import_module("socketify.native")
        ffi, lib, found = native.ffi, native.lib, list[int]()

        @ffi.callback("void(struct us_listen_socket_t *, uws_app_listen_config_t, void *)")  # type: ignore[untyped-decorator]
        def listening(opened: Any, _config: Any, _data: Any) -> None:
            if opened != ffi.NULL:
                self.app.socket = opened
                _allow_reuse(native.library_path, int(ffi.cast("uintptr_t", opened)))
                found.append(lib.us_socket_local_port(self.app.SSL, opened))

        # Not with the library's own `listen`: it frees the host's name before C++ reads it.
        options, name = ffi.new("uws_app_listen_config_t *"), ffi.new("char[]", host.encode())
        options.port, options.host, options.options = port, name, EXCLUSIVE_PORT
        lib.uws_app_listen_with_config(self.app.SSL, self.app.app, options[0], listening, ffi.NULL)
        self.loop.turn()
        if not found:
            raise OSError(errno.EADDRINUSE, "in use or not available: the library does not say")
        return found[0]

    def _upgrade(self, response: Any, request: Any, context: Any) -> None:
        found: dict[str, list[str]] = {}
        request.for_each_header(lambda name, value: found.setdefault(name, []).append(value))
        refusal = self._admission.refusal_of(
            lambda name: found.get(name, []), request.get_full_url() or ""
        )
        if refusal is not None:
            status, reason = refusal
            response.write_status(f"{status:d} {status.phrase}").end(reason)
            return
        response.upgrade(request.get_header("sec-websocket-key"), "", "", context, _Connection())

    def _opened(self, ws: Any) -> None:
        connection: _Connection = ws.get_user_data()
        connection.ws, connection.member = ws, self.chat.attach(self)
        self.connections[connection.member] = connection

    def _message(self, ws: Any, message: str | bytes, _opcode: Any) -> None:
        connection: _Connection = ws.get_user_data()
        if isinstance(message, str):
            self.receive(connection.member, connection, message)
        else:
            ws.end(native_.UNSUPPORTED_DATA, "text frames only")

    def _closed(self, ws: Any, code: int, _reason: Any) -> None:
        connection: _Connection = ws.get_user_data()
        self.connections.pop(connection.member, None)
        self.chat.detach(connection.member, "lost" if code == 1006 else "closed")

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
        else:  # `publish` can't leave out a member
            super().broadcast(room, event, skip)

    def write(self, connections: Iterable[_Connection], text: bytes) -> None:
        for connection in connections:
            connection.ws.send(text, self._text)

    async def close(self) -> None:
        """Close all connections, and stop the event loop."""
        self.app.close()
        for connection in list(self.connections.values()):
            connection.ws.end(native_.GOING_AWAY, "")
        deadline = self.loop.time() + CLOSE_TIMEOUT_S
        while self.connections and self.loop.time() < deadline:
            self.loop.turn()
            await asyncio.sleep(0.01)
        for connection in list(self.connections.values()):
            connection.ws.close()
        self.loop.turn()
        self.loop.close()


class UWebSockets(NativeTransport):
    """RFC 6455 as uWebSockets implements it, through the Python package socketify."""

    name = "uwebsockets"
    summary = "native WebSocket on uWebSockets, in C++: its topics are the rooms"
    tuned = "websocket-tuned"
    capabilities = frozenset(
        {
            Capability.SOCKET,
            Capability.TCP,
            Capability.HTTP_1,
            Capability.WEBSOCKET,
            Capability.NATIVE_FRAMES,
            Capability.ORIGIN,
            Capability.SHARED_ROOM,
        }
    )

    def unavailable(self) -> str | None:
        """See `Transport`."""
        try:
            _libuv()
        except OSError:
            return f"needs {LIBUV}: install libuv (Debian: apt-get install libuv1)"
        return extras.missing("socketify")

    def new_event_loop(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """See `Transport`."""
        return listener.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(language=PYTHON, server=installed("socketify"), client=installed("websockets"))

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {
            "compression": "none",
            "heartbeat": f"{IDLE_S} s of silence, by the server",
            "event loop": f"libuv's, turned by {listener.event_loop()}'s",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        try:
            port = server.listen(options.host, options.port)
            server.address = self.address_at(options, port)
            yield server
        finally:
            await server.close()

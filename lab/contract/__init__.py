"""The contract between the room and the transports.

A transport's server calls a `Chat` and offers an `Outlet` to it. A transport's client offers a
`Connection`. The load, the tests and the notebooks use only these types. They never ask for a
transport's name.
"""

from __future__ import annotations

from lab.contract.connection import Connection, ConnectionClosedError
from lab.contract.names import LOOPBACK, is_loopback
from lab.contract.options import (
    Address,
    Capability,
    ClientTls,
    ConnectOptions,
    Heartbeat,
    Library,
    ServeOptions,
    ServerTls,
    Settings,
    Stack,
    netloc,
)
from lab.contract.ports import Chat, Outlet, Server
from lab.contract.transport import Transport

__all__ = [
    "LOOPBACK",
    "Address",
    "Capability",
    "Chat",
    "ClientTls",
    "ConnectOptions",
    "Connection",
    "ConnectionClosedError",
    "Heartbeat",
    "Library",
    "Outlet",
    "ServeOptions",
    "Server",
    "ServerTls",
    "Settings",
    "Stack",
    "Transport",
    "is_loopback",
    "netloc",
]

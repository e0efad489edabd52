"""The contract between the room and the wires: what a transport offers, and what it is given.

A wire's server is given a `Chat` to call and offers it an `Outlet`; a wire's client offers a
`Connection`. Everything above (load, tests, notebooks) sees these and never a wire's name.
"""

from __future__ import annotations

from lab.contract.connection import Connection, ConnectionClosedError
from lab.contract.options import (
    Address,
    Capability,
    ConnectOptions,
    Heartbeat,
    Library,
    ServeOptions,
    Settings,
    Stack,
    netloc,
)
from lab.contract.ports import Chat, Outlet, Server
from lab.contract.transport import Transport

__all__ = [
    "Address",
    "Capability",
    "Chat",
    "ConnectOptions",
    "Connection",
    "ConnectionClosedError",
    "Heartbeat",
    "Library",
    "Outlet",
    "ServeOptions",
    "Server",
    "Settings",
    "Stack",
    "Transport",
    "netloc",
]

"""Finds the address of a target, and refuses one that may not be used.

A name is resolved once. Every address of it has to be of this machine, or the user calls the host
theirs. Clients connect to the very address that was checked, so what DNS answers later changes
nothing.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import msgspec
import psutil

from lab.target.errors import TargetError
from lab.target.permission import Bounds, Permission
from lab.target.problems import explained, problem_of
from lab.target.target import TIMEOUT_S, Target

Address = IPv4Address | IPv6Address


class Endpoint(msgspec.Struct, frozen=True):
    """A target that may be used. Clients connect to `address`, and to no other.

    `foreign`: it is not of this machine.
    """

    target: Target
    address: str
    foreign: bool
    bounds: Bounds


async def permit(
    target: Target,
    permission: Permission | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Endpoint:
    """Resolve a target, check every address of it, and find the one where something listens.

    Raises:
        TargetError: it is not permitted, it has no address, or nothing listens there.
    """
    permission = permission or Permission()
    with explained(target, timeout_s):
        async with asyncio.timeout(timeout_s):
            addresses = await _resolve(target)
    foreign = not all(map(is_local, addresses))
    if foreign and target.host not in permission.owned:
        raise _refusal(target, addresses)
    address = await _first_listening(target, addresses, timeout_s)
    return Endpoint(target, str(address), foreign, permission.bounds(foreign))


def _refusal(target: Target, addresses: list[Address]) -> TargetError:
    elsewhere = next(address for address in addresses if not is_local(address))
    where = "" if str(elsewhere) == target.host else f" ({elsewhere})"
    return TargetError(
        f"{target.host}{where} is not of this machine",
        f"if the server is yours, or its owner agrees, add --i-own {target.host}",
    )


async def _resolve(target: Target) -> list[Address]:
    """Every address of a target, in the system's order.

    In a thread that nobody waits for: a resolver may take longer than the user wants to wait.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Address]] = loop.create_future()

    def look_up() -> None:
        try:
            result, error = _addresses(target), None
        except OSError as problem:
            result, error = [], problem
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(_settle, found, result, error)

    threading.Thread(target=look_up, daemon=True).start()
    return await found


def _addresses(target: Target) -> list[Address]:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    # A zone, as in fe80::1%eth0, belongs to link-local addresses, which no DNS gives.
    return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


def _settle(
    found: asyncio.Future[list[Address]], result: list[Address], error: OSError | None
) -> None:
    if found.done():  # nobody waits any more
        return
    if error is None:
        found.set_result(result)
    else:
        found.set_exception(error)


def is_local(address: Address) -> bool:
    """Whether packets for an address stay on this machine."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        return is_local(mapped)
    # To connect to the unspecified address is to connect to this machine (Linux, ip(7)).
    return address.is_loopback or address.is_unspecified or str(address) in _own_addresses()


def _own_addresses() -> set[str]:
    found = (each for interface in psutil.net_if_addrs().values() for each in interface)
    internet = (socket.AF_INET, socket.AF_INET6)
    return {each.address.partition("%")[0] for each in found if each.family in internet}


async def _first_listening(target: Target, addresses: list[Address], timeout_s: float) -> Address:
    """The first address that accepts a connection, which is closed at once."""
    last: TargetError | None = None
    for address in addresses:
        try:
            async with asyncio.timeout(timeout_s):
                _, writer = await asyncio.open_connection(str(address), target.port)
        except OSError as error:
            last = last or problem_of(error, target, timeout_s)
            continue
        writer.transport.abort()
        return address
    raise last or TargetError(f"{target.host} has no address", "check the name")

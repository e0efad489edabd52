"""The system calls of a link: namespaces and TUN devices, without any program of the system.

The calls act on the thread that makes them (namespaces(7)): what it opens or starts from then on is
inside. Python 3.11 has no functions for them.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEW_USER, NEW_NET = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of <linux/sched.h>."""
THIS_NAMESPACE = "/proc/thread-self/ns/net"
TUN = "/dev/net/tun"
DEVICE = "lab0"
MTU_BYTES = 1500
QUEUE_PACKETS = 10_000
"""What may wait until the pump reads it. The device drops the rest, and no path has decided so."""

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI, _IFF_UP = 0x1, 0x1000, 0x1
_GET_FLAGS, _SET_FLAGS, _SET_ADDRESS, _SET_MASK, _SET_MTU, _SET_QUEUE = (
    0x8913,
    0x8914,
    0x8916,
    0x891C,
    0x8922,
    0x8943,
)
_TIMER_SLACK = 29


class LinkError(Exception):
    """A link can't be opened here. The message says in a sentence why, and what is allowed."""


def libc() -> ctypes.CDLL:
    """The C library, whose functions set errno."""
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unshare(flags: int) -> None:
    """Give this thread new namespaces. Raises OSError."""
    _checked(libc().unshare(flags))


def enter(namespace: int) -> None:
    """Put this thread into a network namespace. Raises OSError."""
    _checked(libc().setns(namespace, NEW_NET))


@contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Run the block in a network namespace: sockets that it opens and programs that it starts."""
    home = os.open(THIS_NAMESPACE, os.O_RDONLY)
    try:
        enter(namespace)
        yield
    finally:
        enter(home)
        os.close(home)


def become_able() -> None:
    """Take the right to make network namespaces: a new user namespace has it, where allowed.

    Root needs nothing. Raises LinkError. To be called before the process has a second thread.
    """
    if is_able():
        return
    user, group = os.geteuid(), os.getegid()
    try:
        # Its own network namespace too: this one belongs to others, and could not be entered again.
        unshare(NEW_USER | NEW_NET)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"0 {user} 1")
        _write("/proc/self/gid_map", f"0 {group} 1")
        set_up("lo")
    except OSError as error:
        raise LinkError(
            "a link needs root or user namespaces, and this system refuses both "
            f"({error.strerror}): run it as root, or allow unprivileged user namespaces"
        ) from error


def is_able() -> bool:
    """Whether this process has CAP_SYS_ADMIN (21) among its effective capabilities."""
    with Path("/proc/self/status").open(encoding="ascii", errors="replace") as status:
        line = next(each for each in status if each.startswith("CapEff:"))
    return bool(int(line.split()[1], 16) >> 21 & 1)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def new_side(address: str) -> tuple[int, int]:
    """Put this thread into a new network namespace with a TUN device of this address.

    Returns the descriptors of the namespace and of the device, which live until both are closed
    and no process is inside. Raises LinkError.
    """
    try:
        unshare(NEW_NET)
        set_up("lo")
        device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        name = struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI)
        fcntl.ioctl(device, _TUNSETIFF, name)
        _request(DEVICE, _SET_MTU, struct.pack("i", MTU_BYTES))
        with suppress(PermissionError):  # in a user namespace it stays at 500
            _request(DEVICE, _SET_QUEUE, struct.pack("i", QUEUE_PACKETS))
        set_address(address)
        set_up(DEVICE)
        # Again: a mask makes the route to the other side only on a device that is up.
        set_address(address)
    except OSError as error:
        raise LinkError(
            f"a link needs network namespaces and {TUN}, and this system refuses them "
            f"({error.strerror}): run it as root, with {TUN} and the capability NET_ADMIN"
        ) from error
    return os.open(THIS_NAMESPACE, os.O_RDONLY), device


def set_address(address: str) -> None:
    """Give the link's device in this namespace an address (/24) in place of its present one."""
    _request(DEVICE, _SET_ADDRESS, _socket_address(address))
    _request(DEVICE, _SET_MASK, _socket_address("255.255.255.0"))


def set_up(name: str) -> None:
    """Switch a device of this namespace on."""
    flags = struct.unpack_from("H", _request(name, _GET_FLAGS, b""), 16)[0]
    _request(name, _SET_FLAGS, struct.pack("H", flags | _IFF_UP))


def wake_precisely() -> None:
    """Let timers of this thread end within 1 us of their time, not within 50 (prctl(2))."""
    libc().prctl(_TIMER_SLACK, 1000, 0, 0, 0)


def _socket_address(address: str) -> bytes:
    return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def _request(name: str, number: int, value: bytes) -> bytes:
    """An ioctl on a network device (netdevice(7)). Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = name.encode().ljust(16, b"\0") + value.ljust(24, b"\0")
        return fcntl.ioctl(any_socket, number, request)

"""`Link`: opens two namespaces with a link between them, and closes them whatever happens."""

from __future__ import annotations

import functools
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

import msgspec

from lab.link import kernel
from lab.link.kernel import LinkError
from lab.link.messages import (
    ADDRESS,
    OTHER_ADDRESSES,
    Counted,
    Direction,
    Order,
    Ready,
    Refused,
    Side,
)
from lab.link.path import Network

__all__ = ["ADDRESS", "Link", "LinkError", "Side", "unavailable"]

ANSWER_S = 20.0
"""How long a pump may take to begin, to answer and to end."""
MOST_CHANGES = 250


class Link:
    """Two network namespaces and the pump between them. A context manager.

    `namespaces(7)`: what a thread opens or starts `inside` a side stays there. The server's side
    has the address `ADDRESS["server"]`, the client's `address`. Raises (on entry): LinkError.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.address = ADDRESS["client"]
        self._changes = 0
        self._closing = ExitStack()
        self._pump: subprocess.Popen[bytes] | None = None
        self._namespaces: dict[Side, int] = {}

    def __enter__(self) -> Self:
        kernel.become_able()
        with ExitStack() as undo:
            # In its own session: Ctrl-C ends the command, which then closes the link.
            self._pump = subprocess.Popen(
                [sys.executable, "-m", "lab.link.pump"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            undo.callback(self._end_pump, self._pump)
            ready = msgspec.json.decode(self._ask(self.network), type=Ready | Refused)
            if isinstance(ready, Refused):
                raise LinkError(ready.why)
            for side, number in ready.namespaces.items():
                opened = os.open(f"/proc/{ready.pid}/fd/{number}", os.O_RDONLY)
                undo.callback(os.close, opened)
                self._namespaces[side] = opened
            self._closing = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs on either side, then the pump."""
        self._closing.close()

    @property
    def pid(self) -> int:
        """The pump's process."""
        assert self._pump is not None
        return self._pump.pid

    @contextmanager
    def inside(self, side: Side) -> Iterator[None]:
        """Run the block on a side: the sockets that it opens, the programs that it starts."""
        with kernel.inside(self._namespaces[side]):
            yield

    def counted(self) -> dict[Direction, Counted]:
        """The packets that entered each direction, and what became of them."""
        return self._order(Order())

    def change(self, network: Network) -> None:
        """Give the link another network. Its chance and its counts begin anew."""
        self.network = network
        self._order(Order(network=network))

    def lose_next(self, direction: Direction, at_least_bytes: int = 0) -> None:
        """Lose the next packet of this direction that has this size or more."""
        self._order(Order(lose=direction, at_least_bytes=at_least_bytes))

    def change_address(self) -> str:
        """Give the client's side another address, as a phone gets that leaves a Wi-Fi.

        The connections of the former address get no packet any more. Returns the new one.
        """
        if self._changes == MOST_CHANGES:
            raise LinkError(f"a client's address can change {MOST_CHANGES} times")
        self.address = OTHER_ADDRESSES.format(3 + self._changes)
        self._changes += 1
        with self.inside("client"):
            kernel.set_address(self.address)
        return self.address

    def _order(self, order: Order) -> dict[Direction, Counted]:
        return msgspec.json.decode(self._ask(order), type=dict[Direction, Counted])

    def _ask(self, message: object) -> bytes:
        """Send a line, and read the line that answers. Raises LinkError if the pump has ended."""
        assert self._pump is not None
        assert self._pump.stdin is not None
        assert self._pump.stdout is not None
        try:
            self._pump.stdin.write(msgspec.json.encode(message) + b"\n")
            self._pump.stdin.flush()
        except BrokenPipeError:
            raise LinkError("the process that carries the packets has ended") from None
        with selectors.DefaultSelector() as selector:
            selector.register(self._pump.stdout, selectors.EVENT_READ)
            line = self._pump.stdout.readline() if selector.select(ANSWER_S) else b""
        if not line:
            raise LinkError("the process that carries the packets does not answer")
        return line

    @staticmethod
    def _end_pump(pump: subprocess.Popen[bytes]) -> None:
        assert pump.stdin is not None
        assert pump.stdout is not None
        with suppress(BrokenPipeError):  # it has ended by itself
            pump.stdin.close()
        try:
            pump.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            pump.kill()
            pump.wait()
        pump.stdout.close()


@functools.cache
def unavailable() -> str | None:
    """Why no link can be opened here; None if one can. Tried once, in a process of its own."""
    tried = subprocess.run(
        [sys.executable, "-c", _TRY], capture_output=True, text=True, check=False, timeout=60
    )
    return None if tried.returncode == 0 else tried.stdout.strip() or tried.stderr.strip()


_TRY = """
from lab.link.link import Link, LinkError, Network
try:
    with Link(Network()):
        pass
except LinkError as error:
    raise SystemExit(print(error) or 1)
"""

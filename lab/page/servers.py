"""The servers behind the links: one for each transport, all in this process, with the same rooms.

A transport that is unsafe by nature is served once a page opens a link to it, and not before. So is
one whose server is a program of its own: it takes a fifth of a second to start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

import msgspec

from lab.contract import Address, Capability, Chat, ServeOptions, Transport
from lab.page.presence import Attendance, AttendedChat
from lab.page.transports import has_own_rooms
from lab.tls.always import with_its_tls
from lab.tls.keys import KeyLog
from transports import registry


class Servers:
    """Each has a port that only this machine reaches. `say` prints a line on the terminal.

    `secrets`: the file in which those that speak TLS write their secrets.
    """

    def __init__(
        self,
        chat: Chat,
        attendance: Attendance,
        options: ServeOptions,
        say: Callable[[str], None],
        secrets: Path,
    ) -> None:
        self._chat = chat
        self._attendance = attendance
        self._options = options
        self._say = say
        self._secrets = secrets
        self.keys = KeyLog(secrets)
        self._addresses: dict[str, asyncio.Future[Address]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()

    async def start(self, names: Iterable[str]) -> None:
        """Serve these transports now, but for those that wait for a link. Raises OSError."""
        loaded = map(registry.load, names)
        await asyncio.gather(
            *(self.address(each.name) for each in loaded if not waits_for_link(each))
        )

    async def address(self, name: str) -> Address:
        """Where the transport is served, from now on if it was not yet. Raises OSError."""
        if name not in self._addresses:
            transport = registry.load(name)
            if transport.unsafe is not None:
                self._say(f"{name} is served from now on: {transport.unsafe}")
            self._addresses[name] = asyncio.get_running_loop().create_future()
            self._tasks.append(asyncio.create_task(self._serve(transport, self._addresses[name])))
        return await asyncio.shield(self._addresses[name])

    async def close(self) -> None:
        """Close every server in order, all at the same time."""
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _serve(self, transport: Transport, address: asyncio.Future[Address]) -> None:
        # One task from start to end: what a server opens it closes where it opened it.
        chat = AttendedChat(self._chat, self._attendance, transport.name)
        try:
            with with_its_tls(transport, self._options) as (options, _):
                async with transport.serve(chat, self._with_secrets(options)) as server:
                    address.set_result(_trusted(server.address, transport, options))
                    await self._over.wait()
        except OSError as error:
            del self._addresses[transport.name]
            if not address.done():
                address.set_exception(error)
            else:  # a program of its own has ended: the next link starts it again
                self._say(f"{transport.name} is no longer served: {error}")

    def _with_secrets(self, options: ServeOptions) -> ServeOptions:
        tls = options.tls and msgspec.structs.replace(options.tls, keys=str(self._secrets))
        return msgspec.structs.replace(options, tls=tls)


def _trusted(address: Address, transport: Transport, options: ServeOptions) -> Address:
    """The address for a page. After `#` it has the hash of a certificate that no authority signed.

    A page gives it to the browser's WebTransport, which then trusts this certificate alone.
    """
    if options.tls is None or Capability.WEBTRANSPORT not in transport.capabilities:
        return address
    from lab.tls.authority import certificate_hash  # noqa: PLC0415 - an extra

    value = certificate_hash(options.tls.certificate)
    if value is None:
        return address
    return msgspec.structs.replace(address, url=f"{address.url}#sha256={quote(value, safe='')}")


def waits_for_link(transport: Transport) -> bool:
    """Whether it is served from the first link on, and not before."""
    return transport.unsafe is not None or has_own_rooms(transport)

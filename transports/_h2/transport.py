"""What the transports over HTTP/2 have in common, whatever their streams carry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from lab.contract import ClientTls, ServeOptions, Settings, Transport
from transports._h2.client import Shared
from transports._h2.connection import WINDOWS
from transports._h2.server import over_http2
from transports._shared.accepting import Listen


class OverHttp2(Transport):
    """The server of another transport, whose connections are streams. It stands before its base."""

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {**super().effective_settings(settings), **WINDOWS}  # type: ignore[safe-super]

    def over(self, options: ServeOptions) -> AbstractAsyncContextManager[Listen]:
        """How the server listens, as `Fallback` and `OnWebsockets` ask."""
        return over_http2(options)

    @asynccontextmanager
    async def pool(self, tls: ClientTls | None = None) -> AsyncIterator[Shared]:
        """See `Transport`. The one TCP connection that all clients share."""
        async with Shared(tls) as shared:
            yield shared

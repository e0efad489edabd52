"""An HTTP and WebSocket client that can reach its target and nothing else."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from websockets.asyncio.client import connect

from lab.target.endpoint import Endpoint
from lab.target.errors import TargetError
from lab.target.target import TIMEOUT_S
from lab.target.tls import tls


class CheckedAddress(AbstractResolver):
    """Resolves the target's name to the address that was checked, and no other name at all."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See `AbstractResolver`."""
        _refuse_elsewhere(self._endpoint, host, port)
        address = self._endpoint.address
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=found,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """See `AbstractResolver`."""


@asynccontextmanager
async def http_session(
    endpoint: Endpoint,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
    insecure: bool = False,
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that refuses every request, redirected ones included, to another host or port.

    It uses no proxy of the environment. `headers` have their secrets revealed.
    """

    async def stay(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        _refuse_elsewhere(endpoint, request.url.raw_host or "", request.url.port or 0)
        return await handler(request)

    connector = aiohttp.TCPConnector(
        resolver=CheckedAddress(endpoint), use_dns_cache=False, ssl=tls(insecure), limit=0
    )
    async with aiohttp.ClientSession(
        connector=connector,
        headers=dict(headers or {}),
        middlewares=(stay,),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        trust_env=False,
    ) as session:
        yield session


class _Unredirected(connect):
    """The client of `websockets`; a redirect is an answer with a status, as any other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def websocket(endpoint: Endpoint, insecure: bool = False, **options: Any) -> connect:
    """A connection of `websockets` to its target: to be awaited, or used by `async with`.

    It goes to the address that was checked, without a proxy of the environment. `options` are those
    of `websockets.asyncio.client.connect`.
    """
    target = endpoint.target
    secure = {"ssl": tls(insecure), "server_hostname": target.host} if target.secure else {}
    return _Unredirected(
        target.websocket_url,
        host=endpoint.address,
        port=target.port,
        proxy=None,
        **{**secure, **options},
    )


def _refuse_elsewhere(endpoint: Endpoint, host: str, port: int) -> None:
    target = endpoint.target
    if (host.removesuffix(".").lower(), port) != (target.host, target.port):
        raise TargetError(
            f"{target.authority} redirects to {host} port {port}, which is not followed",
            "give that URL instead, if the server there is yours",
        )

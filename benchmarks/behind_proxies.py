"""The proxies that are installed, each before the same server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from lab.cluster.cluster import running_proxy
from lab.cluster.programs import free_ports, missing, scratch_folder
from lab.cluster.proxies import CONFIGURATIONS, Proxy, Site
from lab.measure.figures.proxies import DIRECT


def installed() -> list[Proxy]:
    """The proxies that this machine has."""
    return [proxy for proxy in CONFIGURATIONS if missing(proxy) is None]


@asynccontextmanager
async def behind(port: int, site: Site) -> AsyncIterator[dict[str, int]]:
    """Path -> the port of its entrance: the server's own, and that of each proxy before it.

    Raises:
        ClusterError: a proxy does not start.
    """
    ports = {DIRECT: port}
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        for proxy in installed():
            (own,) = free_ports(1)
            place = folder / proxy
            place.mkdir()
            listening = replace(
                site, listen=f"127.0.0.1:{own}", nodes=(f"127.0.0.1:{port}",), sticky="none"
            )
            await stack.enter_async_context(running_proxy(proxy, place, listening))
            ports[proxy] = own
        yield ports


def by_way_of(url: str, port: int, entrance: int) -> str:
    """The URL of the server at `port`, at another entrance."""
    return url.replace(f":{port}", f":{entrance}", 1)

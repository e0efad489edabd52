"""Servers to probe that the lab did not write, and the probe of one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lab.probe.client import Client
from lab.probe.findings import Findings
from lab.probe.probe import probe
from lab.probe.socket_io import Wishes
from lab.target.endpoint import permit
from lab.target.target import parse_target
from tests.interop.conftest import needs
from tests.transports.needs_node import REASON

HERE = Path(__file__).parent

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="session")
def node_ports() -> Iterator[dict[str, int]]:
    """The ports of the servers in servers.mjs."""
    needs(REASON)
    process = subprocess.Popen(
        ["node", HERE / "servers.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate()


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[int]:
    """Serve every path by one handler of aiohttp; yields the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def probed(url: str, listen_s: float = 0, **wishes: Any) -> Findings:
    """Probe a server, without a longer listening than a test needs."""
    client = Client(await permit(parse_target(url)))
    return await probe(client, Wishes(listen_s=listen_s, **wishes))

"""Starts a cluster: what joins the nodes, the nodes, and the proxy; ends them in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from lab.cluster import registry
from lab.cluster.node import LEASE_S, Config
from lab.cluster.nodes import Node, running_node
from lab.cluster.programs import (
    ClusterError,
    Program,
    check_port,
    find,
    free_ports,
    running,
    scratch_folder,
)
from lab.cluster.proxies import Proxy, Site, Sticky, program_file
from lab.cluster.redis import PROGRAM as REDIS
from lab.cluster.redis import redis_server
from lab.contract import ServeOptions
from transports._shared import extras

COMMANDS = {
    "nginx": ["-e", "stderr", "-p", ".", "-c", "site.conf"],
    "haproxy": ["-db", "-f", "site.conf"],
    "caddy": ["run", "--config", "site.conf", "--adapter", "caddyfile"],
}
"""Proxy -> its arguments, in the folder with its configuration."""


@dataclass(frozen=True)
class Plan:
    """What to start. `port`: the proxy's, 0 for any. `site`: more of the proxy's configuration.

    `joined`: the lab's journal in Redis joins the nodes, each with a lease of `lease_s`.
    `measured`: see `node.Config`.
    """

    transport: str
    nodes: int
    proxy: Proxy | None = None
    sticky: Sticky = "cookie"
    port: int = 0
    options: ServeOptions = field(default_factory=ServeOptions)
    site: Site = field(default_factory=Site)
    measured: bool = False
    joined: bool = False
    lease_s: float = LEASE_S

    @property
    def has_backplane(self) -> bool:
        """Whether a Redis server joins the nodes, by the lab's journal or by a library."""
        return self.joined or self.transport in registry.JOINED


@dataclass(frozen=True)
class Cluster:
    """A running cluster. `programs`: what runs beside the nodes, by role. `url`: the proxy's."""

    plan: Plan
    nodes: Sequence[Node]
    programs: dict[str, Program]
    backplane: str
    port: int | None = None

    @property
    def url(self) -> str | None:
        """The proxy's address; None without a proxy."""
        # Not 127.0.0.1: aiohttp's client, and others, keep no cookie of an address.
        return None if self.port is None else f"http://localhost:{self.port}"

    def ended(self) -> str | None:
        """Which part has ended without which there is no cluster; None: all run."""
        ended = (program.obituary() for program in self.programs.values())
        return next((text for text in ended if text is not None), None)


def check(plan: Plan) -> None:
    """Raise if something that the plan needs is not installed, before anything is started.

    Raises:
        ClusterError: a program is missing, or the proxy's port is taken.
        UnavailableError, UnknownTransportError: see `registry`.
    """
    registry.load(plan.transport, "")
    if plan.proxy is not None:
        find(plan.proxy)
        check_port(plan.port)
    if plan.has_backplane:
        find(REDIS)
    if plan.joined and (reason := extras.missing("redis")) is not None:
        raise ClusterError(f"to join the nodes {reason}")


@asynccontextmanager
async def running_cluster(plan: Plan) -> AsyncIterator[Cluster]:
    """Run a cluster until the context ends. Nothing of it is left then, also if this is killed.

    Raises:
        ClusterError: a program is missing, or a part does not start.
    """
    check(plan)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        programs: dict[str, Program] = {}
        backplane = ""
        if plan.has_backplane:
            redis = await stack.enter_async_context(redis_server(folder))
            programs["redis"], backplane = redis
        config = Config(
            plan.transport,
            backplane,
            plan.options,
            plan.measured,
            plan.joined,
            lease_s=plan.lease_s,
        )
        nodes = await _nodes(stack, plan.nodes, config)
        port = None
        if plan.proxy is not None:
            port = plan.port or free_ports(1)[0]
            proxy = running_proxy(plan.proxy, folder, _site(plan, port, nodes))
            programs[plan.proxy] = await stack.enter_async_context(proxy)
        yield Cluster(plan, nodes, programs, backplane, port)


async def _nodes(stack: AsyncExitStack, count: int, config: Config) -> list[Node]:
    """Start all nodes at once; the stack ends them."""
    numbers = range(1, count + 1)
    starting = [running_node(it, replace(config, name=f"node {it}")) for it in numbers]
    started = await asyncio.gather(
        *(stack.enter_async_context(node) for node in starting), return_exceptions=True
    )
    for result in started:
        if isinstance(result, BaseException):
            raise result
    return [node for node in started if isinstance(node, Node)]


def _site(plan: Plan, port: int, nodes: Sequence[Node]) -> Site:
    site = plan.site
    return Site(
        listen=f"127.0.0.1:{port}",
        nodes=tuple(node.address for node in nodes),
        sticky=plan.sticky,
        idle_s=site.idle_s,
        upgrade=site.upgrade,
        buffering=site.buffering,
    )


@asynccontextmanager
async def running_proxy(proxy: Proxy, folder: Path, site: Site) -> AsyncIterator[Program]:
    """Run a proxy in a folder until the context ends; it listens on entry.

    Raises:
        ClusterError: it is not installed, or does not start.
    """
    (folder / "site.conf").write_text(program_file(proxy, site), encoding="utf-8")
    port = int(site.listen.rpartition(":")[2])
    # Caddy keeps files below these.
    home = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(folder))
    command = [find(proxy), *COMMANDS[proxy]]
    async with running(command, folder, port, home) as program:
        yield program

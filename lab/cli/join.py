"""The options `--join`, `--node` and `--lease`: one node of several that share their rooms."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from lab.cli.values import Finite
from lab.contract import Capability, Transport, is_loopback
from lab.service.claimed import ClaimedChat
from transports._shared import extras

if TYPE_CHECKING:
    from lab.chat.limits import Limits
    from lab.service.joined import JoinedChat

LEASE_S = (2, 3600)
PASSWORD = "LAB_REDIS_PASSWORD"
"""The variable of the environment. A process whose nodes are not joined doesn't read it."""


class Joining(NamedTuple):
    """Which nodes to join, and as whom."""

    url: str
    node: str
    lease_s: float


def join_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--join`, `--node` and `--lease` to a command that serves rooms."""
    command = click.option(
        "--lease",
        type=Finite(*LEASE_S),
        default=10,
        show_default=True,
        metavar="SECONDS",
        help="With --join: how long Redis may hear nothing of this node before it counts as dead.",
    )(command)
    command = click.option(
        "--node",
        metavar="NAME",
        help="With --join: the name of this node; default: the host's, with the process's id.",
    )(command)
    return click.option(
        "--join",
        metavar="URL",
        help="Be one node of several, which a Redis server at redis://HOST:PORT joins. A password "
        f"may stand in the URL or, unseen by other users, in {PASSWORD} in the environment.",
    )(command)


def check_joined(transport: Transport, joining: Joining, share: bool) -> None:
    """Raise click.UsageError if the transport's rooms can't be joined, or may not be."""
    if not transport.can_join_nodes():
        raise click.UsageError(
            f"{transport.name} runs a room of its own, which no other node can share"
        )
    if (reason := extras.missing("redis")) is not None:
        raise click.UsageError(f"--join {reason}")
    host = _host(joining.url)
    if Capability.JOINED_ROOM in transport.capabilities and "?" in joining.url:
        raise click.UsageError(
            f"{transport.name} reads no parameters after a ? in --join: name the database as /2"
        )
    try:
        near = is_loopback(host)
    except ValueError:  # a name
        near = False
    if not near and not share:
        raise click.UsageError(f"{host} may be another machine: add --share to join nodes there")


def _host(url: str) -> str:
    from lab.journal.redis.claim import host_of

    try:
        return host_of(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--join") from None


def open_joined(transport: Transport, joining: Joining, limits: Limits) -> JoinedChat | ClaimedChat:
    """Take this node's place. Raises click.UsageError if there is none for it."""
    from lab.journal.contract import JournalError
    from lab.journal.redis.claim import claim, with_password
    from lab.service.joined import JoinedChat
    from transports._node.process import READY_S

    url = with_password(joining.url, os.environ.get(PASSWORD))
    by_itself = Capability.JOINED_ROOM in transport.capabilities
    try:
        # Another program has to start first, and on a busy machine that outlasts a lease.
        start_s = READY_S if by_itself else 0
        place = claim(url, joining.node, limits, joining.lease_s, start_s)
    except JournalError as error:
        raise click.UsageError(str(error)) from error
    return ClaimedChat(place, limits) if by_itself else JoinedChat(place, limits)


def default_name() -> str:
    """A name that no other process has."""
    return f"{socket.gethostname()}-{os.getpid()}"

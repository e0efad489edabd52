"""Takes a node's place in a Redis server when the node starts, before anything is served.

It also finds out whether the server can join nodes at all.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lab.chat.limits import Limits
from lab.journal.contract import JournalError
from lab.journal.redis import scripts
from lab.journal.replica import deciding

OLDEST = 7
"""The first version of Redis whose scripts have flags."""
CONNECT_S = 5.0
GREETING_S = 1.0
SCHEMES = ("redis", "rediss")
PORT = 6379


class Claim(NamedTuple):
    """A node's place. `start`: the number of this start of a node, from 1. No other has it."""

    url: str
    name: str
    start: int
    lease_s: float


def host_of(url: str) -> str:
    """The host of a Redis server.

    Raises:
        ValueError: this is no URL of one. The message shows nothing of it: there may be a password.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in SCHEMES and parts.hostname and parts.port != 0:
            return parts.hostname
    except ValueError:
        pass
    raise ValueError("expected redis://HOST:PORT, or rediss:// for TLS")


def shown(url: str) -> str:
    """A URL as it may be shown: without user, password and parameters. Raises as `host_of`."""
    host, parts = host_of(url), urlsplit(url)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port or PORT}{parts.path}"


def with_password(url: str, password: str | None) -> str:
    """A URL with this password, unless it has one. Raises as `host_of`."""
    host_of(url)
    parts = urlsplit(url)
    if not password or parts.password:
        return url
    user, _, place = parts.netloc.rpartition("@")
    place = f"{user.rstrip(':')}:{quote(password, safe='')}@{place}"
    return urlunsplit(parts._replace(netloc=place))


def claim(url: str, name: str, limits: Limits, lease_s: float, start_s: float = 0) -> Claim:
    """Take the name for the time of the lease, and of a start that takes `start_s` before it.

    Raises:
        JournalError: the server can't join nodes, the name is taken, or the others have other
            limits. One sentence says which, without a password.
    """
    client = redis.Redis.from_url(
        url,
        protocol=2,
        socket_timeout=CONNECT_S,
        socket_connect_timeout=CONNECT_S,
        retry=Retry(NoBackoff(), 0),
    )
    with _sentences(url), client:
        check_server(client.info())
        return Claim(url, name, _started(client, name, limits, lease_s, start_s), lease_s)


def check_server(info: Any) -> None:
    """Raise JournalError if a server with this `INFO` can't join nodes."""
    version = str(info["redis_version"])
    if int(version.partition(".")[0]) < OLDEST:
        raise JournalError(f"it is Redis {version}: nodes need {OLDEST} or later")
    if info.get("cluster_enabled"):
        raise JournalError("it is a node of a Redis Cluster: nodes need one server")
    if info["role"] != "master":
        raise JournalError("it is a replica, which can't be written")
    policy = info["maxmemory_policy"]
    if policy != "noeviction":
        raise JournalError(f"its maxmemory-policy is {policy}, and must be noeviction")


def _started(client: redis.Redis, name: str, limits: Limits, lease_s: float, start_s: float) -> int:
    lease_ms, start_ms = round(lease_s * 1000), round(start_s * 1000)
    ours = msgspec.json.encode(deciding(limits))
    args = (scripts.VERSION, ours, secrets.token_hex(8), name, lease_ms, lease_ms + start_ms)
    found: Any = client.eval(scripts.CLAIM, 0, *args)
    match found:
        case [b"ok", start]:
            return int(start)
        case [b"name", left_ms]:
            again = f"if it has ended, its lease is over in {left_ms / 1000:.1f} s"
            raise JournalError(f"a node {name!r} is there already; {again}")
        case [b"starts", starts]:
            raise JournalError(
                f"nodes have started {starts:,} times in this database, and connections have no "
                "numbers left: name another database in the URL, as /1"
            )
        case [b"limits", theirs]:
            raise JournalError(f"its nodes have other limits: {_differing(theirs, ours)}")
        case [b"version", other]:
            raise JournalError(f"its rooms are of version {other.decode()}, not {scripts.VERSION}")
    raise JournalError("its rooms can't be read")


def _differing(theirs: bytes, ours: bytes) -> str:
    here, there = msgspec.json.decode(ours), msgspec.json.decode(theirs)
    return ", ".join(
        f"{limit} is {there.get(limit)}, and {here.get(limit)} here"
        for limit in sorted({*here, *there})
        if here.get(limit) != there.get(limit)
    )


@contextmanager
def _sentences(url: str) -> Iterator[None]:
    """Raise every error of Redis as one sentence that names the server."""
    where = shown(url)
    try:
        yield
    except JournalError as error:
        raise JournalError(f"{where} can't join nodes: {error}") from None
    except redis.AuthenticationError:
        raise JournalError(f"{where} wants a password, and not this one") from None
    except redis.exceptions.NoPermissionError:
        raise JournalError(f"{where} does not let this user do what nodes need") from None
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if isinstance(error, redis.ConnectionError) and _greeting(url).startswith(b"-DENIED"):
            needed = "give it a password, which other machines need there"
            raise JournalError(f"{where} is in protected mode: {needed}") from None
        raise JournalError(f"no Redis server answers at {where}: {_first_line(error)}") from None
    except redis.exceptions.OutOfMemoryError:
        raise JournalError(f"{where} has no memory left") from None
    except (redis.RedisError, KeyError, ValueError) as error:
        raise JournalError(f"{where} can't join nodes: {_first_line(error)}") from None


def _greeting(url: str) -> bytes:
    """What a server says before it is asked anything: a protected Redis refuses so, and closes.

    redis-py asks at once, and then finds only that the connection is reset.
    """
    parts = urlsplit(url)
    with suppress(OSError):
        place = (parts.hostname or "", parts.port or PORT)
        with socket.create_connection(place, CONNECT_S) as connection:
            connection.settimeout(GREETING_S)
            return connection.recv(100)
    return b""


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")[:200]

"""The server that is judged: where it is, how it is opened, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext

from lab.chat.limits import Limits
from lab.contract import Heartbeat
from lab.handshakes.request import HANDSHAKE, Request, handshake
from lab.judge.application import ECHO, ROOM, Application
from lab.target.endpoint import Endpoint
from lab.target.secret_values import Secrets
from lab.target.tls import tls


@dataclass(frozen=True)
class Engine:
    """How Engine.IO is asked for: a poll without a session, and which transports are offered.

    `interval_s`, `timeout_s`: the heartbeat of the server's handshake. `longest_s`: a case that has
    to wait longer for a heartbeat is not played. `margin_s`: how late a heartbeat may be.
    """

    poll: Request
    polls: bool = True
    frames: bool = True
    interval_s: float = 25.0
    timeout_s: float = 20.0
    longest_s: float = 50.0
    margin_s: float = 5.0

    def polling(self, sid: str | None = None) -> Request:
        """A poll, of a session where one is given."""
        return self.poll.asking(transport="polling", sid=sid)

    def opening(self, sid: str | None = None) -> Request:
        """An opening handshake, of a session where one is given."""
        return self.poll.asking(transport="websocket", sid=sid).having(HANDSHAKE)


@dataclass(frozen=True)
class Event:
    """An event of Socket.IO that the server answers.

    `answer`: the name of the event that answers it; None: its acknowledgement does. `echoes`: the
    answer carries the arguments of the event.
    """

    name: str
    answer: str | None = None
    echoes: bool = False


@dataclass(frozen=True)
class Site:
    """Where the server is, and what is known of it.

    `opening`: its right opening handshake. `ssl`: TLS for the host of `opening`.
    `application`: None where nothing is known of it. `frame_bytes`: the largest message that the
    server takes, where it is known. `patience_s`: how long an answer may take. `grace_s`: how long
    a server gets to close a connection before it is asked whether it is still open. `early_s`: how
    long it gets to close one within a frame, where it can't be asked. `engine`: None where the
    server does not speak Engine.IO. `event`: None where no event is known that it answers.
    `dead_after_s`: when a room that does not speak Engine.IO loses a member that answers no
    heartbeat; None where that is not known, or is too long to be awaited. `margin_s`: how late it
    may be.
    """

    host: str
    port: int
    opening: Request
    application: Application | None = None
    frame_bytes: int | None = None
    patience_s: float = 5.0
    grace_s: float = 1.0
    early_s: float = 1.0
    ssl: SSLContext | None = None
    engine: Engine | None = None
    event: Event | None = None
    dead_after_s: float | None = None
    margin_s: float = 5.0

    @property
    def lost_after_s(self) -> float | None:
        """When a client that answers no heartbeat is lost; None if a case can't wait for that."""
        if self.engine is None:
            return self.dead_after_s
        due_s = self.engine.interval_s + self.engine.timeout_s
        return due_s if due_s <= self.engine.longest_s else None

    @property
    def longest_s(self) -> float:
        """The longest that a case may wait for heartbeats."""
        wait_s = (self.dead_after_s or 0) if self.engine is None else self.engine.longest_s
        return wait_s + self.margin_s

    @property
    def server_name(self) -> str:
        """The host for TLS."""
        return self.opening.headers["Host"].rpartition(":")[0] or self.opening.headers["Host"]


@dataclass(frozen=True)
class Declared:
    """What the user says of the server.

    `echo`: it sends each message back. `event`, `answer`: an event that it answers, by its
    acknowledgement where `answer` is None. `frame_bytes`, `patience_s`, `longest_s`: see `Site` and
    `Engine`. `room`: it carries the lab's room (docs/room.md), with its default limits.
    """

    echo: bool = False
    room: bool = False
    event: str | None = None
    answer: str | None = None
    frame_bytes: int | None = None
    patience_s: float = 5.0
    longest_s: float = 50.0


def site_of(
    endpoint: Endpoint,
    headers: Mapping[str, str],
    path: str,
    declared: Declared,
    secrets: Secrets,
    *,
    insecure: bool = False,
) -> Site:
    """The site of a target that may be used, as far as its user knows it.

    The secrets in its headers and query are revealed. `path`: where Socket.IO is served.

    Raises:
        TargetError: a secret does not exist.
    """
    target = endpoint.target
    revealed = {name: secrets.reveal(value) for name, value in headers.items()}
    resource = target.at(target.path, secrets.reveal_query(target.query)).resource
    poll = Request("GET", target.socket_io(path).resource, {"Host": target.authority})
    event = Event("rooms") if declared.room else None
    if declared.event is not None:
        event = Event(declared.event, declared.answer, declared.echo)
    application = ROOM if declared.room else None
    most = Limits().frame_bytes if declared.room else None
    return Site(
        endpoint.address,
        target.port,
        handshake(target.websocket_url)._replace(target=resource).having(revealed),
        ECHO if declared.echo else application,
        declared.frame_bytes or most,
        declared.patience_s,
        ssl=tls(insecure) if target.secure else None,
        engine=Engine(poll.having(revealed).asking(EIO="4"), longest_s=declared.longest_s),
        event=event,
        dead_after_s=_dead_after_s(declared),
    )


def _dead_after_s(declared: Declared) -> float | None:
    beat = Heartbeat()
    due_s = beat.interval_s + beat.timeout_s
    return due_s if declared.room and due_s <= declared.longest_s else None

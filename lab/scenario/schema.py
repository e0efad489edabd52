"""The keys of a scenario and the values that they allow. docs/load.md has them in words.

What one value allows is in its type. What two keys say together is checked in `__post_init__`, by a
ValueError whose text begins with the key that is at fault.
"""

from __future__ import annotations

__pure__ = True

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from lab.scenario import placeholders

Transport = Literal["websocket", "socketio"]
Mode = Literal["websocket", "polling", "upgrade"]
"""How Socket.IO travels. `upgrade`: its default, polling first and then a WebSocket."""
To = Literal["everybody", "others", "room", "room-others"]
"""Who gets a message. The two that end in `others` leave out its sender."""
Arrivals = Literal["constant", "poisson"]

NAME = r"^[a-z0-9][a-z0-9._-]{0,39}$"
PATH = "^/"
Name = Annotated[str, Meta(pattern=NAME)]
Path = Annotated[str, Meta(pattern=PATH)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
Messages = Annotated[int, Meta(ge=1, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Rate = Annotated[float, Meta(gt=0, le=1_000_000)]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Pid = Annotated[int, Meta(ge=1)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Texts = dict[str, str]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file. An unknown key is an error."""


class Connect(Table, frozen=True, kw_only=True):
    """How a client connects. `path` None: the URL's own, or `/socket.io/` for Socket.IO."""

    transport: Transport
    mode: Mode = "websocket"
    path: Path | None = None
    namespace: Path = "/"
    auth: dict[str, Any] = {}
    headers: Texts = {}
    query: Texts = {}
    subprotocols: list[str] = []

    def __post_init__(self) -> None:
        if self.transport == "socketio" and self.subprotocols:
            raise ValueError('subprotocols is for transport = "websocket" only')
        for key, value in (("auth", self.auth), ("query", self.query)):
            for text in strings(value):
                placeholders.check(text, key, ("client", "room"))

        if self.transport == "websocket":
            for key, given in (
                ("mode", self.mode != "websocket"),
                ("namespace", self.namespace != "/"),
                ("auth", bool(self.auth)),
            ):
                if given:
                    raise ValueError(f'{key} is for transport = "socketio" only')


class Message(Table, frozen=True, kw_only=True):
    """What to send: a Socket.IO event with its arguments, or a text, or a value as JSON."""

    event: str | None = None
    args: list[Any] = []
    text: str | None = None
    json: Any | UnsetType = UNSET

    def __post_init__(self) -> None:
        given = (self.event is not None, self.text is not None, self.json is not UNSET)
        if sum(given) != 1:
            raise ValueError("event, text or json: give one of the three")
        if self.args and self.event is None:
            raise ValueError("args are the arguments of an event, and there is no event")
        for text in strings(self):
            placeholders.check(text, "event, args, text or json")


class Expected(Table, frozen=True, kw_only=True):
    """How to recognise a message of the target.

    `event`: its name (Socket.IO). `match`: fields of a JSON object with their values. `starts`: how
    a text begins. `id`: where the sent `{id}` stands, such as `0.id` for the field `id` of the
    first argument; None: anywhere.
    """

    ack: bool = False
    event: str | None = None
    match: dict[str, Any] = {}
    starts: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        if not (self.ack or self.event is not None or self.match or self.starts is not None):
            raise ValueError("event, match or starts: give at least one of the three")
        if self.ack and (self.event is not None or self.starts is not None or self.id):
            raise ValueError("ack has no event, starts or id: the acknowledgement has its number")
        if self.starts is not None and (self.match or self.event is not None):
            raise ValueError("starts is of a plain text: give it without event and match")


Answer = Literal["ack", "echo"] | Expected
"""`ack`: the event's acknowledgement. `echo`: the message itself comes back to its sender."""


class Step(Message, frozen=True, kw_only=True):
    """One thing to send after connecting, and the answer to wait for, if any."""

    answer: Literal["ack"] | Expected | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.answer is not None and wants_ack(self.answer) and self.event is None:
            raise ValueError("answer: only an event is acknowledged")
        if isinstance(self.answer, Expected) and self.answer.id:
            raise ValueError("answer: a step of the setup has no id")


class Broadcast(Table, frozen=True, kw_only=True):
    """Who gets each message, and as what. Without `what`: the message as it was sent."""

    to: To
    what: Expected | None = None

    def __post_init__(self) -> None:
        if self.what is not None and self.what.ack:
            raise ValueError("what: an acknowledgement goes to the sender alone")


class Load(Table, frozen=True, kw_only=True):
    """How many clients, and when they send.

    `rate`: messages a second of all senders together, on schedule (an open loop). Without it, each
    sender has `in_flight` messages on the way (a closed loop). It ends after `messages`, or after
    `duration` seconds. `timeout`: how long an answer or a delivery may take, in seconds.
    """

    clients: Count = 1
    rooms: Count = 1
    senders: Count | None = None
    rate: Rate | None = None
    in_flight: Count | None = None
    arrivals: Arrivals = "poisson"
    messages: Messages | None = None
    duration: Seconds | None = None
    warmup: Annotated[int, Meta(ge=0, le=100_000)] = 0
    timeout: Seconds = 5.0
    seed: Seed | None = None

    def __post_init__(self) -> None:
        if self.rate is not None and self.in_flight is not None:
            raise ValueError("in_flight is for a closed loop, and rate for an open one: give one")
        if self.rate is not None and self.messages is not None:
            raise ValueError("messages is for a closed loop: with a rate, give duration")
        if self.messages is not None and self.duration is not None:
            raise ValueError("duration or messages: give one of the two")
        if self.speaking > self.clients:
            raise ValueError(f"senders must be at most clients ({self.clients})")
        if self.rooms > self.speaking:
            raise ValueError(
                f"rooms must be at most the number of senders ({self.speaking}): nobody would "
                "speak in the others"
            )

    @property
    def speaking(self) -> int:
        """How many clients send: the first ones."""
        return self.clients if self.senders is None else self.senders

    @property
    def window(self) -> int:
        """Messages that each sender has on the way in a closed loop."""
        return self.in_flight or 1


class Server(Table, frozen=True, kw_only=True):
    """The target's process. `command` starts it, in the folder `cwd`, beside the scenario.

    `{python}` in the command is this Python; `{port}` is the port of the URL. `pid`: it runs
    already.
    """

    command: list[str] | None = None
    cwd: str | None = None
    env: Texts = {}
    ready: Seconds = 20.0
    pid: Pid | None = None

    def __post_init__(self) -> None:
        if (self.command is None) == (self.pid is None):
            raise ValueError("command or pid: give one of the two")
        if self.command is not None and not self.command:
            raise ValueError("command must have at least one word")


class Scenario(Table, frozen=True, kw_only=True):
    """A whole scenario. `url`: the target, where the command line has none."""

    name: Name
    about: str = ""
    url: str | None = None
    connect: Connect
    setup: list[Step] = []
    send: Message
    answer: Answer | None = None
    broadcast: Broadcast | None = None
    load: Load = Load()
    server: Server | None = None

    def __post_init__(self) -> None:
        if self.answer is None and self.broadcast is None:
            raise ValueError("answer or broadcast: give at least one, else nothing can be timed")
        self._check_transport()
        self._check_id()

    def _check_transport(self) -> None:
        socketio = self.connect.transport == "socketio"
        for where, sent in (("send", self.send), *_numbered("setup", self.setup)):
            if (sent.event is not None) != socketio:
                right = "event" if socketio else "text or json"
                raise ValueError(
                    f'{where}: with transport = "{self.connect.transport}" give {right}'
                )
        for where, expected in self._expectations():
            if not socketio and (expected.ack or expected.event is not None):
                raise ValueError(f"{where}: only Socket.IO has events and acknowledgements")
            if socketio and not expected.ack and expected.event is None:
                raise ValueError(f'{where}: with transport = "socketio" give its event')

    def _check_id(self) -> None:
        needed = self.broadcast is not None or not wants_ack(self.answer)
        if needed and not any("{id" in text for text in strings(self.send)):
            raise ValueError(
                "send: it needs the placeholder {id}, by which an answer finds its message"
            )

    def _expectations(self) -> list[tuple[str, Expected]]:
        found: list[tuple[str, Expected]] = []
        for where, answer in (("answer", self.answer), *_answers(self.setup)):
            if answer == "ack":
                found.append((where, Expected(ack=True)))
            elif isinstance(answer, Expected):
                found.append((where, answer))
        if self.broadcast is not None and self.broadcast.what is not None:
            found.append(("broadcast.what", self.broadcast.what))
        return found


def wants_ack(answer: str | Expected | None) -> bool:
    """Whether the answer is the acknowledgement of a Socket.IO event."""
    return answer == "ack" or (isinstance(answer, Expected) and answer.ack)


def strings(value: Any) -> list[str]:
    """Every text in a message's content, at any depth, keys included."""
    if isinstance(value, Message):
        content = [value.event, value.args, value.text, value.json]
        return [text for each in content for text in strings(each)]
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return []


def _numbered(name: str, steps: list[Step]) -> list[tuple[str, Message]]:
    return [(f"{name}[{number}]", step) for number, step in enumerate(steps)]


def _answers(steps: list[Step]) -> list[tuple[str, Any]]:
    return [(f"setup[{number}].answer", step.answer) for number, step in enumerate(steps)]

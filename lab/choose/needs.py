"""What a reader is asked: six questions, each with its fields, their choices and their ranges."""

from __future__ import annotations

__pure__ = True

from collections.abc import Sequence

import msgspec

from lab.bilingual import Bilingual, joined, same

NODE, PYTHON, OTHER = "node", "python", "other"
PAGE, APP = "page", "app"
BOTH, DOWN = "both", "down"
OPEN, UNKNOWN, BLOCKED = "no", "unknown", "yes"
ROOMS, ACKS, RECOVERY = "rooms", "acks", "recovery"


class Option(msgspec.Struct, frozen=True):
    """One value of a field: its meaning, and a clause that says that it is given.

    `without`: the clause that says that it is not given, where a field may have several values.
    """

    meaning: Bilingual
    clause: Bilingual
    without: Bilingual | None = None


class Choice(msgspec.Struct, frozen=True):
    """A field with one of several values, or with any number of them. `short` names it."""

    name: str
    prompt: Bilingual
    short: Bilingual
    options: dict[str, Option]
    several: bool = False


class Amount(msgspec.Struct, frozen=True):
    """A field with a number. `short` names it; `clause` says how much, with `{amount}` for it.

    `optional`: it may be left out, and then does not count.
    """

    name: str
    prompt: Bilingual
    short: Bilingual
    clause: Bilingual
    low: float
    high: float
    whole: bool = False
    optional: bool = False


Field = Choice | Amount


class Question(msgspec.Struct, frozen=True):
    """One question. Its fields are asked one after the other."""

    title: Bilingual
    fields: tuple[Field, ...]


SERVERS = {
    NODE: Option(same("Node"), Bilingual("the server is in Node", "서버가 Node이면")),
    PYTHON: Option(same("Python"), Bilingual("the server is in Python", "서버가 Python이면")),
    OTHER: Option(
        Bilingual("another platform", "다른 플랫폼"),
        Bilingual("the server is on another platform", "서버가 다른 플랫폼이면"),
    ),
}
_CLIENTS = {
    PAGE: Option(
        Bilingual("pages in a browser", "브라우저의 페이지"),
        Bilingual("the clients are pages in a browser", "클라이언트가 브라우저의 페이지이면"),
    ),
    APP: Option(
        Bilingual("an app with a client of its own", "자체 클라이언트를 쓰는 앱"),
        Bilingual(
            "the clients are an app with a client of its own",
            "클라이언트가 자체 클라이언트를 쓰는 앱이면",
        ),
    ),
}
_DIRECTIONS = {
    BOTH: Option(
        Bilingual("clients and server", "클라이언트와 서버"),
        Bilingual("clients send too", "클라이언트도 보내면"),
    ),
    DOWN: Option(
        Bilingual("the server alone, such as notifications", "알림처럼 서버만"),
        Bilingual("only the server sends", "서버만 보내면"),
    ),
}
_NETWORKS = {
    OPEN: Option(
        Bilingual("none", "없음"),
        Bilingual(
            "no network of your users blocks WebSocket", "WebSocket을 막는 네트워크가 없으면"
        ),
    ),
    UNKNOWN: Option(
        Bilingual("nobody knows", "모름"),
        Bilingual(
            "nobody knows whether WebSocket is blocked",
            "WebSocket을 막는 네트워크가 있는지 모르면",
        ),
    ),
    BLOCKED: Option(
        Bilingual("some", "있음"),
        Bilingual(
            "some networks of your users block WebSocket", "WebSocket을 막는 네트워크가 있으면"
        ),
    ),
}
_FEATURES = {
    ROOMS: Option(
        Bilingual("rooms", "방"),
        Bilingual("you need rooms", "방이 필요하면"),
        Bilingual("you do not need rooms", "방이 필요하지 않으면"),
    ),
    ACKS: Option(
        Bilingual("acknowledgements", "수신 확인"),
        Bilingual("you need acknowledgements", "수신 확인이 필요하면"),
        Bilingual("you do not need acknowledgements", "수신 확인이 필요하지 않으면"),
    ),
    RECOVERY: Option(
        Bilingual("recovery of missed messages", "놓친 메시지의 복구"),
        Bilingual("you need recovery of missed messages", "놓친 메시지의 복구가 필요하면"),
        Bilingual(
            "you do not need recovery of missed messages", "놓친 메시지의 복구가 필요하지 않으면"
        ),
    ),
}
NO_FEATURES = Bilingual(
    "you need none of these from the library", "이 가운데 라이브러리에 맡길 것이 없으면"
)
NOTHING = Bilingual("nothing", "없음")
LESS = Bilingual("less than {number}", "{number} 미만이면")
MORE = Bilingual("more than {number}", "{number} 초과이면")
"""What an `Amount` takes for its `{amount}`."""

_PLATFORMS = Question(
    Bilingual("Platforms", "플랫폼"),
    (
        Choice(
            "server",
            Bilingual("What is the server written in?", "서버는 무엇으로 작성합니까?"),
            Bilingual("server", "서버"),
            SERVERS,
        ),
        Choice(
            "client",
            Bilingual("What are the clients?", "클라이언트는 무엇입니까?"),
            Bilingual("clients", "클라이언트"),
            _CLIENTS,
        ),
    ),
)
_DIRECTION = Question(
    Bilingual("Direction", "방향"),
    (
        Choice(
            "direction",
            Bilingual("Who sends messages?", "누가 메시지를 보냅니까?"),
            Bilingual("who sends", "보내는 쪽"),
            _DIRECTIONS,
        ),
    ),
)
_SIZE = Question(
    Bilingual("Rooms and rate", "방의 크기와 메시지의 수"),
    (
        Amount(
            "members",
            Bilingual("Members of a room", "방 하나의 멤버 수"),
            Bilingual("members of a room", "방 하나의 멤버 수"),
            Bilingual("{amount} members of a room", "방 하나의 멤버 수가 {amount}"),
            1,
            1e7,
            whole=True,
        ),
        Amount(
            "rooms",
            Bilingual("Rooms at the same time", "동시에 있는 방의 수"),
            Bilingual("rooms", "방의 수"),
            Bilingual("{amount} rooms", "방의 수가 {amount}"),
            1,
            1e7,
            whole=True,
        ),
        Amount(
            "rate",
            Bilingual("Messages a second in each room", "방마다 1초에 오가는 메시지의 수"),
            Bilingual("messages a second in each room", "방마다 1초의 메시지 수"),
            Bilingual(
                "{amount} messages a second in each room", "방마다 1초의 메시지 수가 {amount}"
            ),
            0,
            1e6,
        ),
    ),
)
_BLOCKED = Question(
    Bilingual("Blocked networks", "막힌 네트워크"),
    (
        Choice(
            "blocked",
            Bilingual(
                "Which networks of your users block WebSocket?",
                "사용자의 네트워크 가운데 WebSocket을 막는 곳이 있습니까?",
            ),
            Bilingual("networks that block WebSocket", "WebSocket을 막는 네트워크"),
            _NETWORKS,
        ),
    ),
)
_LIBRARY = Question(
    Bilingual("What the library has to give", "라이브러리에 맡길 것"),
    (
        Choice(
            "features",
            Bilingual(
                "What do you need, and not want to write?",
                "필요하지만 직접 작성하고 싶지 않은 것은 무엇입니까?",
            ),
            Bilingual("needed", "필요한 것"),
            _FEATURES,
            several=True,
        ),
    ),
)
_LIMITS = Question(
    Bilingual("Limits", "제한"),
    (
        Amount(
            "bundle_kb",
            Bilingual(
                "Most kB of code that the client may add to the page, minified and gzipped",
                "클라이언트가 페이지에 더해도 되는 코드의 최대 kB(축소하고 gzip으로 압축한 크기)",
            ),
            Bilingual("limit of the client's code in kB", "클라이언트 코드의 제한(kB)"),
            Bilingual(
                "a limit of {amount} kB for the client's code",
                "클라이언트 코드의 제한(kB)이 {amount}",
            ),
            0,
            1e5,
            optional=True,
        ),
        Amount(
            "connect_ms",
            Bilingual(
                "Most ms until a client can send", "클라이언트가 보낼 수 있을 때까지의 최대 ms"
            ),
            Bilingual("limit until a client can send in ms", "보낼 수 있을 때까지의 제한(ms)"),
            Bilingual(
                "a limit of {amount} ms until a client can send",
                "보낼 수 있을 때까지의 제한(ms)이 {amount}",
            ),
            1,
            6e5,
            optional=True,
        ),
        Amount(
            "rtt_ms",
            Bilingual("Round trip time to your users, in ms", "사용자까지의 왕복 시간(ms)"),
            Bilingual("round trip time in ms", "왕복 시간(ms)"),
            Bilingual("a round trip time of {amount} ms", "왕복 시간(ms)이 {amount}"),
            0,
            1e4,
        ),
    ),
)
QUESTIONS = (_PLATFORMS, _DIRECTION, _SIZE, _BLOCKED, _LIBRARY, _LIMITS)
WORDS = {key: option.meaning for key, option in _FEATURES.items()}
MOST_PEOPLE = 1_000_000_000
"""In all rooms together."""
FIELDS = {field.name: field for question in QUESTIONS for field in question.fields}


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """The answers. `bundle_kb` and `connect_ms` are None where there is no limit."""

    server: str = NODE
    client: str = PAGE
    direction: str = BOTH
    members: int = 10
    rooms: int = 10
    rate: float = 1.0
    blocked: str = UNKNOWN
    features: tuple[str, ...] = ()
    bundle_kb: float | None = None
    connect_ms: float | None = None
    rtt_ms: float = 50.0

    @property
    def deliveries_per_s(self) -> float:
        """How many deliveries a second the server makes in all rooms."""
        return self.members * self.rooms * self.rate


def described(needs: Needs) -> Bilingual:
    """The needs in one line."""
    given = (field for field in FIELDS.values() if getattr(needs, field.name) is not None)
    return joined("; ", (_described(field, needs) for field in given))


def _described(field: Field, needs: Needs) -> Bilingual:
    value = getattr(needs, field.name)
    if isinstance(field, Amount):
        return joined(": ", (field.short, same(f"{value:,g}")))
    chosen = [field.options[each].meaning for each in (value if field.several else (value,))]
    return joined(": ", (field.short, listed(chosen) if chosen else NOTHING))


def listed(words: Sequence[Bilingual]) -> Bilingual:
    """Words as a sentence lists them: "a, b and c"; in Korean with commas alone."""
    english = [word.english for word in words]
    if len(english) > 1:
        english = [f"{', '.join(english[:-1])} and {english[-1]}"]
    return Bilingual("".join(english), ", ".join(word.korean for word in words))

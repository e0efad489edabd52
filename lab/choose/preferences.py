"""Which of the candidates comes first, as data: an order for each kind of need."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable
from dataclasses import dataclass

from lab.answer.blocks import DEFAULT, OVER_WEBSOCKET, PLAIN
from lab.bilingual import Bilingual, same
from lab.choose import needs as needs_
from lab.choose.facts import SSE, Facts, Sentence, sentence, shown


@dataclass(frozen=True, slots=True)
class Preference:
    """Which candidates come first where `holds`, which `title` says.

    `brief`: the same as `why` in half a sentence.
    """

    key: str
    title: Bilingual
    holds: Callable[[Facts], bool]
    order: tuple[str, ...]
    why: Callable[[Facts], Sentence]
    brief: Callable[[Facts], Bilingual]


RECOVERY = {
    needs_.NODE: Bilingual(
        " What a client missed, Socket.IO keeps in Node for some minutes.",
        " 클라이언트가 놓친 것을 Node의 Socket.IO는 몇 분 동안 보관합니다.",
    ),
    needs_.PYTHON: Bilingual(
        " What a client missed, your application has to keep: python-socketio does not.",
        " 클라이언트가 놓친 것은 애플리케이션이 보관해야 합니다. python-socketio는 보관하지 "
        "않습니다.",
    ),
    needs_.OTHER: same(""),
}
"""Platform of the server -> what its Socket.IO does for a client that comes back."""
ONE_WAY = Bilingual(
    "Only the server sends. An EventSource receives events over plain HTTP, reconnects by itself, "
    "and needs no library.",
    "서버만 보냅니다. EventSource는 보통의 HTTP로 이벤트를 받고, 스스로 재연결하며, 라이브러리가 "
    "필요 없습니다.",
)
FEATURES = Bilingual(
    "You need {wanted}. Socket.IO has rooms, acknowledgements and reconnection; with plain "
    "WebSocket you write them by hand.{recovery}",
    "필요한 것: {wanted}. Socket.IO에는 방, 수신 확인, 재연결이 있고, 순수 WebSocket에서는 직접 "
    "작성합니다.{recovery}",
)
NOTHING_NEEDED = Bilingual(
    "You need nothing that Socket.IO adds to WebSocket, and WebSocket needs no library in the "
    "client.",
    "Socket.IO가 WebSocket에 더하는 것이 필요하지 않고, WebSocket은 클라이언트에 라이브러리가 "
    "필요 없습니다.",
)
BRIEF_ONE_WAY = Bilingual(
    "it is plain HTTP, reconnects by itself, and needs no library ({package}: {kb} kB)",
    "보통의 HTTP이고, 스스로 재연결하며, 라이브러리가 필요 없습니다({package}: {kb} kB)",
)
BRIEF_FEATURES = Bilingual(
    "it has what you would write by hand with plain WebSocket{costs}",
    "순수 WebSocket이라면 직접 작성할 것이 들어 있습니다{costs}",
)
CPU_TIMES = Bilingual(
    "; a delivery costs {server} {ratio} times as much CPU",
    ". 전달 한 번에 {server}의 CPU가 {ratio}배 듭니다",
)
BRIEF_NOTHING = Bilingual(
    "it needs no library in the client", "클라이언트에 라이브러리가 필요 없습니다"
)


def _one_way(_: Facts) -> Sentence:
    return sentence(ONE_WAY, "lab trace sse")


def _features(facts: Facts) -> Sentence:
    wanted = needs_.listed([needs_.WORDS[each] for each in facts.needs.features])
    missed = needs_.RECOVERY in facts.needs.features
    recovery = RECOVERY[facts.needs.server] if missed else same("")
    return sentence(
        FEATURES.fill(wanted=wanted, recovery=recovery),
        "lab claims rooms convenient guaranteed-delivery",
    )


def _nothing_needed(_: Facts) -> Sentence:
    return sentence(NOTHING_NEEDED, "lab claims no-library")


def _brief_one_way(facts: Facts) -> Bilingual:
    return BRIEF_ONE_WAY.fill(package=facts.bundle.package, kb=f"{facts.bundle.kb:.1f}")


def _brief_features(facts: Facts) -> Bilingual:
    ratio = facts.cpu_ratio(DEFAULT, PLAIN)
    server = needs_.SERVERS[facts.needs.server].meaning
    costs = CPU_TIMES.fill(server=server, ratio=shown(ratio)) if ratio else same("")
    return BRIEF_FEATURES.fill(costs=costs)


def _brief_nothing(_: Facts) -> Bilingual:
    return BRIEF_NOTHING


PREFERENCES = (
    Preference(
        "one way",
        Bilingual(
            "Only the server sends, and you need no acknowledgements",
            "서버만 보내고, 수신 확인이 필요하지 않습니다",
        ),
        lambda facts: (
            facts.needs.direction == needs_.DOWN and needs_.ACKS not in facts.needs.features
        ),
        (SSE, PLAIN, DEFAULT, OVER_WEBSOCKET),
        _one_way,
        _brief_one_way,
    ),
    Preference(
        "features, open networks",
        Bilingual(
            "You need rooms, acknowledgements or recovery, and no network blocks WebSocket",
            "방, 수신 확인, 복구 가운데 필요한 것이 있고, WebSocket을 막는 네트워크가 없습니다",
        ),
        lambda facts: bool(facts.needs.features) and facts.needs.blocked == needs_.OPEN,
        (OVER_WEBSOCKET, DEFAULT, PLAIN, SSE),
        _features,
        _brief_features,
    ),
    Preference(
        "features",
        Bilingual(
            "You need rooms, acknowledgements or recovery",
            "방, 수신 확인, 복구 가운데 필요한 것이 있습니다",
        ),
        lambda facts: bool(facts.needs.features),
        (DEFAULT, OVER_WEBSOCKET, PLAIN, SSE),
        _features,
        _brief_features,
    ),
    Preference(
        "nothing more",
        Bilingual(
            "Otherwise",
            "그 밖의 경우",
        ),
        lambda _: True,
        (PLAIN, DEFAULT, OVER_WEBSOCKET, SSE),
        _nothing_needed,
        _brief_nothing,
    ),
)
"""The first that holds gives the order."""

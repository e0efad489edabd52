"""What has to hold where the recommended transport is used, as data."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.answer.blocks import DEFAULT
from lab.answer.evidence import Number
from lab.answer.span import Span
from lab.bilingual import Bilingual
from lab.choose import needs as needs_
from lab.choose.facts import CANDIDATES, NEED_WEBSOCKET, SSE, Facts, Sentence, bench, sentence
from lab.choose.needs import Needs

IN_TIME = Bilingual(
    "Whether {candidate} connects in time is within the error of the measurement: measure it on "
    "your server.",
    "연결 시간이 제한에 드는지는 측정 오차 안에 있습니다({candidate}). 자기 서버에서 측정하십시오.",
)
MORE_CORES = Bilingual(
    "Whether {candidate} needs more than one core is within the error of the measurement: measure "
    "it on your server.",
    "코어가 하나보다 더 필요한지는 측정 오차 안에 있습니다({candidate}). 자기 서버에서 "
    "측정하십시오.",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """`applies`: to these needs and this candidate."""

    applies: Callable[[Needs, str], bool]
    sentence: Sentence


def undecided(facts: Facts) -> Iterator[Sentence]:
    """The limits that lie within the interval of what they are compared with."""
    needs = facts.needs
    for each in CANDIDATES:
        connects, cpu = facts.connect_numbers(each), facts.cpu(each)
        if needs.connect_ms is not None and _within(needs.connect_ms, facts.connect_ms(each)):
            yield _unsure(facts, each, IN_TIME, connects)
        if cpu is not None and _within(needs.deliveries_per_s, facts.full_at(each)):
            yield _unsure(facts, each, MORE_CORES, [cpu])


def _within(value: float, span: Span | None) -> bool:
    return span is not None and span.low is not None and span.lowest <= value <= span.highest


def _unsure(facts: Facts, candidate: str, text: Bilingual, numbers: list[Number]) -> Sentence:
    return sentence(text.fill(candidate=facts.name(candidate)), bench(numbers), numbers)


CONDITIONS = (
    Condition(
        lambda needs, each: needs.blocked == needs_.UNKNOWN and each in NEED_WEBSOCKET,
        Sentence(
            Bilingual(
                "The networks of your users let WebSocket through. Where one does not, a client "
                "gets "
                "nothing.",
                "사용자의 네트워크가 WebSocket을 통과시킵니다. 그렇지 않은 네트워크에서는 "
                "클라이언트가 아무것도 받지 못합니다.",
            ),
            "lab claims falls-back",
        ),
    ),
    Condition(
        lambda needs, _each: needs.blocked == needs_.BLOCKED,
        Sentence(
            Bilingual(
                "WebSocket is blocked over TLS (wss://) too. Many proxies interfere with "
                "unencrypted "
                "traffic only, so try that first.",
                "TLS 위의 WebSocket(wss://)도 막혀 있습니다. 암호화하지 않은 트래픽에만 끼어드는 "
                "프록시가 많으므로 먼저 이것을 "
                "시험하십시오.",
            ),
            None,
        ),
    ),
    Condition(
        lambda _needs, each: each == DEFAULT,
        Sentence(
            Bilingual(
                "With several server processes, all requests of one client reach the same process "
                "(sticky sessions).",
                "서버 프로세스가 여러 개이면, 한 클라이언트의 요청이 모두 같은 프로세스로 "
                "갑니다(스티키 세션).",
            ),
            "lab claims sticky-sessions",
        ),
    ),
    Condition(
        lambda needs, each: each == SSE and needs.client == needs_.PAGE,
        Sentence(
            Bilingual(
                "The server speaks HTTP/2, or a user has few tabs open: over HTTP/1.1 a browser "
                "opens "
                "six connections to one origin, and each EventSource takes one.",
                "서버가 HTTP/2를 쓰거나, 사용자가 탭을 적게 엽니다. HTTP/1.1에서 브라우저는 출처 "
                "하나에 연결을 여섯 개까지 열고, "
                "EventSource마다 하나를 씁니다.",
            ),
            "lab claims six-connections",
        ),
    ),
    Condition(
        lambda _needs, each: each == SSE,
        Sentence(
            Bilingual(
                "No proxy on the way holds a response back until it ends.",
                "중간의 프록시가 응답을 끝날 때까지 붙잡아 두지 않습니다.",
            ),
            None,
        ),
    ),
    Condition(
        lambda needs, each: needs.direction == needs_.DOWN and each == SSE,
        Sentence(
            Bilingual(
                "The few things that a client has to send, such as what it subscribes to, go by "
                "ordinary requests.",
                "구독할 대상처럼 클라이언트가 보내야 하는 몇 가지는 보통의 요청으로 보냅니다.",
            ),
            "lab trace sse",
        ),
    ),
)

"""The claim `handshake`: right headers get a handshake response, wrong ones a 4xx and a close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.bilingual import Bilingual, joined, same
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.contract import Capability
from lab.handshakes.cases import CASES, RIGHT
from lab.handshakes.servers import Subject, alone, of_transport
from lab.handshakes.survey import Column, survey
from lab.handshakes.tally import tally, wrong_ones
from lab.load.tapped import Capture
from transports import registry

PATIENCE_S = 4.0
"""Shorter than in `lab handshakes`; a server that is silent for so long does not answer at all."""
SHOWN = 3


def judge(columns: Sequence[Column]) -> Verdict:
    """Judge whether right handshakes get a 101, and whether wrong ones get a 4xx and a close."""
    counted = tally(columns)
    if not counted.held or not all(map(_lets_in, columns)):
        return Verdict.DOES_NOT_HOLD
    return Verdict.DEPENDS if counted.otherwise else Verdict.HOLDS


RIGHT_ONES = Bilingual(
    "{let_in} of {servers} servers answer the right handshake with 101.",
    "서버 {servers}개 중 {let_in}개가 올바른 핸드셰이크에 101로 응답합니다.",
)
IN_SHORT = Bilingual(
    "{held} of {sent} wrong handshakes got a 4xx and a close; {let_in} of {servers} servers "
    "answered the right one with 101.",
    "잘못된 핸드셰이크 {sent}개 중 {held}개가 4xx를 받고 연결이 닫혔습니다. 올바른 핸드셰이크에는 "
    "서버 {servers}개 중 {let_in}개가 101로 응답했습니다.",
)
WRONG_ONES = Bilingual(
    "Wrong handshakes: a 4xx and a close for {held} of {sent}; otherwise {others}.",
    "잘못된 핸드셰이크: {sent}개 중 {held}개가 4xx를 받고 연결이 닫힘. 그 밖의 응답: {others}.",
)
ONE_WRONG = Bilingual("{wrong}: {answers}.", "{wrong}: {answers}.")
ANSWERED_BY = Bilingual("{kind} by {names}", "{kind} ({names})")
ODD = Bilingual(
    "Cases that some servers answer without a 4xx: {cases}.",
    "일부 서버가 4xx 없이 응답한 요청: {cases}.",
)
NONE = Bilingual("none", "없음")
KINDS = {
    "kept": Bilingual("kept", "연결 유지"),
    "closed": Bilingual("closed", "연결 종료"),
    "deaf": Bilingual("deaf", "이후 무응답"),
    "hung up": Bilingual("hung up", "응답 없이 끊음"),
    "silence": Bilingual("silence", "응답 없음"),
}


def evidence(columns: Sequence[Column]) -> tuple[Bilingual, ...]:
    """List the counts, the cases that servers answer most differently, and those without a 4xx."""
    counted = tally(columns)
    others = joined(
        ", ",
        (
            Bilingual("{kind}: {count}", "{kind} {count}개").fill(kind=kind_of(kind), count=count)
            for kind, count in counted.otherwise.items()
        ),
    )
    return (
        RIGHT_ONES.fill(let_in=sum(map(_lets_in, columns)), servers=len(columns)),
        WRONG_ONES.fill(held=counted.held, sent=counted.sent, others=_or_none(others)),
        *(_divided(name, columns) for name in _most_divided(columns)),
        ODD.fill(cases=_or_none(joined("; ", _odd(columns)))),
    )


def in_short(columns: Sequence[Column]) -> Bilingual:
    """Return the counts."""
    counted = tally(columns)
    let_in = sum(map(_lets_in, columns))
    return IN_SHORT.fill(held=counted.held, sent=counted.sent, let_in=let_in, servers=len(columns))


def _or_none(text: Bilingual) -> Bilingual:
    return text if text.english else NONE


def kind_of(kind: str) -> Bilingual:
    """Return an answer's kind, which ends with a word of KINDS, in both languages."""
    for word, both in KINDS.items():
        if kind.endswith(word):
            head = kind.removesuffix(word).replace("then", "→")
            return Bilingual(kind, head.replace("no HTTP", "HTTP 아닌 응답,") + both.korean)
    return same(kind)


def _wrong_in_words(name: str) -> Bilingual:
    """Return what is wrong; in Korean the case's name, which is a code."""
    return Bilingual(CASES[name].wrong, f"`{name}`")


def _lets_in(column: Column) -> bool:
    return column.answers[RIGHT.name].status == 101


def _most_divided(columns: Sequence[Column]) -> list[str]:
    """The cases with the most different answers."""
    return sorted(_wrong(columns), key=lambda name: -len(_kinds(name, columns)))[:SHOWN]


def _wrong(columns: Sequence[Column]) -> list[str]:
    applicable = {name for column in columns for name in wrong_ones(column)}
    return [name for name in CASES if name in applicable]


def _kinds(name: str, columns: Sequence[Column]) -> dict[str, list[str]]:
    """The answers to a case -> the servers that gave each answer."""
    kinds: dict[str, list[str]] = {}
    for column in columns:
        if (answer := column.answers.get(name)) is not None:
            kinds.setdefault(answer.kind, []).append(column.name)
    return kinds


def _divided(name: str, columns: Sequence[Column]) -> Bilingual:
    ways = (
        ANSWERED_BY.fill(kind=kind_of(kind), names=", ".join(names))
        for kind, names in _kinds(name, columns).items()
    )
    wrong = _wrong_in_words(name)
    title = Bilingual(f"{wrong.english[0].upper()}{wrong.english[1:]}", wrong.korean)
    return ONE_WRONG.fill(wrong=title, answers=joined("; ", ways))


def _odd(columns: Sequence[Column]) -> Iterator[Bilingual]:
    """The cases that some servers answered without a 4xx, and how many servers did."""
    for name in _wrong(columns):
        kinds = _kinds(name, columns).items()
        odd = [
            Bilingual("{kind} by {count}", "{kind} {count}개").fill(
                kind=kind_of(kind), count=len(names)
            )
            for kind, names in kinds
            if not kind.startswith("4")
        ]
        if odd:
            yield Bilingual("{wrong} ({odd})", "{wrong} ({odd})").fill(
                wrong=_wrong_in_words(name), odd=joined(", ", odd)
            )


def _captures(columns: Sequence[Column]) -> dict[str, Capture]:
    """One exchange for each kind of answer, the right handshake first."""
    captures: dict[str, Capture] = {}
    seen = set()
    for name in CASES:
        for column in columns:
            exchange = column.exchanges.get(name)
            if exchange is not None and exchange.answer.kind not in seen:
                seen.add(exchange.answer.kind)
                wrong = "all right" if name == RIGHT.name else CASES[name].wrong
                label = f"{column.name}, {wrong}: {exchange.answer}"
                captures[label] = exchange.capture
    return captures


def subjects() -> list[Subject]:
    """Every server here that claims to answer opening handshakes, without the unsafe ones."""
    transports = [registry.load(name) for name in registry.available()]
    able = {Capability.ROOM, Capability.WEBSOCKET}
    answering = (
        transport
        for transport in transports
        if transport.capabilities >= able and transport.unsafe is None
    )
    return [*map(of_transport, answering), *alone()]


async def test() -> Finding:
    """Send every opening handshake, right and wrong, to every server."""
    columns = await survey(subjects(), list(CASES.values()), PATIENCE_S, no_progress)
    return Finding(judge(columns), in_short(columns), evidence(columns), _captures(columns))


def no_progress(_server: str, _done: int, _total: int) -> None:
    """Report no progress."""


CLAIM = Claim(
    name="handshake",
    said=Bilingual(
        "A WebSocket begins with an HTTP handshake. If the headers are right, the server sends a "
        "handshake response and the connection is open. If they are wrong, it sends a 4xx error "
        "and closes the socket.",
        "WebSocket 연결은 HTTP 핸드셰이크로 시작됩니다. 올바른 헤더로 요청하면 서버가 핸드셰이크 "
        "응답을 보내고 연결이 열립니다. 요청이 잘못되면 서버는 4xx 오류를 보내고 소켓을 닫습니다.",
    ),
    experiment=Bilingual(
        "The lab sends opening handshakes to every server that answers them: one right, the "
        "others each with one thing wrong. What is wrong is a header that is missing, doubled or "
        "of the wrong type. After an answer it sends a right one on the same connection.",
        "핸드셰이크에 응답하는 모든 서버에 올바른 요청 하나와, 한 군데씩 잘못된 요청들을 "
        "보냅니다. 빠진 헤더와 중복된 헤더, 값의 형식이 틀린 헤더가 들어 있습니다. 응답을 받으면 "
        "같은 연결로 올바른 요청을 다시 보냅니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "Every server answers the right handshake with 101. RFC 6455 asks for an error where "
        "something is wrong, but leaves it to the server which error to send and whether to "
        "close. In HTTP a refused upgrade is one answered request among others, so many servers "
        "keep the connection for the next request. Some servers do not check everything that the "
        "RFC requires, and accept wrong handshakes.",
        "모든 서버가 올바른 핸드셰이크에 101로 응답합니다. RFC 6455는 잘못된 요청에 오류를 "
        "요구하지만, 어떤 오류를 보내고 연결을 닫을지는 서버에 맡깁니다. HTTP에서 거절된 "
        "업그레이드는 응답을 받은 여러 요청 중 하나이므로, 많은 서버가 다음 요청을 위해 연결을 "
        "유지합니다. RFC가 요구하는 것을 모두 검사하지 않고 잘못된 핸드셰이크를 받아들이는 서버도 "
        "있습니다.",
    ),
    test=test,
    notebook="01_handshake",
)

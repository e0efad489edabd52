"""The claim `handshake`: right headers get a handshake response, wrong ones a 4xx and the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.claims.claim import Claim, Finding, Verdict
from lab.contract import Capability
from lab.handshakes.cases import CASES, RIGHT
from lab.handshakes.servers import Subject, alone, of_wire
from lab.handshakes.survey import Column, survey
from lab.handshakes.tally import tally, wrong_ones
from lab.load.tapped import Tape
from transports import registry

PATIENCE_S = 4.0
"""Less than a person's, who may want to know; who is silent for so long does not answer at all."""
SHOWN = 3


def judge(columns: Sequence[Column]) -> Verdict:
    """Whether right ones are let in, and wrong ones all, some or none answered as is told."""
    counted = tally(columns)
    if not counted.held or not all(map(_lets_in, columns)):
        return Verdict.DOES_NOT_HOLD
    return Verdict.DEPENDS if counted.otherwise else Verdict.HOLDS


def evidence(columns: Sequence[Column]) -> tuple[str, ...]:
    """The counts, what divides the servers most, and what is no refusal by a 4xx at all."""
    let_in = sum(map(_lets_in, columns))
    return (
        f"The right handshake is answered with 101 by {let_in} of {len(columns)} servers.",
        f"Of the wrong ones, {tally(columns)}.",
        *(_divided(name, columns) for name in _most_divided(columns)),
        f"Without any 4xx: {'; '.join(_odd(columns)) or 'none'}.",
    )


def _lets_in(column: Column) -> bool:
    return column.answers[RIGHT.name].status == 101


def _most_divided(columns: Sequence[Column]) -> list[str]:
    """The cases that are answered in the most ways."""
    return sorted(_wrong(columns), key=lambda name: -len(_kinds(name, columns)))[:SHOWN]


def _wrong(columns: Sequence[Column]) -> list[str]:
    asked = {name for column in columns for name in wrong_ones(column)}
    return [name for name in CASES if name in asked]


def _kinds(name: str, columns: Sequence[Column]) -> dict[str, list[str]]:
    """The answers to a case -> the servers that gave them."""
    kinds: dict[str, list[str]] = {}
    for column in columns:
        if (answer := column.answers.get(name)) is not None:
            kinds.setdefault(answer.kind, []).append(column.name)
    return kinds


def _divided(name: str, columns: Sequence[Column]) -> str:
    ways = (f"{kind} by {', '.join(names)}" for kind, names in _kinds(name, columns).items())
    return f"{CASES[name].wrong[0].upper()}{CASES[name].wrong[1:]}: {'; '.join(ways)}."


def _odd(columns: Sequence[Column]) -> Iterator[str]:
    """The cases that some servers answered with something else than a 4xx, and how many did."""
    for name in _wrong(columns):
        kinds = _kinds(name, columns).items()
        odd = [f"{kind} by {len(names)}" for kind, names in kinds if not kind.startswith("4")]
        if odd:
            yield f"{CASES[name].wrong} ({', '.join(odd)})"


def _tapes(columns: Sequence[Column]) -> dict[str, Tape]:
    """One exchange of each kind of answer, the control first."""
    tapes: dict[str, Tape] = {}
    seen = set()
    for name in CASES:
        for column in columns:
            exchange = column.exchanges.get(name)
            if exchange is not None and exchange.answer.kind not in seen:
                seen.add(exchange.answer.kind)
                wrong = "all right" if name == RIGHT.name else CASES[name].wrong
                label = f"{column.name}, {wrong}: {exchange.answer}"
                tapes[label] = exchange.tape
    return tapes


def _subjects() -> list[Subject]:
    """Every server on this machine that claims to answer opening handshakes, unsafe ones apart."""
    wires = [registry.load(name) for name in registry.available()]
    able = {Capability.ROOM, Capability.WEBSOCKET}
    asked = (wire for wire in wires if wire.capabilities >= able and wire.unsafe is None)
    return [*map(of_wire, asked), *alone()]


async def test() -> Finding:
    """Say every opening, right and wrong, to every server."""
    columns = await survey(_subjects(), list(CASES.values()), PATIENCE_S, _unseen)
    return Finding(judge(columns), evidence(columns), _tapes(columns))


def _unseen(_server: str, _done: int, _total: int) -> None:
    """Nobody watches."""


CLAIM = Claim(
    name="handshake",
    english=(
        "A WebSocket begins with a handshake over HTTP. Asked with the right headers, the server "
        "answers with a handshake response and the connection is open; asked with wrong ones, it "
        "answers with a 4xx error and closes the socket."
    ),
    korean=(
        "WebSocket 연결은 HTTP 핸드셰이크로 시작된다. 올바른 헤더로 요청하면 서버가 핸드셰이크 "
        "응답을 보내고 연결이 열리지만, 잘못된 요청이면 4xx 오류를 돌려주고 소켓을 닫는다."
    ),
    asked=(
        "Opening handshakes, one right and the others each wrong in one thing, are said to every "
        "server that answers them; where one has answered, it is asked again on the same "
        "connection."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "The right handshake is answered with 101 everywhere. RFC 6455 asks for an error where "
        "something is wrong, and leaves it to the server which one and what becomes of the "
        "connection: to HTTP a refused upgrade is one answered request among others, and many "
        "servers keep the line for the next. Some don't look at everything that the RFC has them "
        "look at, and let in what is wrong."
    ),
    test=test,
)

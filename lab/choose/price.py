"""What the recommended transport costs, beside the one that most readers weigh it against."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Iterator

from lab.answer.blocks import DEFAULT, PLAIN
from lab.answer.evidence import CPU, DELIVERY_BYTES, MEMORY, Number
from lab.bilingual import Bilingual, joined, same
from lab.choose import needs as needs_
from lab.choose.facts import (
    SOCKETIO,
    Facts,
    Sentence,
    bench,
    code_in_page,
    count,
    sentence,
    shown,
)
from lab.report.model.formatting import number

WHERE = {
    "python": Bilingual("a client in Python", "Python 클라이언트"),
    "browser": Bilingual("a page in a browser", "브라우저의 페이지"),
}
"""Where a handshake's client ran -> how a sentence says it."""
NOT_MEASURED = Bilingual("not measured here", "여기에서는 측정하지 않았습니다")
UNTIL_IT_SENDS = Bilingual(
    "Until {clients} can send, with a round trip of {rtt} ms",
    "보낼 수 있을 때까지({clients}, 왕복 시간 {rtt} ms)",
)
TRIPS = Bilingual("{trips} round trips, {ms} ms", "왕복 {trips}번, {ms} ms")
DELAY_ALONE = Bilingual(
    "{trips} round trips, {ms} ms of network delay alone", "왕복 {trips}번, 네트워크 지연만 {ms} ms"
)
CPU_TIME = Bilingual(
    "Server CPU per delivery, room of {rooms}", "전달 한 번의 서버 CPU({rooms}명의 방)"
)
ONE_CORE = Bilingual(
    "{cpu} µs, so one core is full at {full} a second, and your {rate} take {share} % of it",
    "{cpu} µs. 코어 하나는 1초에 {full}번이면 가득 차고, 필요한 {rate}번은 그 {share}%를 씁니다",
)
ON_THE_WIRE = Bilingual("A delivery takes on the wire", "전송로 위에서 전달 한 번의 바이트")
OF_A_CONNECTION = Bilingual("Server memory of a connection", "연결 하나의 서버 메모리")
KIB = Bilingual("{kib} KiB, or {mib} MiB for {people}", "{kib} KiB, {people}명이면 {mib} MiB")
SENTENCE = same("{begins}: {parts}.")
ROOMS = {quantity: same(size) for size, quantity in CPU.items()}
"""CPU time of a delivery -> the size of the room in which it was measured."""


def price(facts: Facts, chosen: str) -> list[Sentence]:
    """Handshake, CPU time, bytes, memory and code in the page; what was not measured is named."""
    pair = (chosen, DEFAULT if chosen == PLAIN else PLAIN)
    parts = (_handshake, _cpu, _bytes, _memory)
    return [*(one for part in parts if (one := part(facts, pair))), *_code(facts, chosen)]


def _handshake(facts: Facts, pair: tuple[str, str]) -> Sentence | None:
    found = {each: facts.connect_numbers(each) for each in pair}
    numbers = [number for both in found.values() for number in both]

    def takes(each: str) -> Bilingual | None:
        if not found[each]:
            return None
        trips, *still = found[each]
        said = TRIPS if still else DELAY_ALONE
        return said.fill(trips=count(trips.median), ms=shown(facts.connect_ms(each)))

    clients = needs_.listed(list(dict.fromkeys(WHERE[one.client] for one in numbers)))
    begins = UNTIL_IT_SENDS.fill(clients=clients, rtt=f"{facts.needs.rtt_ms:g}")
    return _compared(begins, facts, pair, takes, numbers)


def _cpu(facts: Facts, pair: tuple[str, str]) -> Sentence | None:
    found = _measured(pair, facts.cpu)
    rate = facts.needs.deliveries_per_s

    def takes(each: str) -> Bilingual | None:
        if each not in found:
            return None
        cpu = found[each].span
        return ONE_CORE.fill(
            cpu=shown(cpu),
            full=shown(cpu.into(1e6)),
            rate=count(rate),
            share=count(100 * rate * cpu.median / 1e6),
        )

    rooms = needs_.listed(list(dict.fromkeys(ROOMS[one.quantity] for one in found.values())))
    return _compared(CPU_TIME.fill(rooms=rooms), facts, pair, takes, list(found.values()))


def _bytes(facts: Facts, pair: tuple[str, str]) -> Sentence | None:
    found = _measured(pair, lambda each: facts.find(each, DELIVERY_BYTES))

    def takes(each: str) -> Bilingual | None:
        return same(f"{count(found[each].median)} B") if each in found else None

    return _compared(ON_THE_WIRE, facts, pair, takes, list(found.values()))


def _memory(facts: Facts, pair: tuple[str, str]) -> Sentence | None:
    found = _measured(pair, lambda each: facts.find(each, MEMORY))
    people = facts.needs.members * facts.needs.rooms

    def takes(each: str) -> Bilingual | None:
        if each not in found:
            return None
        kib = found[each].median
        return KIB.fill(kib=number(kib), mib=number(people * kib / 1024), people=count(people))

    return _compared(OF_A_CONNECTION, facts, pair, takes, list(found.values()))


def _code(facts: Facts, chosen: str) -> Iterator[Sentence]:
    if facts.needs.client == needs_.PAGE and chosen in SOCKETIO:
        yield code_in_page(facts.bundle)


def _measured(pair: tuple[str, str], find: Callable[[str], Number | None]) -> dict[str, Number]:
    numbers = ((each, find(each)) for each in pair)
    return {each: one for each, one in numbers if one is not None}


def _compared(
    begins: Bilingual,
    facts: Facts,
    pair: tuple[str, str],
    takes: Callable[[str], Bilingual | None],
    numbers: list[Number],
) -> Sentence | None:
    """One sentence about both; None if neither was measured."""
    if not numbers:
        return None
    parts = (joined(": ", (facts.name(each), takes(each) or NOT_MEASURED)) for each in pair)
    text = SENTENCE.fill(begins=begins, parts=joined("; ", parts))
    return sentence(text, bench(numbers), numbers)

"""What rules a transport out, as data."""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.answer.blocks import DEFAULT, PLAIN
from lab.answer.evidence import DELIVERY_BYTES, Number
from lab.bilingual import Bilingual, joined
from lab.choose import needs as needs_
from lab.choose.facts import (
    CANDIDATES,
    NEED_WEBSOCKET,
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


@dataclass(frozen=True, slots=True)
class Constraint:
    """A need that a candidate meets or not. `meets`: None where that was not measured.

    `title` says when the rule counts, `rules_out` which candidates, and `why` what it means for
    those here. `brief`: the same in half a sentence. Where no candidate meets the need, those are
    out whose `cost` is more than `slack` times the least.
    """

    key: str
    title: Bilingual
    rules_out: Bilingual
    meets: Callable[[Facts, str], bool | None]
    why: Callable[[Facts, tuple[str, ...]], Sentence]
    brief: Callable[[Facts], Bilingual] | None = None
    cost: Callable[[Facts, str], float | None] = lambda _facts, _candidate: None
    slack: float = 1

    def worse(self, facts: Facts, candidates: tuple[str, ...]) -> tuple[str, ...]:
        """The candidates that are out where none meets the need."""
        costs = {each: self.cost(facts, each) for each in candidates}
        least = min((one for one in costs.values() if one is not None), default=0)
        return tuple(each for each, one in costs.items() if one and one > self.slack * least)


BLOCKED = Bilingual(
    "Where a network blocks WebSocket, {named} can't connect. Socket.IO's default stays on "
    "long-polling there, and changes to WebSocket elsewhere.",
    "WebSocket을 막는 네트워크에서는 연결할 수 없는 것이 있습니다({named}). Socket.IO의 기본은 "
    "그런 곳에서 롱 폴링에 머물고, 다른 곳에서는 WebSocket으로 바꿉니다.",
)
OWN_CLIENT = Bilingual(
    "A Socket.IO server talks to Socket.IO clients only, and a client of your own would have to "
    "implement that protocol. A WebSocket client comes with every phone platform.",
    "Socket.IO 서버는 Socket.IO 클라이언트와만 통신하므로, 자체 클라이언트는 그 프로토콜을 "
    "구현해야 합니다. WebSocket 클라이언트는 모든 휴대전화 플랫폼에 들어 있습니다.",
)
OTHER_SERVER = Bilingual(
    "The lab measures Socket.IO servers in Node and Python only. On another platform, first see "
    "which version of the protocol a server speaks: those of different versions do not connect.",
    "실험실은 Node와 Python의 Socket.IO 서버만 측정합니다. 다른 플랫폼에서는 서버가 프로토콜의 "
    "어느 버전을 쓰는지 먼저 확인하십시오. 버전이 다르면 연결되지 않습니다.",
)
YOUR_BUNDLE = Bilingual("{size} Your limit is {kb} kB.", "{size} 제한은 {kb} kB입니다.")
YOUR_TIME = Bilingual(
    "Your limit until a client can send is {ms} ms. Above it: {parts}.",
    "클라이언트가 보낼 수 있을 때까지의 제한은 {ms} ms입니다. 제한을 넘는 것: {parts}.",
)
TRIPS = Bilingual(
    "{candidate}, {trips} round trips × {rtt} ms{added} = {ms} ms",
    "{candidate}, 왕복 {trips}번 × {rtt} ms{added} = {ms} ms",
)
YOUR_DELIVERIES = Bilingual(
    "You need {rate} deliveries a second. One core is full before: {parts}.",
    "1초에 전달 {rate}번이 필요합니다. 코어 하나가 그 전에 가득 차는 것: {parts}.",
)
FULL_AT = Bilingual("{candidate} at {full}", "{candidate}({full}번)")


def _named(candidates: tuple[str, ...]) -> Bilingual:
    return needs_.listed([CANDIDATES[each] for each in candidates])


def _blocked(_: Facts, candidates: tuple[str, ...]) -> Sentence:
    return sentence(BLOCKED.fill(named=_named(candidates)), "lab claims falls-back")


def _own_client(_: Facts, __: tuple[str, ...]) -> Sentence:
    return sentence(OWN_CLIENT, "lab claims fixed-partner")


def _other_server(_: Facts, __: tuple[str, ...]) -> Sentence:
    return sentence(OTHER_SERVER, "lab interop")


def _bundle(facts: Facts, _: tuple[str, ...]) -> Sentence:
    size = code_in_page(facts.bundle)
    return replace(size, text=YOUR_BUNDLE.fill(size=size.text, kb=f"{facts.needs.bundle_kb:g}"))


def _connect(facts: Facts, candidates: tuple[str, ...]) -> Sentence:
    parts: list[Bilingual] = []
    numbers: list[Number] = []
    for each in candidates:
        trips, *still = facts.connect_numbers(each)
        numbers += [trips, *still]
        parts.append(
            TRIPS.fill(
                candidate=CANDIDATES[each],
                trips=count(trips.median),
                rtt=f"{facts.needs.rtt_ms:g}",
                added="".join(f" + {number(one.median)} ms" for one in still),
                ms=shown(facts.connect_ms(each)),
            )
        )
    text = YOUR_TIME.fill(ms=f"{facts.needs.connect_ms:g}", parts=joined("; ", parts))
    return sentence(text, bench(numbers), numbers)


def _capacity(facts: Facts, candidates: tuple[str, ...]) -> Sentence:
    numbers = [facts.cpu(each) for each in candidates]
    parts = [
        FULL_AT.fill(candidate=CANDIDATES[each], full=shown(facts.full_at(each)))
        for each in candidates
    ]
    text = YOUR_DELIVERIES.fill(rate=count(facts.needs.deliveries_per_s), parts=joined(", ", parts))
    return sentence(text, bench(numbers), numbers)


def _connect_cost(facts: Facts, candidate: str) -> float | None:
    takes = facts.connect_ms(candidate)
    return takes.median if takes is not None else None


def _connects_in_time(facts: Facts, candidate: str) -> bool | None:
    limit, takes = facts.needs.connect_ms, _connect_cost(facts, candidate)
    if limit is None:
        return True
    return None if takes is None else takes <= limit


def _cores(facts: Facts, candidate: str) -> float | None:
    full = facts.full_at(candidate)
    return facts.needs.deliveries_per_s / full.median if full is not None else None


def _one_core_is_enough(facts: Facts, candidate: str) -> bool | None:
    cores = _cores(facts, candidate)
    return None if cores is None else cores <= 1


def _fits_the_page(facts: Facts, candidate: str) -> bool:
    limit = facts.needs.bundle_kb
    if limit is None or facts.needs.client != needs_.PAGE:
        return True
    return candidate not in SOCKETIO or facts.bundle.kb <= limit


STAYS = Bilingual("it stays on long-polling there", "그런 곳에서는 롱 폴링에 머뭅니다")
STAYS_AND_COSTS = Bilingual(
    "it stays on long-polling there, where a delivery takes {polling} B instead of {plain}",
    "그런 곳에서는 롱 폴링에 머물고, 전달 한 번에 {plain} B 대신 {polling} B가 듭니다",
)
EVERY_PHONE = Bilingual(
    "every phone platform has a client for it", "모든 휴대전화 플랫폼에 클라이언트가 있습니다"
)
EVERY_PHONE_AFTER = Bilingual(
    "every phone platform has a client for it, which can send after {trips} round trips",
    "모든 휴대전화 플랫폼에 클라이언트가 있고, 왕복 {trips}번 뒤에 보낼 수 있습니다",
)
FULL = Bilingual(
    "one core is full {parts} deliveries a second, and this takes {rate}",
    "코어 하나가 가득 차는 1초의 전달은 {parts}이고, 여기에는 {rate}번이 필요합니다",
)
WITH = Bilingual("with {candidate} at {full}", "{candidate} {full}번")


def _brief_blocked(facts: Facts) -> Bilingual:
    polling, plain = facts.find(DEFAULT, DELIVERY_BYTES), facts.find(PLAIN, DELIVERY_BYTES)
    if not polling or not plain:
        return STAYS
    return STAYS_AND_COSTS.fill(polling=count(polling.median), plain=count(plain.median))


def _brief_own_client(facts: Facts) -> Bilingual:
    found = facts.connect_numbers(PLAIN)
    return EVERY_PHONE_AFTER.fill(trips=count(found[0].median)) if found else EVERY_PHONE


def _brief_capacity(facts: Facts) -> Bilingual:
    full = {each: facts.full_at(each) for each in (DEFAULT, PLAIN)}
    parts = [
        WITH.fill(candidate=CANDIDATES[each], full=count(one.median))
        for each, one in full.items()
        if one
    ]
    return FULL.fill(parts=needs_.listed(parts), rate=count(facts.needs.deliveries_per_s))


CONSTRAINTS = (
    Constraint(
        "blocked",
        Bilingual(
            "Some networks of your users block WebSocket",
            "WebSocket을 막는 네트워크가 있습니다",
        ),
        _named(NEED_WEBSOCKET),
        lambda facts, each: facts.needs.blocked != needs_.BLOCKED or each not in NEED_WEBSOCKET,
        _blocked,
        _brief_blocked,
    ),
    Constraint(
        "own client",
        Bilingual(
            "The clients are an app with a client of its own",
            "클라이언트가 자체 클라이언트를 쓰는 앱입니다",
        ),
        _named(SOCKETIO),
        lambda facts, each: facts.needs.client != needs_.APP or each not in SOCKETIO,
        _own_client,
        _brief_own_client,
    ),
    Constraint(
        "other server",
        Bilingual(
            "The server is on another platform than Node and Python",
            "서버가 Node도 Python도 아닌 플랫폼에 있습니다",
        ),
        _named(SOCKETIO),
        lambda facts, each: facts.needs.server != needs_.OTHER or each not in SOCKETIO,
        _other_server,
    ),
    Constraint(
        "bundle",
        Bilingual(
            "Your limit for the client's code is below the size of Socket.IO's client",
            "클라이언트 코드의 제한이 Socket.IO 클라이언트의 크기보다 작습니다",
        ),
        _named(SOCKETIO),
        _fits_the_page,
        _bundle,
    ),
    Constraint(
        "connect",
        Bilingual(
            "You have a limit until a client can send",
            "클라이언트가 보낼 수 있을 때까지의 시간에 제한이 있습니다",
        ),
        Bilingual(
            "those that take longer; if all do, all but the quickest",
            "더 오래 걸리는 것. 모두 그렇다면 가장 빠른 것을 뺀 나머지",
        ),
        _connects_in_time,
        _connect,
        cost=_connect_cost,
    ),
    Constraint(
        "capacity",
        Bilingual(
            "One core of the server has to carry your deliveries",
            "서버의 코어 하나가 전달을 모두 맡아야 합니다",
        ),
        Bilingual(
            "those that need more; if all do, those that need twice as much as the cheapest",
            "더 많이 쓰는 것. 모두 그렇다면 가장 적게 쓰는 것의 두 배가 넘는 것",
        ),
        _one_core_is_enough,
        _capacity,
        _brief_capacity,
        cost=_cores,
        slack=2,
    ),
)
"""The hardest first. Each counts for the candidates that the rules before it have left."""

"""The claim `wrong-types`: a handshake with a value of the wrong type gets a 4xx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from lab.bilingual import Bilingual, joined
from lab.claims._support.claim import Claim, Finding, Verdict, verdict_of
from lab.claims.handshake import PATIENCE_S, kind_of, no_progress, subjects
from lab.handshakes.cases import RIGHT, Case
from lab.handshakes.survey import Column, survey

HEADERS: Mapping[str, tuple[str, str, str]] = {
    "version-text": ("Sec-WebSocket-Version", "thirteen", "RFC 6455 4.1, 9"),
    "key-not-base64": ("Sec-WebSocket-Key", "not base64 at all", "RFC 6455 4.2.1, 5"),
    "key-too-long": ("Sec-WebSocket-Key", "QUJD" * 8, "RFC 6455 4.2.1, 5"),
    "upgrade-number": ("Upgrade", "13", "RFC 6455 4.2.1, 3"),
    "connection-number": ("Connection", "13", "RFC 6455 4.2.1, 4"),
}
"""Case -> a header, a value of another type than the header's, and the clause that it breaks."""


def _case(name: str) -> Case:
    header, value, clause = HEADERS[name]
    return Case(
        name,
        f"{header}: {value}",
        "RFC 6455",
        clause,
        lambda opening: opening.upgrade.having({header: value}),
    )


class Answered(msgspec.Struct, frozen=True):
    """How the servers answered one case: kind of answer -> servers."""

    case: str
    kinds: Mapping[str, int]

    @property
    def refused(self) -> int:
        """The number of servers that answered with a 4xx."""
        return sum(count for kind, count in self.kinds.items() if kind.startswith("4"))

    @property
    def servers(self) -> int:
        """The number of servers."""
        return sum(self.kinds.values())


def count(columns: Sequence[Column]) -> list[Answered]:
    """Count the answers to each case, of the servers that answer the right handshake with 101."""
    found = []
    for name in HEADERS:
        kinds: dict[str, int] = {}
        for column in columns:
            if column.answers[RIGHT.name].status == 101 and name in column.answers:
                kind = column.answers[name].kind
                kinds[kind] = kinds.get(kind, 0) + 1
        found.append(Answered(name, kinds))
    return found


def judge(answered: Sequence[Answered]) -> Verdict:
    """Judge whether every server refuses every wrong type with a 4xx, some do, or none does."""
    return verdict_of(
        kind.startswith("4") for it in answered for kind, count in it.kinds.items() if count
    )


async def test() -> Finding:
    """Send a right handshake and each wrong type to every server."""
    cases = [RIGHT, *map(_case, HEADERS)]
    answered = count(await survey(subjects(), cases, PATIENCE_S, no_progress))
    in_short = IN_SHORT.fill(
        refused=sum(it.refused for it in answered), sent=sum(it.servers for it in answered)
    )
    return Finding(judge(answered), in_short, tuple(map(_describe, answered)))


IN_SHORT = Bilingual(
    "{refused} of {sent} handshakes with a value of the wrong type got a 4xx.",
    "값의 형식이 틀린 핸드셰이크 {sent}개 중 {refused}개가 4xx를 받았습니다.",
)
SEEN = Bilingual("`{header}: {value}`: {answers}.", "`{header}: {value}`: 응답 {answers}.")
ANSWER = Bilingual("{kind} by {servers} servers", "{kind} (서버 {servers}개)")


def _describe(it: Answered) -> Bilingual:
    header, value, _ = HEADERS[it.case]
    answers = (ANSWER.fill(kind=kind_of(kind), servers=number) for kind, number in it.kinds.items())
    return SEEN.fill(header=header, value=value, answers=joined(", ", answers))


CLAIM = Claim(
    name="wrong-types",
    said=Bilingual(
        "A handshake that has data of the wrong type gets a 4xx error.",
        "핸드셰이크에 잘못된 형식의 데이터가 있으면 4xx 오류를 받습니다.",
    ),
    experiment=Bilingual(
        "The lab sends handshakes to every server in which one header has a value of another "
        "type. It is a text where a number belongs, a key that is not Base64, or a number where a "
        "name belongs.",
        "모든 서버에 헤더 하나의 값이 다른 형식인 핸드셰이크를 보냅니다. 숫자 자리에 글자를, "
        "Base64가 아닌 키를, 이름 자리에 숫자를 넣습니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "Every header of a handshake is text, so a type is what the RFC allows as its value. "
        "Nearly every server answers a 4xx: 400, or 426 for another version or protocol. It is "
        "not quite all: python-socketio alone answers 500 to a Connection header that names no "
        "upgrade. Nor does a 4xx always close the connection.",
        "핸드셰이크의 헤더는 모두 글자이므로, 형식이란 RFC가 그 값에 허용하는 것입니다. 거의 모든 "
        "서버가 4xx로 응답합니다. 보통 400이고, 버전이나 프로토콜이 다르면 426도 있습니다. 다만 "
        "python-socketio만 쓴 서버는 업그레이드가 없는 Connection 헤더에 500으로 응답합니다. "
        "4xx라고 해서 항상 연결을 닫는 것도 아닙니다.",
    ),
    test=test,
    notebook="01_handshake",
)

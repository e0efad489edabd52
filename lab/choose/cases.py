"""Five readers, with the transport that the lab recommends to each."""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.bilingual import Bilingual
from lab.choose import needs as needs_
from lab.choose.needs import Needs


class Case(msgspec.Struct, frozen=True):
    """`title`: who the reader is. `short`: the same, for a list."""

    key: str
    title: Bilingual
    short: Bilingual
    needs: Needs


CASES = (
    Case(
        "class-project",
        Bilingual(
            "A class project in Node and React: a chat with ten rooms of 30, in a network that "
            "nobody "
            "has tried",
            "Node와 React로 하는 수업 과제: 아무도 시험해 보지 않은 네트워크에서 30명의 방 열 "
            "개가 있는 채팅",
        ),
        Bilingual(
            "a class project in Node and React",
            "Node와 React로 하는 수업 과제",
        ),
        Needs(
            server=needs_.NODE,
            members=30,
            rooms=10,
            rate=1,
            features=(needs_.ROOMS, needs_.ACKS),
        ),
    ),
    Case(
        "live-event",
        Bilingual(
            "A live event in Python: 10,000 people in one room, who see five messages a second",
            "Python으로 하는 생중계 행사: 한 방에 10,000명, 1초에 메시지 다섯 개",
        ),
        Bilingual(
            "a live event with 10,000 members in Python",
            "Python으로 하는 멤버 10,000명의 생중계 행사",
        ),
        Needs(
            server=needs_.PYTHON,
            members=10_000,
            rooms=1,
            rate=5,
            features=(needs_.ROOMS, needs_.RECOVERY),
        ),
    ),
    Case(
        "notifications",
        Bilingual(
            "Notifications from server to page: 5,000 people, one notification a minute for each",
            "서버에서 페이지로 가는 알림: 5,000명, 한 사람에게 1분에 알림 하나",
        ),
        Bilingual(
            "notifications from server to page",
            "서버에서 페이지로 가는 알림",
        ),
        Needs(direction=needs_.DOWN, members=1, rooms=5_000, rate=round(1 / 60, 4)),
    ),
    Case(
        "blocked",
        Bilingual(
            "A corporate network that blocks WebSocket: 20 rooms of 25, one message a second in "
            "each",
            "WebSocket을 막는 회사 네트워크: 25명의 방 20개, 방마다 1초에 메시지 하나",
        ),
        Bilingual(
            "a corporate network that blocks WebSocket",
            "WebSocket을 막는 회사 네트워크",
        ),
        Needs(
            members=25,
            rooms=20,
            rate=1,
            blocked=needs_.BLOCKED,
            features=(needs_.ROOMS, needs_.ACKS),
        ),
    ),
    Case(
        "phone-app",
        Bilingual(
            "A phone app with its own client: 100 rooms of 20, over a mobile network with 100 ms",
            "자체 클라이언트를 쓰는 휴대전화 앱: 20명의 방 100개, 왕복 시간이 100 ms인 이동 통신망",
        ),
        Bilingual(
            "a phone app with its own client",
            "자체 클라이언트를 쓰는 휴대전화 앱",
        ),
        Needs(
            client=needs_.APP,
            members=20,
            rooms=100,
            rate=0.2,
            features=(needs_.RECOVERY,),
            rtt_ms=100,
        ),
    ),
)

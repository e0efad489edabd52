"""The table of docs/code.md and docs/code.ko.md: the lines of the simple chats, by concern."""

from __future__ import annotations

from lab.bilingual import Bilingual, Language
from lab.code.concerns import APPLICATION, declared
from lab.code.count import count
from lab.code.sources import Sources

HEAD = Bilingual("lines of code", "코드 줄 수")
TOTAL = Bilingual("in total", "합계")
NATIVE = Bilingual("native", "WebSocket만")
CONCERNS = {
    "connections": "연결",
    "framing": "메시지 형식",
    "acks": "수신 확인",
    "rooms": "방",
    "order": "순서",
    "resume": "이어받기",
    "history": "기록",
    "heartbeat": "하트비트",
    "limits": "제한",
    "origin": "출처",
}
"""Concern -> its Korean name."""


def table(language: Language) -> str:
    """The lines of each simple chat.

    Raises:
        KeyError: a concern has no Korean name.
    """
    chats = count({}, Sources(), declared()).simple
    names = [chat.transport.replace(NATIVE.english, NATIVE.of(language)) for chat in chats]
    lines = [f"| {HEAD.of(language)} | {' | '.join(names)} |", f"|---|{'---:|' * len(chats)}"]
    for concern in APPLICATION:
        if any(chat.lines(concern) for chat in chats):
            named = Bilingual(concern, CONCERNS[concern]).of(language)
            lines.append(f"| {named} | {' | '.join(str(chat.lines(concern)) for chat in chats)} |")
    totals = " | ".join(f"**{chat.application}**" for chat in chats)
    return "\n".join([*lines, f"| **{TOTAL.of(language)}** | {totals} |", ""])

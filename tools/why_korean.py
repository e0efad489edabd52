"""The tables of docs/why.ko.md: those of docs/why.md, with their words in Korean."""

from __future__ import annotations

import re

from lab.bilingual import Language
from lab.why import table as why
from lab.why.causes import CAUSES, Cause
from tools.symptoms import described

HEAD_KO = "| 전송 방식 | 클라이언트 | 클라이언트가 보는 것 | 시간 | 서버가 보는 것 | 시간 | 판정 |"
REASONS = {
    "it has no session apart from its one TCP connection": "TCP 연결 하나 말고는 세션이 없습니다"
}
"""Why a cause can't be injected -> the same in Korean."""
CELLS = {"nothing": "없음", "at once": "바로", "this": "이것"}
NOT_ON = re.compile(r"^Not on (.+): (.+)\.$", re.MULTILINE)
SECONDS = re.compile(r"\| ([\d.]+) s (?=\|)")


def tables() -> str:
    """A section for each cause.

    Raises:
        KeyError: a reason has no Korean text.
    """
    text = why.markdown(why.load()).replace(why.HEAD, HEAD_KO)
    for cause in CAUSES:
        text = _translated(text, cause)
    for english, korean in CELLS.items():
        text = text.replace(f"| {english} |", f"| {korean} |")
    text = SECONDS.sub(r"| \1초 ", text)
    return NOT_ON.sub(lambda found: f"해당 없음({found[1]}): {REASONS[found[2]]}.", text)


def _translated(text: str, cause: Cause) -> str:
    title, meaning, advice = described(cause.name, Language.KOREAN)
    heading = f"## {cause.title[0].upper()}{cause.title[1:]}\n"
    text = text.replace(heading, f"## {title}\n")
    text = text.replace(f"{cause.meaning} {cause.advice}", f"{meaning} {advice}")
    return text.replace(f"| {cause.title} |", f"| {title} |")

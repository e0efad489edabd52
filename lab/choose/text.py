"""Writes a decision down in English or Korean: for a terminal, as Markdown, as JSON values."""

from __future__ import annotations

__pure__ = True

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from lab.answer.evidence import Evidence
from lab.bilingual import Bilingual, Language, joined
from lab.choose.decide import Change, Decision
from lab.choose.facts import CANDIDATES, Sentence
from lab.choose.needs import Needs, described

NOT_TESTED = Bilingual("no experiment of the lab", "실험실의 실험이 없습니다")
COMMAND = " " * 6
"""What a line with a command begins with."""
HAVE = Bilingual("You have: {needs}.", "조건: {needs}.")
TAKE = Bilingual(
    "Take {candidate} ({transport} in the lab).", "추천: {candidate}(실험실의 {transport})."
)
SECTIONS = {
    "reasons": Bilingual("Why", "이유"),
    "price": Bilingual("What it costs", "비용"),
    "conditions": Bilingual("It holds as long as", "추천의 전제"),
    "unmet": Bilingual(
        "What no transport meets together with the rest",
        "나머지와 함께 만족하는 전송 방식이 없는 조건",
    ),
}
"""Part of a decision -> its heading."""
CHANGES = Bilingual("What would change it", "추천이 바뀌는 조건")
REFERENCE = Bilingual(
    "the lab's reference runs ({machine}; {date})", "실험실의 기준 실행({machine}; {date})"
)
ORIGIN = Bilingual(
    "Numbers: {reference}. Yours, once there is a run: lab bench",
    "수치: {reference}. lab bench를 실행하면 이 컴퓨터의 수치를 씁니다",
)
ORIGIN_OWN = Bilingual(
    "Numbers: your run {run} where it has them, otherwise {reference}.",
    "수치: 내 실행 {run}에 있으면 그 값, 없으면 {reference}.",
)


def lines(
    needs: Needs, decision: Decision, evidence: Evidence, language: Language = Language.ENGLISH
) -> Iterator[str]:
    """The decision for a terminal: each sentence, and the command that repeats its experiment."""
    yield HAVE.fill(needs=described(needs)).of(language)
    yield ""
    candidate = CANDIDATES[decision.candidate]
    yield TAKE.fill(candidate=candidate, transport=decision.transport).of(language)
    for part, heading in SECTIONS.items():
        if found := getattr(decision, part):
            yield from ("", heading.of(language))
            yield from (line for one in found for line in _said(one, language))
    if decision.changes:
        yield from ("", CHANGES.of(language))
        yield from (f"  {_changed(one).of(language)}" for one in decision.changes)
    yield from ("", origin(evidence).of(language))


def _said(one: Sentence, language: Language) -> Iterator[str]:
    yield f"  {one.text.of(language)}"
    yield f"{COMMAND}{experiment(one, language)}"


def _changed(one: Change) -> Bilingual:
    return joined(": ", (one.condition, CANDIDATES[one.candidate]))


def wrapped(line: str, width: int) -> str:
    """The line in as many as it needs. A command stays whole, so that it can be copied."""
    if line.startswith(COMMAND):
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False)


def experiment(one: Sentence, language: Language = Language.ENGLISH) -> str:
    """The command of a sentence, with the runs of its numbers."""
    runs = ", ".join(source.of(language) for source in one.sources)
    source = f"   ({runs})" if runs else ""
    return f"{one.command or NOT_TESTED.of(language)}{source}"


def origin(evidence: Evidence) -> Bilingual:
    """Where the numbers come from."""
    packaged = evidence.reference[0]
    reference = REFERENCE.fill(machine=packaged.machine, date=packaged.date)
    if not evidence.own:
        return ORIGIN.fill(reference=reference)
    return ORIGIN_OWN.fill(run=evidence.own[0].run, reference=reference)


def markdown(decision: Decision, language: Language = Language.ENGLISH) -> str:
    """The decision as a list in Markdown."""
    found = []
    for part, heading in (*SECTIONS.items(), ("changes", CHANGES)):
        if parts := getattr(decision, part):
            found.append(f"{heading.of(language)}:\n")
            found += [f"- {_item(one, language)}" for one in parts]
            found.append("")
    return "\n".join(found)


def _item(one: Sentence | Change, language: Language) -> str:
    if isinstance(one, Change):
        return f"{_changed(one).of(language)}."
    shown = f"`{one.command}`" if one.command else f"*{NOT_TESTED.of(language)}*"
    return f"{one.text.of(language)} ({shown})"


def as_values(
    needs: Needs, decision: Decision, evidence: Evidence, language: Language = Language.ENGLISH
) -> dict[str, Any]:
    """The decision as JSON values, its sentences in one language."""
    values = {
        "needs": msgspec.to_builtins(needs),
        "recommendation": CANDIDATES[decision.candidate],
        **asdict(decision),
        "numbers": origin(evidence),
    }
    return {name: _in(language, value) for name, value in values.items()}


def _in(language: Language, value: Any) -> Any:
    """The value with each text in one language."""
    if isinstance(value, Bilingual):
        return value.of(language)
    if isinstance(value, dict):
        return {name: _in(language, one) for name, one in value.items()}
    return [_in(language, one) for one in value] if isinstance(value, list | tuple) else value

"""What the documents say of the decision: the rules, and five readers with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lab.answer import reference
from lab.answer.evidence import Evidence
from lab.bilingual import Bilingual, Language
from lab.choose import bundle, text
from lab.choose.cases import CASES, Case
from lab.choose.constraints import CONSTRAINTS
from lab.choose.decide import Decision, decide
from lab.choose.facts import CANDIDATES, Facts
from lab.choose.needs import described
from lab.choose.preferences import PREFERENCES
from lab.cost import text as costs
from lab.cost.model import ASSUMPTIONS

PAGE_WORDS = Path(__file__).resolve().parent.parent / "web" / "src" / "cost" / "words.ts"
SHORT = Bilingual(
    "**What should I take?** `lab choose` asks six questions about your case and gives its\n"
    "reasons; [docs/choose.md](docs/choose.md) has those of these five:",
    "**무엇을 쓸까요?** `lab choose --language ko`는 질문 여섯 개를 하고 이유와 함께 추천합니다.\n"
    "[docs/choose.ko.md](docs/choose.ko.md)에는 다음 다섯 경우의 이유가 있습니다.",
)
ORDER = Bilingual(
    "| what you need | the order |\n|---|---|", "| 필요한 것 | 고르는 순서 |\n|---|---|"
)
OUT = Bilingual("| what you need | ruled out |\n|---|---|", "| 필요한 것 | 빠지는 것 |\n|---|---|")
ASSUMED = Bilingual("Assumed:", "가정:")
CHOSEN = Bilingual(
    "**{candidate}** (`{transport}` in the lab).", "**{candidate}**(실험실의 `{transport}`)."
)


def short(language: Language) -> str:
    """The five answers, a line each."""
    return "\n".join([SHORT.of(language), "", *(_line(case, language) for case in CASES), ""])


def _line(case: Case, language: Language) -> str:
    found = _decided(case)
    candidate = CANDIDATES[found.candidate].of(language)
    return f"- {case.short.of(language)}: **{candidate}**: {found.brief.of(language)}."


def rules(language: Language) -> str:
    """The order of the candidates, and what rules one out."""
    lines = [ORDER.of(language)]
    for one in PREFERENCES:
        order = ", ".join(CANDIDATES[each].of(language) for each in one.order)
        lines.append(f"| {one.title.of(language)} | {order} |")
    lines += ["", OUT.of(language)]
    lines += [f"| {one.title.of(language)} | {one.rules_out.of(language)} |" for one in CONSTRAINTS]
    return "\n".join(lines) + "\n"


def assumed(language: Language) -> str:
    """What a cost assumes."""
    sentences = costs.assumptions() if language is Language.ENGLISH else _assumed_in_korean()
    return f"{ASSUMED.of(language)}\n\n" + "".join(f"- {sentence}\n" for sentence in sentences)


def _assumed_in_korean() -> Iterator[str]:
    """The sentences of the page, which has them in English and then in Korean."""
    words = PAGE_WORDS.read_text(encoding="utf-8")
    for key in ASSUMPTIONS:
        _english, korean = re.findall(rf'\n    assume_{key}:\s*"([^"]*)"', words)
        yield korean


def cases(language: Language) -> str:
    """The five readers, each with the whole decision."""
    return "\n".join(_case(case, language) for case in CASES)


def _case(case: Case, language: Language) -> str:
    found = _decided(case)
    chosen = CHOSEN.fill(candidate=CANDIDATES[found.candidate], transport=found.transport)
    return (
        f"### {case.title.of(language)}\n\n"
        f"*{described(case.needs).of(language)}.*\n\n"
        f"{chosen.of(language)}\n\n"
        f"{text.markdown(found, language)}"
    )


def _decided(case: Case) -> Decision:
    evidence = Evidence((), tuple(reference.load().runs))
    return decide(Facts(case.needs, evidence, bundle.load()))

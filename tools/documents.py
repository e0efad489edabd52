"""Makes the tables of docs/documents.md and docs/documents.ko.md from the claims."""

from __future__ import annotations

from collections.abc import Iterator

from lab.bilingual import Bilingual, Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS, Claim
from lab.claims.documents import SENTENCES, Sentence
from tools.claimed import PAGE

HEAD = Bilingual(
    "| sentence | claim | verdict | command | notebook |",
    "| 문장 | 주장 | 판정 | 명령 | 노트북 |",
)


def sentences(language: Language) -> str:
    """Every sentence of the documents with its claim, verdict, command and notebook."""
    return _table(list(SENTENCES), language)


def beliefs(language: Language) -> str:
    """The common beliefs, which the documents do not state, in the same form."""
    claims = (load(name) for name in CLAIMS)
    return _table([Sentence(it.name, it.said) for it in claims if it.common_belief], language)


def _table(listed: list[Sentence], language: Language) -> str:
    return "\n".join([HEAD.of(language), "|---|---|---|---|---|", *_rows(listed, language)]) + "\n"


def _rows(listed: list[Sentence], language: Language) -> Iterator[str]:
    """Yield the rows; the first one of a claim has an anchor."""
    seen: set[str] = set()
    for sentence in listed:
        anchor = "" if sentence.claim in seen else f'<a id="{sentence.claim}"></a>'
        seen.add(sentence.claim)
        yield f"| {anchor}{sentence.said.of(language)} | {_cells(load(sentence.claim), language)} |"


def _cells(claim: Claim, language: Language) -> str:
    return " | ".join(
        (
            f"[{claim.name}]({PAGE.of(language)}#{claim.name})",
            f"**{VERDICTS[claim.verdict].of(language)}**",
            f"`lab claims {claim.name}`",
            f"[{claim.notebook}](../notebooks/{claim.notebook}.ipynb)",
        )
    )

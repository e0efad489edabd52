"""The parts of docs/claims.md and docs/claims.ko.md that the claims say themselves."""

from __future__ import annotations

from lab.bilingual import Bilingual, Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS, Claim

PAGE = Bilingual("claims.md", "claims.ko.md")
HEAD = Bilingual("| claim | verdict |\n|---|---|", "| 주장 | 판정 |\n|---|---|")
BELIEF = Bilingual(" *(common belief)*", " *(흔한 믿음)*")
SECTION = Bilingual(
    """### {name}

> {english}
>
> {korean}

**Experiment:** {experiment}

**{verdict}.** {because}

`lab claims {name}` runs it. [Its sentence](documents.md#{name}),
[its notebook](../notebooks/{notebook}.ipynb).
""",
    """### {name}

> {korean}

**실험:** {experiment}

**{verdict}.** {because}

`lab claims {name} --lang ko`로 실행합니다. [문서의 문장](documents.ko.md#{name}),
[노트북](../notebooks/{notebook}.ko.ipynb).
""",
)


def verdicts(language: Language) -> str:
    """Every claim with its verdict and a link to its section."""
    lines = [HEAD.of(language)]
    for claim in map(load, CLAIMS):
        belief = BELIEF.of(language) if claim.common_belief else ""
        said, verdict = claim.said.of(language), VERDICTS[claim.verdict].of(language)
        lines.append(f"| [{said}](#{claim.name}){belief} | **{verdict}** |")
    return "\n".join(lines) + "\n"


def descriptions(language: Language) -> str:
    """Every claim with its experiment and the verdict explained."""
    return "\n".join(_describe(claim, language) for claim in map(load, CLAIMS))


def _describe(claim: Claim, language: Language) -> str:
    verdict = VERDICTS[claim.verdict].of(language)
    return SECTION.fill(
        name=claim.name,
        english=claim.said.english,
        korean=claim.said.korean,
        experiment=claim.experiment,
        verdict=verdict[:1].upper() + verdict[1:],
        because=claim.because,
        notebook=claim.notebook,
    ).of(language)

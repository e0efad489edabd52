"""Describes a run's numbers in sentences that are computed from its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import lab
from lab.measure.stats import FEWEST_PASSES, Comparison
from lab.report.model import formatting
from lab.report.model.cells import FigureSummary
from lab.report.model.summary import BASELINE, Summary


def run_folders() -> list[Path]:
    """Return the folders that may hold runs: the user's own before the reference runs.

    The checkout is the nearest folder upwards with `results/README.md`, else this package's.
    """
    here = Path.cwd()
    above = (folder / "results" for folder in (here, *here.parents))
    own = Path(lab.__file__).parents[1] / "results"
    results = next((folder for folder in above if (folder / "README.md").is_file()), own)
    return [results, results / "reference"]


@dataclass(frozen=True)
class Prose:
    """Markdown that the notebook renders. `korean`: the same for the Korean notebook, if any.

    The output keeps both, so that one execution serves both languages.
    """

    markdown: str
    korean: str = ""

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, Any]]:
        korean = {"text/markdown": {"ko": self.korean}} if self.korean else {}
        return {"text/markdown": self.markdown}, korean

    def __repr__(self) -> str:
        return self.markdown


def table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], korean: Sequence[str] = ()
) -> Prose:
    """Return a table with names in the first column and numbers in the others.

    `korean`: the heads in Korean; the rows are the same.
    """
    lines = [[":--", *["--:"] * (len(heads) - 1)], *rows]
    text = "\n".join(_row(line) for line in lines)
    return Prose(f"{_row(heads)}\n{text}", f"{_row(korean)}\n{text}" if korean else "")


def verdicts(summary: Summary, key: str, lead: Prose, finding: str) -> Prose:
    """Describe what a run's verdicts say about a figure.

    `finding` contains `{ratio}` and `{baseline}`, as in "takes {ratio} as long as {baseline}". The
    Korean sentence names the ratios only.
    """
    figure = summary.figure(key)
    if figure is None:
        return Prose(
            f"{lead.markdown}: this run did not measure it.",
            f"{lead.korean}: 이 실행에서는 측정하지 않았습니다.",
        )
    compared = figure.comparisons()
    ratios = figure.established()
    furthest = sorted(ratios, key=lambda transport: abs(log(ratios[transport])), reverse=True)
    parts = [f"`{transport}` {_ratio(compared[transport])}" for transport in furthest]
    listed = [
        _established(summary, lead, parts, finding) if parts else _none(summary, lead, compared),
        _same(figure),
        _left_out(figure),
    ]
    return Prose(
        " ".join(one.markdown for one in listed if one.markdown),
        " ".join(one.korean for one in listed if one.korean),
    )


def _established(summary: Summary, lead: Prose, parts: Sequence[str], finding: str) -> Prose:
    baseline = f"`{summary.baseline}`"
    name, _, ratio = parts[0].partition(" ")
    first = f"{name} {finding.format(ratio=ratio, baseline=baseline)}"
    return Prose(
        f"{lead.markdown}, {'; '.join([first, *parts[1:]])}.",
        f"{lead.korean}, {baseline} 대비: {'; '.join(parts)}.",
    )


def _none(summary: Summary, lead: Prose, compared: Mapping[str, Comparison]) -> Prose:
    why = _no_verdict(summary, compared)
    return Prose(f"{lead.markdown}: {why.markdown}.", f"{lead.korean}: {why.korean}.")


def _same(figure: FigureSummary) -> Prose:
    """Name the transports that do not differ, and what the run would have shown."""
    smallest = {
        transport: figure.cells[transport].smallest_detectable
        for transport, one in figure.comparisons().items()
        if one.verdict == "no detectable difference"
    }
    found = {f"`{name}`": f"{value - 1:.1%}" for name, value in smallest.items() if value}
    english = [
        f"{name} (the run would have shown a difference of {at})" for name, at in found.items()
    ]
    korean = [f"{name} ({at} 차이부터 알 수 있는 실행입니다)" for name, at in found.items()]
    return _listed("No detectable difference", "차이를 확인하지 못함", english, korean)


def _left_out(figure: FigureSummary) -> Prose:
    marked = [f"`{name}` ({cell.mark})" for name, cell in figure.cells.items() if cell.mark]
    return _listed("Not compared", "비교하지 않음", marked, marked)


def _listed(lead: str, lead_ko: str, english: Sequence[str], korean: Sequence[str]) -> Prose:
    if not english:
        return Prose("")
    return Prose(f"{lead}: {', '.join(english)}.", f"{lead_ko}: {', '.join(korean)}.")


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _ratio(comparison: Comparison) -> str:
    return (
        f"**{formatting.times(comparison.ratio)}×** "
        + formatting.ratio(comparison).partition(" ")[2]
    )


def _no_verdict(summary: Summary, compared: Mapping[str, Comparison]) -> Prose:
    if any(one.verdict == "too few passes" for one in compared.values()):
        return Prose(
            f"no verdict: it takes {FEWEST_PASSES} passes, and this run has {summary.passes}",
            f"판정 없음(패스 {FEWEST_PASSES}회가 필요하지만 이 실행은 {summary.passes}회입니다)",
        )
    if compared:
        return Prose(
            f"no transport differs from `{summary.baseline}` in this run",
            f"이 실행에서는 `{summary.baseline}`과 차이를 보이는 전송 방식이 없습니다",
        )
    if summary.baseline is None:
        return Prose(
            f"no verdict: this run has no `{BASELINE}` to compare with",
            f"판정 없음(비교 기준인 `{BASELINE}`이 이 실행에 없습니다)",
        )
    return Prose("nothing to compare", "비교할 대상이 없습니다")

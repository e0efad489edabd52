"""A run's numbers in words: beside a notebook's pictures, worked out from the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import lab
from lab.measure.stats import FEWEST_PASSES, Comparison
from lab.report import words
from lab.report.summary import BASELINE, Summary


def run_folders() -> list[Path]:
    """Where runs are looked for, wherever the kernel was started: own ones before the reference.

    The checkout is the nearest folder upwards that has `results/README.md`, else this package's.
    """
    here = Path.cwd()
    above = (folder / "results" for folder in (here, *here.parents))
    own = Path(lab.__file__).parents[1] / "results"
    results = next((folder for folder in above if (folder / "README.md").is_file()), own)
    return [results, results / "reference"]


@dataclass(frozen=True)
class Prose:
    """Markdown, shown as such."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Prose:
    """A table whose first column holds names and whose others hold numbers."""
    lines = [heads, [":--", *["--:"] * (len(heads) - 1)], *rows]
    return Prose("\n".join(f"| {' | '.join(map(str, line))} |" for line in lines))


def verdicts(summary: Summary, key: str, lead: str, finding: str) -> Prose:
    """What a run's verdicts say of a figure, and no more than they say.

    `finding` has `{ratio}` and `{baseline}`, as "takes {ratio} as long as {baseline}".
    """
    figure = summary.figure(key)
    if figure is None:
        return Prose(f"{lead}: this run did not measure it.")
    compared = figure.comparisons()
    ratios = figure.established()
    furthest = sorted(ratios, key=lambda wire: abs(log(ratios[wire])), reverse=True)
    told = [f"`{wire}` {_ratio(compared[wire])}" for wire in furthest]
    if told:
        first = finding.format(
            ratio=_ratio(compared[furthest[0]]), baseline=f"`{summary.baseline}`"
        )
        told[0] = f"`{furthest[0]}` {first}"
    said = [f"{lead}, {'; '.join(told)}." if told else f"{lead}: {_no_verdict(summary, compared)}."]
    same = [
        f"`{wire}` (a difference of {smallest - 1:.1%} would have shown)"
        for wire, one in compared.items()
        if one.verdict == "no detectable difference"
        and (smallest := figure.cells[wire].smallest_detectable) is not None
    ]
    left_out = [f"`{wire}` ({cell.mark})" for wire, cell in figure.cells.items() if cell.mark]
    said += [f"No detectable difference: {', '.join(same)}."] if same else []
    said += [f"Not compared: {', '.join(left_out)}."] if left_out else []
    return Prose(" ".join(said))


def _ratio(comparison: Comparison) -> str:
    return f"**{words.times(comparison.ratio)}×** " + words.ratio(comparison).partition(" ")[2]


def _no_verdict(summary: Summary, compared: Mapping[str, Comparison]) -> str:
    if any(one.verdict == "too few passes" for one in compared.values()):
        return f"no verdict, which takes {FEWEST_PASSES} passes, and this run has {summary.passes}"
    if compared:
        return f"no wire is shown to differ from `{summary.baseline}`"
    if summary.baseline is None:
        return f"no verdict, for this run has no `{BASELINE}` to compare with"
    return "nothing to compare"

"""`lab claims`: runs the experiments of claims that learners hear about the protocols."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from lab.bilingual import Bilingual, Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS, Verdict
from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, write

if TYPE_CHECKING:
    from lab.claims._support.run import Outcome

STYLES = {
    Verdict.HOLDS: "bold green",
    Verdict.DOES_NOT_HOLD: "bold red",
    Verdict.DEPENDS: "bold yellow",
    Verdict.CANT_TELL: "yellow",
    Verdict.NOT_TESTED: "dim",
}
LINES_EACH = 4
DOCUMENTS = Bilingual("docs/documents.md", "docs/documents.ko.md")

CLAIM = Bilingual("claim", "주장")
VERDICT = Bilingual("verdict", "판정")
AFTER = Bilingual("after", "시간")
SPENT = Bilingual("{seconds:.0f} s", "{seconds:.0f}초")
BELIEF = Bilingual("common belief", "통념")
EXPERIMENT = Bilingual("Experiment: ", "실험: ")
RESULT = Bilingual("Verdict: ", "판정: ")
WHY = Bilingual("Why: ", "이유: ")
MORE = Bilingual("More: ", "더 보기: ")
COUNTED = Bilingual("{verdict}: {count}", "{verdict} {count}개")
FURTHER = Bilingual(
    "lab claims NAME --details explains a claim, --trace shows its bytes; {documents} has them "
    "all.",
    "lab claims NAME --details는 설명을, --trace는 바이트를 보여 줍니다. 전체는 {documents}에 "
    "있습니다.",
)
NO_BYTES = Bilingual("nothing was captured", "잡은 바이트가 없습니다")


NAMES = fill(f"The claims: {', '.join(CLAIMS)}.", 78, break_on_hyphens=False)


@click.command(epilog=f"\b\n{NAMES}\n\nExample: lab claims rooms --lang ko")
@click.argument("names", nargs=-1, type=click.Choice(list(CLAIMS)), metavar="[NAME]...")
@click.option(
    "--lang",
    type=click.Choice([str(language) for language in Language]),
    default=str(Language.ENGLISH),
    show_default=True,
    help="The language of the output.",
)
@click.option("--korean", "lang", flag_value=str(Language.KOREAN), help="The same as --lang ko.")
@click.option("--details", is_flag=True, help="Show the experiment, all evidence and the reason.")
@click.option("--trace", is_flag=True, help="Show the bytes on the wire too; only with NAME.")
@click.option("--full", is_flag=True, help="With --trace: show all bytes.")
@click.option(
    "--json",
    "json_file",
    type=OUTPUT,
    help="Write the results to this file, too.",
)
def claims(
    names: tuple[str, ...],
    lang: str,
    details: bool,
    trace: bool,
    full: bool,
    json_file: Path | None,
) -> None:
    """Test what learners hear about WebSocket and Socket.IO.

    Each claim has an experiment with real servers and clients. The verdict follows from what the
    experiment observes. The exit code is 1 if a verdict differs from the expected one or an
    experiment fails. If the environment variable CI is set, a claim that could not be tested
    counts too.

    \b
    lab claims                          # all claims, in a few minutes: a line of evidence each
    lab claims rooms slow --details     # two claims, with the reasons
    lab claims never-across --trace     # one claim, with the bytes on the wire
    """  # noqa: D301 - click's mark is the backspace itself
    if (trace or full) and not names:
        raise click.UsageError("--trace shows the bytes of a claim: add its NAME")
    console = open_console(highlight=False)
    language = Language(lang)
    explained = details or trace or full
    chosen = [*dict.fromkeys(names)] or list(CLAIMS)
    if not explained:
        console.print(heading(language))
    outcomes = []
    for outcome in run(chosen, console):
        outcomes.append(outcome)
        console.print(describe(outcome, language) if explained else row(outcome, language))
        if explained:
            console.print()
        if trace or full:
            _trace(outcome, 0 if full else LINES_EACH, language, console)
    if len(outcomes) > 1:
        console.print("", summary(outcomes, language), sep="\n")
    if not explained:
        console.print(Text(FURTHER.fill(documents=DOCUMENTS).of(language), style="dim"))
    if json_file is not None:
        _write(json_file, outcomes)
    _complain(outcomes)


def run(names: Sequence[str], console: Console) -> Iterator[Outcome]:
    """Run the experiments of these claims, one after the other, with a progress bar."""
    from lab.claims._support.run import put_to_test

    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with ProgressBar(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=len(names))
        for name in names:
            bar.update(task, description=name)
            yield ending.run(put_to_test(load(name)))
            bar.advance(task)


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for width in (22, 17, 6):
        grid.add_column(min_width=width, no_wrap=True)
    return grid


def heading(lang: Language) -> Table:
    """Return the heading of the table whose rows come as the experiments end."""
    grid = _grid()
    grid.add_row(*(Text(head.of(lang), style="dim") for head in (CLAIM, VERDICT, AFTER)))
    return grid


def row(outcome: Outcome, lang: Language) -> Group:
    """Return a claim's row: its name, verdict and time, and one line of evidence."""
    grid = _grid()
    name = Text(outcome.claim.name, style="bold")
    grid.add_row(name, _verdict(outcome, lang), SPENT.fill(seconds=outcome.took_s).of(lang))
    return Group(grid, Padding(Text(outcome.finding.in_short.of(lang)), (0, 0, 0, 2)))


def _verdict(outcome: Outcome, lang: Language) -> Text:
    verdict = outcome.finding.verdict
    return Text(VERDICTS[verdict].of(lang), style=STYLES[verdict])


def describe(outcome: Outcome, lang: Language) -> Group:
    """Format a claim with its experiment, its evidence, its verdict and the reason."""
    claim = outcome.claim
    belief = f"  {BELIEF.of(lang)}" if claim.common_belief else ""

    def labelled(label: Bilingual, text: str | Text) -> Text:
        return Text.assemble((label.of(lang), "dim"), text)

    return Group(
        Text.assemble((claim.name, "bold underline"), (belief, "dim")),
        Text(claim.said.of(lang)),
        labelled(EXPERIMENT, claim.experiment.of(lang)),
        _listed(sentence.of(lang) for sentence in outcome.finding.evidence),
        labelled(RESULT, _verdict(outcome, lang)),
        labelled(WHY, claim.because.of(lang)),
        labelled(MORE, f"{DOCUMENTS.of(lang)}#{claim.name}, notebooks/{claim.notebook}.ipynb"),
    )


def _listed(sentences: Iterable[str]) -> Table:
    """Return each sentence as a paragraph behind a dash."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for sentence in sentences:
        grid.add_row("  -", Text(sentence))
    return grid


def _trace(outcome: Outcome, lines_each: int, lang: Language, console: Console) -> None:
    """Print the bytes of the experiment, one capture after the other."""
    from lab.cli.trace import show
    from lab.decode.decode import decode

    if not outcome.finding.captures:
        console.print(Text(f"{outcome.claim.name}: {NO_BYTES.of(lang)}\n", style="dim"))
    for label, capture in outcome.finding.captures.items():
        console.print(Text(f"{outcome.claim.name}: {label}", style="bold underline"))
        show(decode(capture.chunks, capture.events), lines_each, console)


def summary(outcomes: Iterable[Outcome], lang: Language) -> str:
    """Say how many claims have which verdict."""
    counted = Counter(outcome.finding.verdict for outcome in outcomes)
    return ", ".join(
        COUNTED.fill(verdict=VERDICTS[verdict], count=counted[verdict]).of(lang)
        for verdict in STYLES
        if counted[verdict]
    )


def records(outcomes: Iterable[Outcome]) -> Iterator[dict[str, object]]:
    """Yield each claim, its expected verdict and its finding as plain values."""
    for outcome in outcomes:
        claim = outcome.claim
        yield {
            "name": claim.name,
            "common_belief": claim.common_belief,
            "expected": str(claim.verdict),
            "verdict": str(outcome.finding.verdict),
            "took_s": round(outcome.took_s, 3),
            "notebook": f"notebooks/{claim.notebook}.ipynb",
            **{str(lang): _texts(outcome, lang) for lang in Language},
        }


def _texts(outcome: Outcome, lang: Language) -> dict[str, object]:
    claim, finding = outcome.claim, outcome.finding
    return {
        "claim": claim.said.of(lang),
        "asked": claim.experiment.of(lang),
        "verdict": VERDICTS[finding.verdict].of(lang),
        "because": claim.because.of(lang),
        "in_short": finding.in_short.of(lang),
        "evidence": [sentence.of(lang) for sentence in finding.evidence],
        "row": f"{DOCUMENTS.of(lang)}#{claim.name}",
    }


def _write(file: Path, outcomes: Iterable[Outcome]) -> None:
    written = msgspec.json.format(msgspec.json.encode(list(records(outcomes))), indent=2)
    write(file, written + b"\n")


def _complain(outcomes: Iterable[Outcome]) -> None:
    """Exit with code 1 if a result is not the expected one."""
    complaints = []
    for outcome in outcomes:
        if complaint := outcome.complaint(strict=bool(os.environ.get("CI"))):
            complaints.append(complaint)
            click.echo(outcome.traceback + complaint, err=True)
    if complaints:
        raise click.exceptions.Exit(1)

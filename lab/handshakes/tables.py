"""Formats the answers to handshakes, for a terminal and for a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from lab.handshakes.answer import After, Answer
from lab.handshakes.cases import CASES, RIGHT, Case
from lab.handshakes.survey import Column

ABSENT = "–"
LEGEND = (
    "kept: a right request on the same connection is answered; after a 101, a ping is",
    "closed: the server ends the connection",
    "deaf: the connection stays open, but nothing more is answered",
    "silence: no answer within the time limit; hung up: a close without an answer",
    "n left: sessions that stay in the server after the refusal, where the server can tell",
    f"{ABSENT}: does not apply: the server does not speak Engine.IO, or has no sessions over HTTP",
)


def style(case: Case, answer: Answer) -> str:
    """Return red for a wrong handshake that was accepted or got no 4xx, yellow for a kept one."""
    if case is RIGHT:
        return "red" if answer.refused else "green"
    if answer.left or not answer.refused or answer.status is None or answer.status >= 500:
        return "red"
    return "" if answer.by_the_documents else "yellow"


def overview(title: str, columns: Sequence[Column], cases: Sequence[Case]) -> Table:
    """Return a table with cases in rows and servers in columns."""
    table = _table(title)
    table.add_column("what is wrong", no_wrap=True)
    for column in columns:
        table.add_column(column.name.replace("-", "-\n"), no_wrap=False)
    for case in cases:
        answers = (column.answers.get(case.name) for column in columns)
        table.add_row(case.wrong, *(_cell(case, answer) for answer in answers))
    return table


def _cell(case: Case, answer: Answer | None) -> Text:
    if answer is None:
        return Text(ABSENT, style="dim")
    return Text(str(answer), style=style(case, answer))


def details(case: Case, columns: Sequence[Column]) -> Table:
    """Return a table of one case: each server with its answer in words."""
    table = _table(f"{case.wrong} ({case.name}; {case.clause})")
    for name in ("server", "answer", "reason", "body, or close frame"):
        table.add_column(name, no_wrap=name == "server")
    for column in columns:
        answer = column.answers.get(case.name)
        table.add_row(column.name, _cell(case, answer), *map(Text, _words(answer)))
    return table


def _words(answer: Answer | None) -> tuple[str, str]:
    if answer is None:
        return "", ""
    offered = f" (Sec-WebSocket-Version: {answer.version})" if answer.version else ""
    return answer.reason + offered, answer.body


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )


def markdown(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the lines of a table with one column for each set of servers with equal answers.

    A case that applies to none of the servers has no row.
    """
    alike = [list(group) for _, group in groupby(sorted(columns, key=_texts), key=_texts)]
    alike.sort(key=lambda group: columns.index(group[0]))
    yield _row("what is wrong", *(", ".join(f"`{c.name}`" for c in group) for group in alike))
    yield _row("---", *("---" for _ in alike))
    for case in CASES.values():
        answers = [group[0].answers.get(case.name) for group in alike]
        if any(answers):
            yield _row(case.wrong, *(_marked(case, answer) for answer in answers))


def markdown_cases() -> Iterator[str]:
    """Yield the lines of a table of every case: its name on the command line, and its clause."""
    yield _row("what is wrong", "`--case`", "clause")
    yield _row("---", "---", "---")
    for case in CASES.values():
        yield _row(case.wrong, f"`{case.name}`", case.clause)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _texts(column: Column) -> list[str]:
    return [str(column.answers.get(name, ABSENT)) for name in CASES]


def _marked(case: Case, answer: Answer | None) -> str:
    """Return an answer, in bold where it is not a refusal with a 4xx."""
    if answer is None:
        return ABSENT
    four = answer.status is not None and 400 <= answer.status < 500 and not answer.left
    plain = answer.after is not After.DEAF and (case is RIGHT or four)
    return str(answer) if plain else f"**{answer}**"

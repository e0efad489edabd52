"""`lab judge`: which clauses of its protocols a running server keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, write
from lab.cli.target import TargetOptions, target_failures, target_options
from lab.cli.values import Finite

if TYPE_CHECKING:
    from lab.judge.case import Case
    from lab.judge.run import Result
    from lab.judge.site import Declared
    from lab.target.secret_values import Secrets

LINES_EACH = 4
STYLES = {"ok": "green", "not strict": "yellow", "failed": "bold red", "not asked": "dim"}


PROTOCOLS = ("websocket", "engineio", "socketio")
ACK = "ack"


@click.command()
@target_options
@click.option("--websocket", is_flag=True, help="Judge by RFC 6455.")
@click.option("--engineio", is_flag=True, help="Judge by Engine.IO 4.")
@click.option("--socketio", is_flag=True, help="Judge by Socket.IO 5.")
@click.option(
    "--room",
    is_flag=True,
    help="It carries the lab's room with the default limits: judge it by docs/room.md too.",
)
@click.option("--echo", is_flag=True, help="The server sends each message, or its answer, back.")
@click.option("--event", metavar="NAME", help="An event of Socket.IO that the server answers.")
@click.option(
    "--answer",
    metavar="NAME",
    default=ACK,
    show_default=True,
    help="The event that answers it; ack: its acknowledgement does.",
)
@click.option(
    "--frame-bytes",
    type=click.IntRange(1, 1 << 26),
    help="The largest message that the server takes: a larger one is sent too.",
)
@click.option(
    "--longest",
    type=Finite(0.1, 600),
    default=50,
    show_default=True,
    help="Seconds that a case may wait for a heartbeat.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Play only cases whose name has this in it, with * and ?; may be repeated.",
)
@click.option("--list", "listed", is_flag=True, help="List the cases, and send nothing.")
@click.option("--full", is_flag=True, help="Show all bytes of a conversation.")
@click.option("--junit", "junit_file", type=OUTPUT, help="Write JUnit's XML to this file, too.")
@click.option("--json", "json_file", type=OUTPUT, help="Write the results to this file, too.")
def judge(
    options: TargetOptions,
    only: tuple[str, ...],
    listed: bool,
    full: bool,
    junit_file: Path | None,
    json_file: Path | None,
    **said: Any,
) -> None:
    """Judge the server at URL: which clauses of its protocols it keeps, and which it breaks.

    It is judged by RFC 6455, Engine.IO 4 and Socket.IO 5, as far as it speaks them, and with --room
    by the lab's own room. For each failure: what was expected, what came, the clause, the first
    byte that is wrong, and the conversation. The exit code is 1 if a case failed.

    \b
    lab judge ws://localhost:8080/ --echo                        # a WebSocket server that echoes
    lab judge http://localhost:3000 --event ping --answer pong         # a Socket.IO server
    lab judge ws://localhost:8080/ --room                         # a chat room by docs/room.md
    lab judge ws://localhost:8080/chat --only 'UTF-8'                 # some cases
    lab judge ws://localhost:8080/ --list                               # what is judged
    lab judge ws://localhost:8080/ --junit judge.xml                    # for a CI
    """  # noqa: D301 - click's mark is the backspace itself
    from lab.judge.verdict import Verdict
    from lab.target.secret_values import Secrets

    wanted = [name for name in PROTOCOLS if said[name]]
    room = ["room"] if said["room"] else []
    console = open_console(highlight=False)
    if listed:
        _list(_cases([*(wanted or PROTOCOLS), *room], only, None), console)
        return
    secrets = Secrets()
    results = _judge(options, _declared(options, said), wanted, only, secrets)
    _show(results, secrets, 0 if full else LINES_EACH, console)
    _write(options, results, secrets, junit_file, json_file)
    if any(result.verdict is Verdict.FAILED for result in results):
        raise click.exceptions.Exit(1)


def _cases(protocols: Iterable[str], only: Sequence[str], socket_io: bool | None) -> list[Case]:
    """The cases of these protocols that the patterns fit. Raises BadParameter if there is none."""
    from lab.judge.cases import cases_of
    from lab.judge.run import matching

    cases = matching(cases_of(protocols, socket_io), only)
    if not cases:
        raise click.BadParameter("no case has this in its name: see --list", param_hint="--only")
    return cases


def _declared(options: TargetOptions, said: Mapping[str, Any]) -> Declared:
    from lab.judge.site import Declared

    return Declared(
        echo=said["echo"],
        room=said["room"],
        event=said["event"],
        answer=None if said["answer"] == ACK else said["answer"],
        frame_bytes=said["frame_bytes"],
        patience_s=options.timeout_s,
        longest_s=said["longest"],
    )


def _list(cases: Sequence[Case], console: Console) -> None:
    for case in cases:
        console.print(Text.assemble(case.id, (f"  {case.clause}", "dim")), soft_wrap=True)


def _judge(
    options: TargetOptions,
    declared: Declared,
    wanted: Sequence[str],
    only: Sequence[str],
    secrets: Secrets,
) -> list[Result]:
    from lab.judge.run import judge as play
    from lab.judge.site import site_of
    from lab.judge.spoken import learn
    from lab.target.endpoint import permit
    from lab.target.errors import TargetError
    from lab.target.problems import SEE_PROBE, explained

    bar = ProgressBar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=open_console(stderr=True),
        transient=True,
    )
    task = bar.add_task("cases", total=None)

    async def main() -> list[Result]:
        endpoint = await permit(options.target, options.permission, options.timeout_s)
        site = site_of(
            endpoint, options.headers, options.path, declared, secrets, insecure=options.insecure
        )
        with explained(options.target, options.timeout_s):
            site, spoken = await learn(site)
        lacking = [name for name in wanted or PROTOCOLS if name not in spoken]
        if lacking and (wanted or not spoken):
            raise TargetError(f"{options.target} does not speak {' or '.join(lacking)}", SEE_PROBE)
        room = ["room"] if declared.room else []
        cases = _cases([*(wanted or spoken), *room], only, site.engine is not None)
        return await play(
            site, cases, lambda done, all_: bar.update(task, completed=done, total=all_)
        )

    with target_failures(), bar:
        return ending.run(main())


def _show(results: Sequence[Result], secrets: Secrets, lines_each: int, console: Console) -> None:
    from lab.judge.run import counted
    from lab.judge.verdict import Verdict

    console.print(_table(results))
    for verdict in (Verdict.NOT_STRICT, Verdict.FAILED):
        for result in results:
            if result.verdict is verdict:
                _show_one(result, secrets, lines_each, console)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in counted(results).items())
    console.print(Text(f"{len(results)} cases: {counts}", style="bold"))


def _table(results: Sequence[Result]) -> Table:
    from lab.judge.run import counted

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("cases", no_wrap=True)
    for name in STYLES:
        table.add_column(name, justify="right")
    for group, members in groupby(results, key=lambda result: result.case.group):
        counts = counted(list(members))
        cells = (Text(str(n) if n else "", style=STYLES[name]) for name, n in counts.items())
        table.add_row(group, *cells)
    return table


def _show_one(result: Result, secrets: Secrets, lines_each: int, console: Console) -> None:
    """Print a finding, and below a failure its conversation, as `lab trace` does."""
    from lab.cli.trace import show
    from lab.decode.decode import decode
    from lab.judge.report import facts, masked
    from lab.judge.verdict import Verdict

    head = (f"\n{result.verdict}", STYLES[result.verdict])
    clause = (f"  {result.case.clause}", "dim")
    console.print(Text.assemble(head, f"  {result.case.id}", clause), soft_wrap=True)
    for name, text in facts(result, secrets):
        console.print(Text(f"  {name + ':':18}{text}"), soft_wrap=True)
    if result.verdict is Verdict.FAILED:
        console.print()
        conversation = masked(result.conversation, secrets)
        show(decode(conversation.chunks, conversation.events), lines_each, console)


def _write(
    options: TargetOptions,
    results: Sequence[Result],
    secrets: Secrets,
    junit_file: Path | None,
    json_file: Path | None,
) -> None:
    from lab.judge import report

    if junit_file is not None:
        write(junit_file, report.junit(results, secrets))
    if json_file is not None:
        write(json_file, report.as_json(str(options.target), results, secrets))

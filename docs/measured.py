"""What the documents quote of the committed runs: each part made from the record, never written."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from docs.in_short import in_short
from lab.cli.plan import PLANTED
from lab.measure.twins import original
from lab.record import Run, find, load
from lab.report import apart, words
from lab.report.aa import PLANTED_FIGURE
from lab.report.answer import markdown, provenance
from lab.report.distance import rivals, table
from lab.report.summary import against

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = PurePosixPath("results/reference")
TUNED_RUNS = PurePosixPath("results/tuned")
AGAINST_ITSELF = PurePosixPath("results/against-itself")
BROWSER = PurePosixPath("results/in-a-browser")
IN_A_BROWSER = {
    "connect_p50_ms": "connect, ms",
    "join_p50_ms": "join, ms",
    "rtt_p50_us": "RTT p50, µs",
    "rtt_p99_us": "RTT p99, µs",
    "deliveries_per_s_10": "deliveries a second, room of 10",
}
FAN_OUT = {
    "one_cpu_us_100": "one in flight, µs",
    "window_cpu_us_100": "16 in flight, µs",
    "one_per_write_100": "messages a write, one in flight",
    "window_per_write_100": "messages a write, 16 in flight",
}
ALONE = {
    "connect_p50_ms": "connect, ms",
    "connect_server_cpu_ms": "server CPU to connect, ms",
    "rtt_p50_us": "RTT p50, µs",
    "rtt_p99_us": "RTT p99, µs",
}
STOCK = [
    (f"{name}-tuned", name) for name in ("websocket", "socketio-websocket", "socketio-polling")
]
RIVALS = [(tuned, f"node-{stock}") for tuned, stock in STOCK]
DISTANCES = [
    ("websocket-tuned", "uwebsockets"),
    ("websocket-tuned", "limit-tcp"),
    ("websocket-tuned", "limit-gathered"),
    ("socketio-websocket-tuned", "websocket-tuned"),
]
"""Pairs of wires: the first one's ratio to the second is told."""
IDLE = {
    "memory_connected_kib": "in no room, KiB",
    "memory_joined_kib": "in a room of 10, KiB",
    "memory_connections": "measured with",
}
COMPARED = {
    "one_cpu_us_100": "CPU, one in flight",
    "window_cpu_us_100": "CPU, 16 in flight",
    "last_p50_ms_10": "until the last of 10 has it, p50",
    "last_p99_ms_10": "p99",
}
ABSORBED = {
    "window_load_cpu_us_100": "client CPU, 16 in flight, µs",
    "last_p50_ms_10": "the last of 10, p50, ms",
    "last_p99_ms_10": "p99, ms",
}


def answer() -> str:
    """The picture, the table and the verdicts of the reference run."""
    run = _newest(REFERENCE)
    return markdown(run, REFERENCE / run.id)


def short() -> str:
    """The answer in a paragraph."""
    cost, _ = _run_of("cost")
    return in_short(_newest(REFERENCE), cost)


def distance() -> str:
    """What a delivery costs on the tuned wires, their rivals and the yardsticks."""
    run, folder = _run_of("fan_out")
    return _paragraphs(
        table(run, FAN_OUT),
        rivals(run, [*RIVALS, *DISTANCES], COMPARED),
        "The clients' own CPU time for each of these deliveries, and how long it takes until the "
        "last member of a room of 10 has a message, one in flight:",
        table(run, ABSORBED),
        provenance(run, folder),
    )


def alone() -> str:
    """Handshake and round trip of the tuned wires and their rivals."""
    run, folder = _run_of("latency")
    return _paragraphs(
        table(run, ALONE),
        rivals(run, [*STOCK, *RIVALS, ("limit-tcp", "websocket")], ALONE),
        provenance(run, folder),
    )


def browser() -> str:
    """What somebody gets who opens the chat in Chromium."""
    run = _newest(BROWSER)
    return _paragraphs(table(run, IN_A_BROWSER), provenance(run, ".." / BROWSER / run.id))


def idle() -> str:
    """What a connection weighs that does nothing."""
    run, folder = _run_of("memory")
    return _paragraphs(table(run, IDLE), provenance(run, folder))


def whose() -> str:
    """Of the gaps between the stock wires, whose they are."""
    run, folder = _run_of("cost")
    return _paragraphs(_taken_apart(run, folder, (1, 16)), provenance(run, folder))


def whose_alone() -> str:
    """The same in the README: with one message in flight, where nobody gathers what is sent."""
    run, folder = _run_of("cost")
    return _paragraphs(_taken_apart(run, folder.relative_to(".."), (1,)))


def _taken_apart(run: Run, folder: PurePosixPath, windows: tuple[int, ...]) -> str:
    picture = f"![A delivery's cost, taken apart]({folder}/pictures/decomposition.png)"
    return "\n".join([picture, "", *(f"- {line}" for line in apart.sentences(run, windows))])


def planted() -> str:
    """The slowdowns that were planted into wires, and what was found of them."""
    found = [load(folder) for folder in sorted((ROOT / AGAINST_ITSELF).iterdir())]
    run = next(run for run in reversed(found) if PLANTED in run.info.constants)
    lines = ["| wire | planted, ns a delivery | found: ratio to itself |", "|---|---:|---:|"]
    for second, ns in run.info.constants[PLANTED].items():
        ratio = against(run, PLANTED_FIGURE.key, second, original(second))
        assert ratio is not None
        lines.append(f"| `{original(second)}` | {ns} | {words.ratio(ratio)} ({ratio.verdict}) |")
    return _paragraphs("\n".join(lines), provenance(run, ".." / AGAINST_ITSELF / run.id))


def _paragraphs(*parts: str) -> str:
    """With an empty line between two parts, as Markdown wants it."""
    return "\n\n".join(parts) + "\n"


def _newest(folder: PurePosixPath) -> Run:
    run, problems = find(None, [ROOT / folder])
    assert not problems, problems
    return run


def _run_of(experiment: str) -> tuple[Run, PurePosixPath]:
    """The newest run in `results/tuned` that has the experiment; and its folder, seen from here."""
    for folder in sorted((ROOT / TUNED_RUNS).iterdir(), reverse=True):
        run = load(folder)
        if experiment in run.info.constants["experiments"]:
            return run, ".." / TUNED_RUNS / run.id
    raise LookupError(f"no run in {TUNED_RUNS} has the experiment {experiment}")

"""The parts of the documents that quote committed runs, made from the records of these runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lab.answer import reference as packaged
from lab.answer.model import Answer
from lab.cli.bench.plan import PLANTED
from lab.measure.figures.loss import PERCENTS
from lab.measure.replicas import original
from lab.record import Run, find, load
from lab.report.model import formatting
from lab.report.model.aa import PLANTED_FIGURE
from lab.report.model.summary import against, summarise
from lab.report.pictures import calibration as calibration_
from lab.report.text import blocks, compressed, decomposition
from lab.report.text import over_tls as over_tls_
from lab.report.text.answer import markdown, provenance
from lab.report.text.ratios import rivals, table
from lab.report.text.round_trips import by_client
from tools.in_short import in_short

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = PurePosixPath("results/reference")
TUNED_RUNS = PurePosixPath("results/tuned")
AGAINST_ITSELF = PurePosixPath("results/against-itself")
TLS_RUNS = PurePosixPath("results/tls")
COMPRESSION_RUNS = PurePosixPath("results/compression")
LINK_RUNS = PurePosixPath("results/link")
LOSS_RUNS = PurePosixPath("results/loss")
BROWSER = PurePosixPath("results/in-a-browser")
CLIENTS = {"Python": REFERENCE, "a page": BROWSER, "Node": PurePosixPath("results/in-node")}
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
TO_CONNECT = {
    "round_trips_new_connect": "round trips, from the bytes",
    "slope_new_connect": "by the clock",
    "connect_bytes": "bytes",
    "connect_p50_ms": "connect, p50, ms",
    "connect_server_cpu_ms": "server CPU, ms",
}
ONCE_OPEN = {
    "message_bytes": "say and said, B",
    "delivery_bytes": "one delivery, B",
    "server_cpu_us_per_delivery_100": "server CPU per delivery, room of 100, µs",
    "memory_connected_kib": "memory of an idle connection, KiB",
}
WITH_LOSS = {
    f"loss_{percent}_p{at}_ms": f"{percent} %, p{at}" for percent in PERCENTS for at in (50, 99)
}
BEHIND = {
    "behind_none_p50_ms": "nothing lost",
    "behind_shared_p50_ms": "the same connection",
    "behind_apart_p50_ms": "another connection",
}
DISTANCES = [
    ("websocket-tuned", "uwebsockets"),
    ("websocket-tuned", "limit-tcp"),
    ("websocket-tuned", "limit-gathered"),
    ("socketio-websocket-tuned", "websocket-tuned"),
]
"""Pairs of transports: a row has the ratio of the first to the second."""
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
    """The three blocks of the reference, with their picture, and the handshakes."""
    found = packaged.load().answer()
    folder = REFERENCE / newest(REFERENCE).id
    return paragraphs(
        f"![What Socket.IO costs, as a multiple of plain WebSocket]({folder}/pictures/answer.png)",
        blocks.markdown(found),
        _runs_of(found),
        *_waterfalls(),
    )


def _runs_of(found: Answer) -> str:
    """Where the rows come from."""
    rows = [row.source for block in found.blocks for row in block.rows if row.source]
    runs = {run.run: run for run in rows}
    folders = {path.name: path.parent.relative_to(ROOT) for path in (ROOT / "results").glob("*/*")}
    links = ", ".join(f"[`{run}`]({folders[run]}/{run}/run.json)" for run in runs)
    machines = "; ".join(dict.fromkeys(run.machine for run in runs.values()))
    return (
        f"Each row comes from one run: {links} ({machines}). A multiple is to plain WebSocket on a "
        "server of the same kind, paired by pass; square brackets: 95 % interval over passes. "
        "Deliveries are in a room of 100. Connect and RTT include the client's library."
    )


def _waterfalls() -> Iterator[str]:
    """The round trips of a handshake, from each kind of client whose run has the picture."""
    for client, kind in CLIENTS.items():
        if not (ROOT / kind).is_dir():
            continue
        folder = kind / newest(kind).id
        if (ROOT / folder / "pictures" / "waterfall.png").is_file():
            yield (
                f"![The round trips until a client in {client} is in the room]"
                f"({folder}/pictures/waterfall.png)"
            )


def transports() -> str:
    """The picture, the table and the verdicts of every transport of the reference run."""
    run = newest(REFERENCE)
    return markdown(run, REFERENCE / run.id)


def short() -> str:
    """The answer in a paragraph, and its verdicts."""
    return in_short(packaged.load().answer())


def distance() -> str:
    """What a delivery costs on the tuned transports, their rivals and the limits."""
    run, folder = _run_of("fan_out")
    return paragraphs(
        table(run, FAN_OUT),
        rivals(run, [*RIVALS, *DISTANCES], COMPARED),
        "The clients' own CPU time for each of these deliveries, and how long it takes until the "
        "last member of a room of 10 has a message, one in flight:",
        table(run, ABSORBED),
        provenance(run, folder),
    )


def alone() -> str:
    """Handshake and round trip of the tuned transports and their rivals."""
    run, folder = _run_of("latency")
    return paragraphs(
        table(run, ALONE),
        rivals(run, [*STOCK, *RIVALS, ("limit-tcp", "websocket")], ALONE),
        provenance(run, folder),
    )


def browser() -> str:
    """What a user gets who opens the chat in Chromium."""
    run = newest(BROWSER)
    return paragraphs(table(run, IN_A_BROWSER), provenance(run, ".." / BROWSER / run.id))


def round_trips() -> str:
    """The round trips of the handshakes with each client of which there is a run."""
    folders = {client: folder for client, folder in CLIENTS.items() if (ROOT / folder).is_dir()}
    return by_client({client: newest(folder) for client, folder in folders.items()}) + "\n"


def idle() -> str:
    """How much memory an idle connection takes."""
    run, folder = _run_of("memory")
    return paragraphs(table(run, IDLE), provenance(run, folder))


def whose() -> str:
    """How much of the gaps between stock transports is protocol, and how much library."""
    run, folder = _run_of("cost")
    return paragraphs(_taken_apart(run, folder, (1, 16)), provenance(run, folder))


def whose_alone() -> str:
    """The same for the README: with one message in flight, where no server gathers messages."""
    run, folder = _run_of("cost")
    return paragraphs(_taken_apart(run, folder.relative_to(".."), (1,)))


def _taken_apart(run: Run, folder: PurePosixPath, windows: tuple[int, ...]) -> str:
    picture = f"![A delivery's cost, taken apart]({folder}/pictures/decomposition.png)"
    return "\n".join(
        [picture, "", *(f"- {line}" for line in decomposition.sentences(run, windows))]
    )


def planted() -> str:
    """The slowdowns that were planted into transports, and whether the run found them."""
    found = [load(folder) for folder in sorted((ROOT / AGAINST_ITSELF).iterdir())]
    run = next(run for run in reversed(found) if PLANTED in run.info.constants)
    lines = ["| transport | planted, ns a delivery | found: ratio to itself |", "|---|---:|---:|"]
    for second, ns in run.info.constants[PLANTED].items():
        ratio = against(run, PLANTED_FIGURE.key, second, original(second))
        assert ratio is not None
        lines.append(
            f"| `{original(second)}` | {ns} | {formatting.ratio(ratio)} ({ratio.verdict}) |"
        )
    return paragraphs("\n".join(lines), provenance(run, ".." / AGAINST_ITSELF / run.id))


def over_tls() -> str:
    """What TLS costs each transport: to connect, and then."""
    run = newest(TLS_RUNS)
    connecting, then = (over_tls_.markdown(run, columns) for columns in (TO_CONNECT, ONCE_OPEN))
    return paragraphs(connecting.strip(), then.strip(), provenance(run, ".." / TLS_RUNS / run.id))


def compression() -> str:
    """What compression saves and costs: bytes, then the server's CPU, then memory."""
    run = newest(COMPRESSION_RUNS)
    transport = next(iter(run.transports))
    memory = compressed.memory_sentence(run)
    assert memory is not None
    return paragraphs(
        "Bytes of a delivery, headers and framing included:",
        compressed.markdown(run, transport, "bytes").strip(),
        "CPU of the server for a delivery, µs:",
        compressed.markdown(run, transport, "server").strip(),
        "Until the last of four members has it, p50, ms:",
        compressed.markdown(run, transport, "last").strip(),
        memory,
        provenance(run, ".." / COMPRESSION_RUNS / run.id),
    )


def calibration() -> str:
    """What the link does, beside what it was set to."""
    run = newest(LINK_RUNS)
    folder = ".." / LINK_RUNS / run.id
    return paragraphs(
        f"![How far a link is from what it was set to]({folder}/pictures/calibration.png)",
        "\n".join(_differences(run)),
        provenance(run, folder),
    )


def _differences(run: Run) -> Iterator[str]:
    yield "| network | | set | found | difference |"
    yield "|---|---|---:|---:|---:|"
    summary = summarise(run)
    for panel in calibration_.PANELS:
        given = summary.medians(panel.given)
        for key, (name, *_) in panel.found.items():
            for label, found in summary.medians(key).items():
                difference = found - given[label]
                what = f"{panel.title.lower()} {name}, {panel.unit}"
                cells = (f"`{label}`", what, f"{given[label]:g}", f"{found:.3f}")
                yield f"| {' | '.join(cells)} | {difference:+.3f} |"


def loss() -> str:
    """What lost packets delay: a message's own round trip, and the message of another room."""
    run = newest(LOSS_RUNS)
    folder = ".." / LOSS_RUNS / run.id
    return paragraphs(
        f"![What a lost packet delays]({folder}/pictures/loss.png)",
        "Round trip of a message, ms, by the share of packets that each direction loses:",
        table(run, WITH_LOSS),
        "One way to the client, p50, ms, right behind the message of another room, whose packet is "
        "lost:",
        table(run, BEHIND),
        provenance(run, folder),
    )


def paragraphs(*parts: str) -> str:
    """Join the parts with an empty line between two, as Markdown needs it."""
    return "\n\n".join(parts) + "\n"


def newest(folder: PurePosixPath) -> Run:
    """The newest run in a folder of `results/`."""
    run, problems = find(None, [ROOT / folder])
    assert not problems, problems
    return run


def _run_of(experiment: str) -> tuple[Run, PurePosixPath]:
    """The newest run in `results/tuned` with the experiment, and its folder relative to docs/."""
    for folder in sorted((ROOT / TUNED_RUNS).iterdir(), reverse=True):
        run = load(folder)
        if experiment in run.info.constants["experiments"]:
            return run, ".." / TUNED_RUNS / run.id
    raise LookupError(f"no run in {TUNED_RUNS} has the experiment {experiment}")

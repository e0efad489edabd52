"""The parts of the documents that quote the runs of one experiment each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from lab.measure.figures.durability import JOURNALS
from lab.measure.figures.nodes import CASES, FAR, ROOMS, SPREAD, nodes_title
from lab.measure.figures.proxies import PROXIES
from lab.measure.figures.storm import BACK_OFFS
from lab.record import Run
from lab.report.text import nodes as nodes_
from lab.report.text import proxies as proxies_
from lab.report.text import storm as storm_
from lab.report.text.answer import provenance
from lab.report.text.ratios import table
from tools.measured import ROOT, newest, paragraphs

DURABLE_RUNS = PurePosixPath("results/durable")
NODE_RUNS = PurePosixPath("results/nodes")
PROXY_RUNS = PurePosixPath("results/proxies")
STORM_RUNS = PurePosixPath("results/storm")

ALL_BACK = {f"storm_{each}_all_s": back_off.title for each, back_off in BACK_OFFS.items()}
BUSIEST = {f"storm_{each}_busiest": back_off.title for each, back_off in BACK_OFFS.items()}
FAILED = {f"storm_{each}_failed": back_off.title for each, back_off in BACK_OFFS.items()}
RTT_ADDED = {"proxies_direct_p50_us": "direct, p50"} | {
    f"proxies_{proxy}_added_p{at}_us": f"{proxy}, p{at}" for at in (50, 99) for proxy in PROXIES
}
BYTES_ADDED = {
    f"proxies_{proxy}_added_{what}_bytes": f"{proxy}, {what}"
    for what in ("handshake", "message")
    for proxy in PROXIES
}
SILENCE = {
    f"proxies_{proxy}_{key}_s": f"{proxy}, {title}"
    for proxy in PROXIES
    for key, title in (("cut_after", "silent"), ("kept", "with a heartbeat"))
}
BACKPLANE = {
    "nodes_added_p50_us": "added, p50, µs",
    "nodes_added_p99_us": "added, p99, µs",
    "nodes_foreign_us": "a foreign message, µs",
    "nodes_redis_us": "Redis, µs",
    **{f"nodes_{case}_wasted": f"wasted, {case} nodes, %" for case in SPREAD},
}
KEPT = {"cpu_us": "CPU, µs", "p50_ms": "p50, ms", "p99_ms": "p99, ms"}
"""What is measured of each journal -> its column."""
ADDED = {"added_us": "added, µs", "share": "% of memory's rate", "per_commit": "per commit"}


def storm() -> str:
    """How clients come back to a server that was restarted."""
    run = newest(STORM_RUNS)
    return _part(
        run,
        STORM_RUNS,
        ("storm", "How clients come back after a restart"),
        _sentence(storm_.sentence, run),
        "From the kill until all are in their rooms, s:",
        table(run, {"storm_down_s": "until it listens"} | ALL_BACK),
        "The server's busiest 100 ms, % of a core:",
        table(run, BUSIEST | {"storm_cpu_ms": "CPU of a client, ms"}),
        "Failed attempts of a client:",
        table(run, FAILED),
    )


def proxies() -> str:
    """What each proxy adds, holds and cuts."""
    run = newest(PROXY_RUNS)
    return _part(
        run,
        PROXY_RUNS,
        ("proxies", "What a proxy adds to a round trip"),
        _sentence(proxies_.sentence, run),
        "What a proxy adds to the RTT, µs:",
        table(run, RTT_ADDED),
        "Bytes that it adds between the client and itself:",
        table(run, BYTES_ADDED),
        "How long a WebSocket stays open, s:",
        table(run, SILENCE),
    )


def nodes() -> str:
    """What joined nodes cost, or that no run of it is committed."""
    if not any((ROOT / NODE_RUNS).glob("*/run.json")):
        return "No run of it is committed yet.\n"
    run = newest(NODE_RUNS)
    tables = [
        text
        for room in ROOMS
        for text in (
            f"CPU of all nodes per delivery, room of {room}, µs:",
            _by_case(run, f"{room}_cpu_us"),
            f"Deliveries per second, room of {room}:",
            _by_case(run, f"{room}_per_s"),
        )
    ]
    return _part(
        run,
        NODE_RUNS,
        ("nodes", "What a delivery costs on joined nodes"),
        _sentence(nodes_.sentence, run),
        *tables,
        f"The backplane: latency over {nodes_title(FAR)}, CPU per message, and wasted reads:",
        table(run, BACKPLANE),
    )


def _by_case(run: Run, key: str) -> str:
    return table(run, {f"nodes_{case}_{key}": nodes_title(case) for case in CASES})


def durability() -> str:
    """What a journal costs each message, alone and of many in flight."""
    run = newest(DURABLE_RUNS)
    tables = [
        text
        for window, name in (("1", "One message in flight"), ("16", "16 messages in flight"))
        for text in (f"{name}:", _by_journal(run, window))
    ]
    return _part(run, DURABLE_RUNS, ("durability", "What a journal costs a message"), *tables)


def _by_journal(run: Run, window: str) -> str:
    columns: Mapping[str, Mapping[str, str]] = {
        journal: {
            f"durability_{journal}_{window}_{key}": f"{journal}: {title}"
            for key, title in (KEPT if journal == "memory" else KEPT | ADDED).items()
        }
        for journal in JOURNALS
    }
    return "\n\n".join(table(run, each) for each in columns.values())


def _sentence(of: Callable[[Run], str | None], run: Run) -> str:
    found = of(run)
    assert found is not None, f"{run.id} has nothing to say"
    return found


def _part(run: Run, folder: PurePosixPath, picture: tuple[str, str], *parts: str) -> str:
    """The picture of a committed run, what it says, and where it is."""
    name, says = picture
    where = ".." / folder / run.id
    return paragraphs(f"![{says}]({where}/pictures/{name}.png)", *parts, provenance(run, where))

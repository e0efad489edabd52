"""The figures of several nodes: what a delivery costs them, and what the backplane adds.

`alone`: one node that nothing joins. The other cases are nodes that are joined, by the lab's own
journal or, where the label says so, by a library of Socket.IO.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, detail_at, in_us
from lab.measure.figures.figure import Figure

EXPERIMENT = "nodes"
ALONE = "alone"
CASES = (ALONE, "1", "2", "4")
"""How many nodes there are."""
ROOMS = ("10", "100")
FAR = "2"
"""The case from which the latency of the backplane is taken, and what a foreign message costs."""
SPREAD = ("2", "4")
"""The cases in which several small rooms are spread over the nodes, to count wasted reads."""


def nodes_title(case: str) -> str:
    """How a title names a case."""
    joined = {ALONE: "a node alone", "1": "1 joined node"}
    return joined.get(case, f"{case} joined nodes")


def _added(at: int) -> Extract:
    far, near = in_us(FAR, f"p{at}_ns"), in_us(ALONE, f"p{at}_ns")

    def extract(counts: Counts) -> float | None:
        with_it, without = far(counts), near(counts)
        return None if with_it is None or without is None else with_it - without

    return extract


def _percent(*path: str) -> Extract:
    share = detail_at(*path)

    def extract(counts: Counts) -> float | None:
        found = share(counts)
        return None if found is None else 100 * found

    return extract


def _times(case: str, room: str) -> Extract:
    joined, alone = detail_at(case, room, "cpu_ns"), detail_at(ALONE, room, "cpu_ns")

    def extract(counts: Counts) -> float | None:
        more, less = joined(counts), alone(counts)
        return None if more is None or not less else more / less

    return extract


def _figure(
    key: str, title: str, unit: str, extract: Extract, column: str, lower_is_better: bool = True
) -> Figure:
    return Figure(
        f"nodes_{key}",
        title,
        unit,
        EXPERIMENT,
        "nodes",
        extract,
        lower_is_better=lower_is_better,
        ratio=False,
        counted=True,
        column=column,
    )


def _of_case(case: str, room: str) -> tuple[Figure, ...]:
    where, head = f"{nodes_title(case)}, room of {room}", f"{case} / {room}"
    key = f"{case}_{room}"
    cpu = _figure(
        f"{key}_cpu_us",
        f"CPU of all nodes per delivery, {where}",
        "µs",
        in_us(case, room, "cpu_ns"),
        f"{head}\nCPU µs",
    )
    rate = _figure(
        f"{key}_per_s",
        f"deliveries per second, {where}",
        "/s",
        detail_at(case, room, "per_s"),
        f"{head}\nper s",
        lower_is_better=False,
    )
    if case == ALONE:
        return cpu, rate
    times = _figure(
        f"{key}_times",
        f"CPU of all nodes per delivery, by that of a node alone, {where}",
        "×",
        _times(case, room),
        f"{head}\n× alone",
    )
    return cpu, rate, times


JOINED: tuple[Figure, ...] = (
    *(figure for room in ROOMS for case in CASES for figure in _of_case(case, room)),
    *(
        _figure(
            f"added_p{at}_us",
            f"latency that the backplane adds, p{at}",
            "µs",
            _added(at),
            f"added\np{at} µs",
        )
        for at in (50, 99)
    ),
    *(
        _figure(
            f"{case}_wasted",
            f"wasted reads, {nodes_title(case)}",
            "%",
            _percent(case, "wasted"),
            f"{case}\nwasted %",
        )
        for case in SPREAD
    ),
    _figure(
        "foreign_us",
        "CPU of a node for a message to a room without a member there",
        "µs",
        in_us(FAR, "foreign_ns"),
        "foreign\nCPU µs",
    ),
    _figure(
        "redis_us",
        f"CPU of Redis per message, {nodes_title(FAR)}, room of {ROOMS[-1]}",
        "µs",
        in_us(FAR, ROOMS[-1], "redis_ns"),
        "Redis\nCPU µs",
    ),
    *(
        _figure(
            f"{case}_used",
            f"cores in use, {nodes_title(case)}, room of {ROOMS[-1]}",
            "",
            detail_at(case, ROOMS[-1], "cores_used"),
            f"{case}\ncores",
        )
        for case in CASES
    ),
)

"""How a race becomes a run: one pass for each round, in the schema of results/README.md.

The figures of a browser stand beside those of the library's clients: the same experiments and
measures, with `client: "browser"`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab import record
from lab.chat.limits import Limits
from lab.measure import histogram
from lab.page.race import Burst, Race, Raced, RaceError
from transports import registry

PROFILE = "race"
CLIENT = "browser"


def keep(race: Race, results: Path) -> str:
    """Write it below `results`; returns the run's id.

    Raises:
        RaceError: it is not what a race of this lab's wires can have come to, or can't be written.
    """
    for name, raced in race.wires.items():
        _check(name, raced, race.rounds)
    try:
        return _write(race, results)
    except record.RecordError as error:
        raise RaceError(str(error)) from error


def _write(race: Race, results: Path) -> str:
    writer = record.create(
        results,
        PROFILE,
        wires={name: _made_of(name) for name in race.wires},
        seed=0,
        planned_passes=race.rounds,
        constants={
            "client": CLIENT,
            "browser": race.browser,
            "rounds": race.rounds,
            "network": msgspec.to_builtins(race.network),
        },
        limits=msgspec.to_builtins(Limits()),
        command=["lab", "chat"],
    )
    for number in range(race.rounds):
        entries = list(
            itertools.chain.from_iterable(
                benchmarks(name, raced, race.rounds, number) for name, raced in race.wires.items()
            )
        )
        seconds = sum(entry["extra_info"]["wall_ns"] for entry in entries) / 1e9
        content = msgspec.json.encode({"benchmarks": entries})
        writer.add_pass(content, order=list(race.wires), seconds=seconds)
    return writer.finish().id


def benchmarks(wire: str, raced: Raced, rounds: int, number: int) -> list[dict[str, Any]]:
    """What a wire came to in one round, counted from 0, as entries of a pass.

    The burst and the bytes, which are of the whole race, are in the last one.
    """
    timed = (
        ("handshake", "connect", None, raced.handshake_ms),
        ("latency", "rtt", 1, raced.rtt_ms),
    )
    entries = [
        entry(wire, experiment, measure, _share(samples, rounds, number), room_size=room)
        for experiment, measure, room, samples in timed
        if samples
    ]
    if number == rounds - 1:
        entries += [_burst(wire, raced.burst)] if raced.burst else []
        entries.append(_cost(wire, raced))
    return entries


def entry(
    wire: str, experiment: str, measure: str, samples_ms: Sequence[float], **info: Any
) -> dict[str, Any]:
    """One entry of a pass: durations by the browser's clock, one for each operation."""
    samples_ns = [max(1, round(ms * 1e6)) for ms in samples_ms]
    count = len(samples_ns)
    counted: dict[str, Any] = {
        "wire": wire,
        "experiment": experiment,
        "measure": measure,
        "room_size": None,
        "window": None,
        "payload_bytes": None,
        "operations": count,
        "samples_hdr": histogram.encode(histogram.of(samples_ns)) if count else None,
        "expected": count,
        "delivered": count,
        "lost": 0,
        "wall_ns": sum(samples_ns),
        # What a browser, or one wire's part of the lab's process, has used nobody can tell.
        "server_cpu_ns": None,
        "load_cpu_ns": 0,
        "server_share": None,
        "load_share": 0.0,
        "saturated": "unknown",
        "client": CLIENT,
    }
    return {"name": f"{experiment}_{measure}[{wire}]", "extra_info": {**counted, **info}}


def _burst(wire: str, burst: Burst) -> dict[str, Any]:
    return entry(
        wire,
        "race",
        "burst",
        (),
        room_size=1,
        window=burst.messages,
        operations=burst.messages,
        expected=burst.messages,
        delivered=burst.messages - burst.lost,
        lost=burst.lost,
        wall_ns=round(burst.ms * 1e6),
    )


def _cost(wire: str, raced: Raced) -> dict[str, Any]:
    detail = {
        "up_bytes_per_message": raced.up_bytes_per_message,
        "down_bytes_per_message": raced.down_bytes_per_message,
        "tcp_connections": raced.connections,
        "http_requests": raced.requests,
    }
    return entry(wire, "race", "race", (), detail=detail)


def _share(samples: Sequence[float], rounds: int, number: int) -> Sequence[float]:
    each = len(samples) // rounds
    return samples[number * each : (number + 1) * each]


def _check(name: str, raced: Raced, rounds: int) -> None:
    for what, samples in (("handshake_ms", raced.handshake_ms), ("rtt_ms", raced.rtt_ms)):
        if len(samples) % rounds:
            raise RaceError(
                f"{name}: {len(samples)} of {what} are not the same number in each of "
                f"{rounds} rounds"
            )
    if raced.burst and raced.burst.lost > raced.burst.messages:
        raise RaceError(f"{name}: a burst can't lose more messages than it had")


def _made_of(name: str) -> dict[str, Any]:
    try:
        wire = registry.load(name)
    except (registry.UnknownWireError, registry.UnavailableError) as error:
        raise RaceError(str(error)) from error
    shown = dict(wire.knobs("equal"))
    return {"stack": msgspec.to_builtins(wire.stack()), "settings_shown": shown}

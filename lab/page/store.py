"""Keep a race as a run: one pass for each round, in the schema of results/README.md.

A browser's figures are beside those of the library's clients: the same experiments and measures,
with `client: "browser"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab import record
from lab.chat.limits import Limits
from lab.measure.figures import Counts, Workload, count
from lab.measure.process import CpuUse
from lab.page.race import Burst, Race, Raced, RaceError
from transports import registry

PROFILE = "race"
CLIENT = "browser"


def keep(race: Race, results: Path) -> str:
    """Write it below `results`; returns the run's id.

    Raises:
        RaceError: no race of this lab's transports can have this outcome, or it can't be written.
    """
    for name, raced in race.transports.items():
        _check(name, raced, race.rounds)
    try:
        return _write(race, results)
    except record.RecordError as error:
        raise RaceError(str(error)) from error


def _write(race: Race, results: Path) -> str:
    writer = record.create(
        results,
        PROFILE,
        transports={name: _made_of(name) for name in race.transports},
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
        entries = [
            _entry(counts)
            for name, raced in race.transports.items()
            for counts in benchmarks(name, raced, race.rounds, number)
        ]
        seconds = sum(entry.extra_info.wall_ns for entry in entries) / 1e9
        content = msgspec.json.encode(record.PassFile(entries))
        writer.add_pass(content, order=list(race.transports), seconds=seconds)
    return writer.finish().id


def benchmarks(transport: str, raced: Raced, rounds: int, number: int) -> list[Counts]:
    """What a transport came to in one round, counted from 0.

    The burst and the bytes, which are of the whole race, are in the last one.
    """
    timed = (
        (_workload(transport, "handshake", "connect"), raced.handshake_ms),
        (_workload(transport, "latency", "rtt", room_size=1), raced.rtt_ms),
    )
    found = [
        _timed(workload, _share(samples, rounds, number)) for workload, samples in timed if samples
    ]
    if number == rounds - 1:
        found += [_burst(transport, raced.burst)] if raced.burst else []
        found.append(_cost(transport, raced))
    return found


def _entry(counts: Counts) -> record.Benchmark:
    return record.Benchmark(f"{counts.experiment}_{counts.measure}[{counts.transport}]", counts)


def _workload(transport: str, experiment: str, measure: str, **sizes: int) -> Workload:
    return Workload(
        transport=transport, experiment=experiment, measure=measure, client=CLIENT, **sizes
    )


def _use(wall_ns: int) -> CpuUse:
    """A span by the page's clock.

    The lab can't see the CPU time of a browser, nor one transport's part of its own process.
    """
    return CpuUse(wall_ns=wall_ns, load_cpu_ns=0, server_cpu_ns=None)


def _timed(workload: Workload, samples_ms: Sequence[float]) -> Counts:
    samples_ns = [max(1, round(ms * 1e6)) for ms in samples_ms]
    done = len(samples_ns)
    return count(workload, _use(sum(samples_ns)), samples_ns, expected=done, delivered=done)


def _burst(transport: str, burst: Burst) -> Counts:
    workload = _workload(transport, "race", "burst", room_size=1, window=burst.messages)
    use = _use(max(1, round(burst.ms * 1e6)))
    delivered = burst.messages - burst.lost
    counts = count(workload, use, (), expected=burst.messages, delivered=delivered)
    return msgspec.structs.replace(counts, operations=burst.messages)


def _cost(transport: str, raced: Raced) -> Counts:
    detail = {
        "up_bytes_per_message": raced.up_bytes_per_message,
        "down_bytes_per_message": raced.down_bytes_per_message,
        "tcp_connections": raced.connections,
        "http_requests": raced.requests,
    }
    workload = _workload(transport, "race", "race")
    return count(workload, _use(1), (), expected=0, delivered=0, detail=detail)


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
        transport = registry.load(name)
    except (registry.UnknownTransportError, registry.UnavailableError) as error:
        raise RaceError(str(error)) from error
    shown = dict(transport.effective_settings("equal"))
    return {"stack": msgspec.to_builtins(transport.stack()), "settings_shown": shown}

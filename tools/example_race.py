"""Writes the example with which the page's race opens, from a committed run in a browser."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lab.record import FIGURES, find

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "results" / "in-a-browser"
RUN = "20261129T011834Z-quick"
EXAMPLE = ROOT / "web" / "src" / "race" / "example.json"
TRANSPORTS = ("websocket", "socketio-websocket", "socketio-polling", "socketio")
HANDSHAKE, ROUND_TRIP = "connect_p50_ms", "rtt_p50_us"


class Measured(msgspec.Struct, frozen=True):
    """One transport: the median of each pass, in ms."""

    handshake_ms: list[float]
    rtt_ms: list[float]


class Example(msgspec.Struct, frozen=True):
    """The run, and what it measured."""

    run: str
    transports: dict[str, Measured]


def example() -> Example:
    """What the committed run measured of the transports that a race has at first."""
    run = find(RUN, [RUNS])[0]
    by_key = {figure.key: figure for figure in FIGURES}

    def values(transport: str, key: str, per_ms: int) -> list[float]:
        readings = run.readings(transport, by_key[key])
        return [round(one.value / per_ms, 3) for one in readings if one.value is not None]

    return Example(
        RUN,
        {
            name: Measured(values(name, HANDSHAKE, 1), values(name, ROUND_TRIP, 1000))
            for name in TRANSPORTS
        },
    )


def text() -> bytes:
    """The file as it has to be."""
    return msgspec.json.format(msgspec.json.encode(example()), indent=2) + b"\n"


def write() -> None:
    """Write the file, and name it."""
    EXAMPLE.write_bytes(text())
    print(EXAMPLE.relative_to(ROOT))

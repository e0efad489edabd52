"""Durations and bandwidths as people write them. Text and numbers."""

from __future__ import annotations

__pure__ = True

import re
from fractions import Fraction

_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-zµ]*)(?P<per_s>/s)?")

DURATIONS_NS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
BITS_PER_S = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}
BYTES_PER_S = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


def parse_duration(text: str) -> int:
    """Nanoseconds from "250us", "50ms" or "1.5s". Raises ValueError that says what is allowed."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or match["per_s"] or match["unit"] not in DURATIONS_NS:
        raise ValueError(f"{text!r} is no duration: write a number and us, ms or s, such as 50ms")
    return round(Fraction(match["number"]) * DURATIONS_NS[match["unit"]])


def parse_bandwidth(text: str) -> float:
    """Bytes per second from "1mbit", "56kbit/s" or "125kB"; kilo is 1000.

    Raises ValueError that says what is allowed. "Mb" is refused: some mean bits by it, some bytes.
    """
    match = _AMOUNT.fullmatch(text.strip())
    unit = match["unit"] if match else ""
    if match is None or not (unit in BYTES_PER_S or unit.lower() in BITS_PER_S):
        raise ValueError(
            f"{text!r} is no bandwidth: write a number and bit, kbit, mbit, gbit "
            "or B, kB, MB, GB (per second), such as 1mbit or 125kB"
        )
    if unit in BYTES_PER_S:
        return float(Fraction(match["number"]) * BYTES_PER_S[unit])
    return float(Fraction(match["number"]) * BITS_PER_S[unit.lower()] / 8)


def format_duration(duration_ns: float) -> str:
    """`duration_ns` in the largest unit that leaves a whole part, four digits at most: "2.5 ms"."""
    for unit in ("s", "ms", "us"):
        if abs(duration_ns) >= DURATIONS_NS[unit]:
            return f"{duration_ns / DURATIONS_NS[unit]:.4g} {unit}"
    return f"{duration_ns:.4g} ns" if duration_ns else "0 ms"


def format_bytes(size_bytes: float) -> str:
    """`size_bytes` in decimal units, four digits at most: "125 kB"."""
    for unit in ("GB", "MB", "kB"):
        if size_bytes >= BYTES_PER_S[unit]:
            return f"{size_bytes / BYTES_PER_S[unit]:.4g} {unit}"
    return f"{size_bytes:.4g} B"

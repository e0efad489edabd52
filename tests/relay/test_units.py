"""Durations and bandwidths, read and written."""

from __future__ import annotations

import pytest

from lab.relay.units import format_bytes, format_duration, parse_bandwidth, parse_duration


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("50ms", 50_000_000),
        (" 1.5 s ", 1_500_000_000),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("7ns", 7),
        ("0ms", 0),
        ("0.1ms", 100_000),
    ],
)
def test_durations(text: str, expected_ns: int) -> None:
    assert parse_duration(text) == expected_ns


@pytest.mark.parametrize(
    "text", ["", "5", "-5ms", "ms", "5 min", "1e3ms", "5ms/s", "\u0665ms", "nan s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="such as 50ms"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "bytes_per_s"),
    [
        ("1mbit", 125_000),
        ("1Mbit/s", 125_000),
        ("56 kbit", 7_000),
        ("2gbit", 250_000_000),
        ("8bit", 1),
        ("125kB", 125_000),
        ("1.5MB/s", 1_500_000),
        ("1GB", 1_000_000_000),
        ("9B", 9),
    ],
)
def test_bandwidths(text: str, bytes_per_s: float) -> None:
    assert parse_bandwidth(text) == bytes_per_s


@pytest.mark.parametrize("text", ["", "1", "1Mb", "1mb", "b", "-1mbit", "1mbit/h", "fast"])
def test_what_is_no_bandwidth(text: str) -> None:
    with pytest.raises(ValueError, match="such as 1mbit"):
        parse_bandwidth(text)


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0 ms"),
        (12, "12 ns"),
        (26_160, "26.16 us"),
        (-26_160, "-26.16 us"),
        (50_000_000, "50 ms"),
        (2_500_000_000, "2.5 s"),
    ],
)
def test_written_durations(duration_ns: float, text: str) -> None:
    assert format_duration(duration_ns) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (125_000, "125 kB"), (2.5e6, "2.5 MB")]
)
def test_written_bytes(size: float, text: str) -> None:
    assert format_bytes(size) == text

"""What docs/weigh.md quotes is what the samples give; another zlib may differ a little."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.weigh.model import Settings, ways, weigh
from lab.weigh.samples import KINDS, make

TEXT = (Path(__file__).parents[2] / "docs" / "weigh.md").read_text(encoding="utf-8")
PERCENT_POINTS = 3


def saved(messages: list[object], settings: Settings, kept: bool) -> float:
    """Percent that JSON on `websocket` saves."""
    (way,) = [
        way
        for way in ways(settings)
        if (way.codec, way.carrier.name) == ("json", "websocket")
        and way.compression is not None
        and way.compression.kept == kept
    ]
    return 100 * weigh(way, way.payloads(messages)).saved


def test_the_kinds() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+\|((?: -?\d+ % \|){6})$", TEXT, re.MULTILINE))
    assert rows.keys() == KINDS.keys()
    for kind, cells in rows.items():
        quoted = [int(cell) for cell in re.findall(r"-?\d+", cells)]
        found = [
            saved(make(kind, size, 200, seed=0), Settings(), kept)
            for size in (64, 256, 4096)
            for kept in (True, False)
        ]
        assert quoted == pytest.approx(found, abs=PERCENT_POINTS), kind


def test_the_windows() -> None:
    rows = re.findall(r"^\| (\d+) \| (\d) \| (\d+) % \| ([\d.]+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 3
    messages = make("chat", 256, 200, seed=0)
    for window, mem_level, quoted, context in rows:
        settings = Settings((int(window),), (6,), int(mem_level))
        assert int(quoted) == pytest.approx(saved(messages, settings, True), abs=PERCENT_POINTS)
        _, kept, *_ = ways(settings)
        assert kept.compression is not None
        assert kept.compression.context_bytes == float(context) * 1024

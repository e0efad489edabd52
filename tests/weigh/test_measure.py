"""Every way is measured in every pass; the times are left to a reader, the bytes are exact."""

from __future__ import annotations

from lab.weigh.measure import measure
from lab.weigh.model import Settings, ways, weigh
from lab.weigh.samples import make


def test_each_way_is_measured_in_each_pass() -> None:
    messages = make("chat", 100, 10, seed=1)
    found = measure(messages, Settings(levels=(1,)), passes=5, seed=1)
    assert [each.way for each in found] == list(ways(Settings(levels=(1,))))
    for each in found:
        assert each.weight == weigh(each.way, each.way.payloads(messages))
        for interval in (each.compress_us, each.decompress_us):
            assert (interval is None) == (each.way.compression is None)
            if interval is not None:
                assert interval.passes == 5

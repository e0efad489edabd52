"""What the workers' reports of a batch add up to."""

from __future__ import annotations

import pytest

from lab.load.fan_out import FanOut
from lab.load.hosts.reports import busiest_share, merge, report

FAST = FanOut(3, 30, delivered=30, out_of_order=0, last_delivery_ns=[100, 200, 300], per_write=1)
SLOW = FanOut(3, 30, delivered=28, out_of_order=1, last_delivery_ns=[900], per_write=3)
UNSEEN = FanOut(3, 30, delivered=0, out_of_order=0, last_delivery_ns=[])


def test_reports_add_up_and_their_histograms_merge() -> None:
    reports = [report(FAST, 50, 100), report(SLOW, 90, 100), report(UNSEEN, 0, 0)]
    assert all(not each.found.last_delivery_ns for each in reports)
    found = merge(reports)
    assert (found.messages, found.expected, found.delivered, found.lost) == (9, 90, 58, 32)
    assert found.out_of_order == 1
    assert found.latencies is not None
    assert found.latencies.count == 4
    assert found.latencies.percentiles_ns([50, 100]) == [200, 900]
    assert found.per_write == pytest.approx(1.5)
    assert busiest_share(reports) == 0.9


def test_where_no_write_was_seen_there_is_no_mean() -> None:
    assert merge([report(UNSEEN, 0, 0)]).per_write is None
    assert busiest_share([]) == 0

"""The example with which the page's race opens has the figures of a committed run."""

from __future__ import annotations

from tools import example_race


def test_the_example_is_that_of_the_committed_run() -> None:
    assert example_race.EXAMPLE.read_bytes() == example_race.text(), "python -m tools.generate"
    passes = {
        (len(one.handshake_ms), len(one.rtt_ms))
        for one in example_race.example().transports.values()
    }
    assert passes == {(5, 5)}

"""The busiest moment of a process is a share of a core, and none if the process is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from lab.measure.busiest import Busiest

SPAN_NS = 20_000_000
PATIENCE_S = 60.0


def test_a_process_that_computes_has_a_busiest_moment() -> None:
    end = time.monotonic() + PATIENCE_S
    with Busiest(os.getpid(), SPAN_NS) as busiest:
        while not busiest.share and time.monotonic() < end:
            sum(range(10_000))
    assert busiest.share is not None
    assert busiest.share > 0


def test_a_process_that_has_ended_has_none() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    with Busiest(done.pid, SPAN_NS) as busiest:
        pass
    assert busiest.share is None

"""What others used: another's work counts, our own and our children's does not."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from lab.measure.others import OtherLoad

WORK_S = 0.6
BURN = f"""
import time
while time.process_time() < {WORK_S}:
    pass
"""


def burn() -> None:
    end = time.process_time() + WORK_S
    while time.process_time() < end:
        pass


def shell(*arguments: str) -> None:
    subprocess.run([sys.executable, "-c", *arguments], check=True)


@pytest.mark.parametrize(
    ("busy_s", "own_s", "cores"),
    [
        pytest.param(3.0, 0.0, 1.5, id="others alone"),
        pytest.param(3.0, 1.0, 1.0, id="others and we"),
        pytest.param(3.0, 3.0, 0.0, id="we alone"),
        pytest.param(2.9, 3.0, 0.0, id="we alone, by two clocks"),
    ],
)
def test_it_is_cores_that_were_busy_and_not_with_our_work(
    busy_s: float, own_s: float, cores: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants_ns = iter([5_000_000_000, 7_000_000_000])
    readings = iter([(100.0, 10.0), (100.0 + busy_s, 10.0 + own_s)])
    monkeypatch.setattr("lab.measure.others.now_ns", lambda: next(instants_ns))
    monkeypatch.setattr(OtherLoad, "_read", lambda self: next(readings))
    assert OtherLoad().cores() == pytest.approx(cores)


def test_a_stranger_is_counted() -> None:
    # It leaves its parent, which ends: nobody here will have waited for it.
    stranger = f"import os\nif os.fork():\n    os._exit(0)\n{BURN}"
    others = OtherLoad()
    shell(stranger)
    begun = time.monotonic()
    while others.cores() * (time.monotonic() - begun) < 0.5 * WORK_S:
        assert time.monotonic() - begun < 30, "its work was never seen"
        time.sleep(0.05)


def test_own_work_and_that_of_children_are_not_others() -> None:
    others = OtherLoad()
    before_busy_s, before_own_s = others._read()
    burn()
    shell(BURN)
    busy_s, own_s = others._read()
    assert own_s - before_own_s >= 2 * WORK_S * 0.95
    assert busy_s - before_busy_s >= (own_s - before_own_s) * 0.8, "it is part of what was busy"

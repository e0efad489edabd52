"""What others used: another's work counts, our own and our children's does not."""

from __future__ import annotations

import subprocess
import sys
import time

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


def test_it_is_a_number_of_cores() -> None:
    others = OtherLoad()
    time.sleep(0.1)
    assert 0 <= others.cores() <= 1.2 * len(others._cpus)


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

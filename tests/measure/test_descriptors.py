"""Limits of descriptors: read, raised as far as allowed, inherited."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lab.measure import descriptors

RAISED_UNDER_A_HARD_LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
from lab.measure import descriptors
print(descriptors.limit_of(None), descriptors.raise_limit(), flush=True)
import subprocess, sys
subprocess.run(["sh", "-c", "ulimit -n"], check=True)
"""


def test_the_soft_limit_is_raised_to_the_hard_one_and_inherited() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RAISED_UNDER_A_HARD_LIMIT],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["200", "300", "300"]


def test_the_limit_of_another_process_is_read() -> None:
    with subprocess.Popen(
        ["sh", "-c", "ulimit -n 123; echo ready; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert descriptors.limit_of(process.pid) == 123
        process.communicate("go\n")
    with pytest.raises(ProcessLookupError, match="to read the limits of"):
        descriptors.limit_of(process.pid)

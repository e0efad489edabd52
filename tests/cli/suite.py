"""A copy of the suite into which tests may plant what a good suite must not have."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]

LEAKY_TRANSPORT = '''
"""A transport that loses every tenth room event."""
import itertools
from lab.load import fan_out
from transports.loopback import Loopback

fan_out.STALL_S = 0.2


class Leaky(Loopback):
    name = "leaky"

    async def connect(self, url, on_event, options):
        number = itertools.count(1)

        def lossy(event):
            if next(number) % 10:
                on_event(event)

        return await super().connect(url, lossy, options)
'''


def copy_suite(folder: Path) -> Path:
    """Copy `benchmarks` into `folder`; returns where it is then."""
    planted = folder / "benchmarks"
    shutil.copytree(ROOT / "benchmarks", planted, ignore=shutil.ignore_patterns("__pycache__"))
    return planted


def plant_leaky_transport(suite: Path) -> None:
    """Register, for the processes that run this copy, a transport `leaky` that loses deliveries."""
    (suite.parent / "leaky_transport.py").write_text(LEAKY_TRANSPORT)
    with (suite / "conftest.py").open("a") as conftest:
        conftest.write('\nregistry.TRANSPORTS["leaky"] = "leaky_transport:Leaky"\n')


def still_at_work(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended; one that ended and was not yet collected by init has."""
    return [process for process in processes if _works(process)]


def _works(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

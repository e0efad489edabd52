"""Before the benchmarks: a server whose language compiles what runs often is run in.

Node's first forty handshakes and first few ten thousand deliveries cost it two to four times what
later ones do, partly on other cores, where its compiler works meanwhile: a short benchmark would
tell of the compiler. Python compiles nothing.
"""

from __future__ import annotations

from benchmarks.halls import full_hall
from benchmarks.stage import Stage
from lab.contract import Stack
from lab.load.closed_loop import times_to_join
from lab.load.profiles import Driver
from lab.load.raw import speaks

ROOM = "run-in"
MEMBERS = 10
MESSAGES = 4000
WINDOW = 16
HANDSHAKES = 40


def compiles_as_it_runs(stack: Stack) -> bool:
    """Whether a server's first rounds are slower than the rest."""
    return stack.language.name != "Python"


def run_in(stage: Stage) -> None:
    """Connect and speak as the benchmarks will; what it took, and what was lost, is not counted."""
    stage.run(times_to_join(stage.connect, ROOM, HANDSHAKES))
    # By the driver that costs the least: the server is what is run in.
    driver: Driver = "raw" if speaks(stage.wire) else "library"
    with full_hall(stage, ROOM, MEMBERS, driver) as hall:
        stage.run(hall.fan_out(stage.texts(MESSAGES), WINDOW))

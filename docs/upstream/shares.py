"""Where a room's server spends its time, by py-spy: shares of its samples by function.

    pip install py-spy
    python docs/upstream/shares.py [--transport socketio-websocket] [--window 1]

A share counts a function with all that it calls; the second column counts it alone. Samples in
`select`, where the server has nothing to do, are left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import click
import msgspec

from lab.contract import Address
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.process import pin, plan_cores
from lab.measure.server import ServerProcess
from transports.registry import load

SIZE = 100
TEXT_BYTES = 64
MESSAGES = 100
SHOWN = 0.02
IDLE = "EpollSelector.select"


@click.command()
@click.option("--transport", default="socketio-websocket", show_default=True)
@click.option("--window", default=1, show_default=True)
@click.option("--seconds", default=20, show_default=True)
def main(transport: str, window: int, seconds: int) -> None:
    """Sample the server while the raw driver talks to it, and print the shares."""
    if shutil.which("py-spy") is None:
        raise click.ClickException("needs py-spy: pip install py-spy")
    cores = plan_cores()
    pin(os.getpid(), cores.load)
    with tempfile.TemporaryDirectory() as folder, ServerProcess(transport, ["--unpaced"]) as server:
        pin(server.pid, cores.server)
        stacks = Path(folder, "stacks")
        address = msgspec.convert(server.ready, Address)
        with RawRoom(load(transport), address, "room", SIZE) as room:
            _sample(server.pid, seconds, stacks, room, window)
        for line in shares(stacks.read_text(encoding="utf-8")):
            click.echo(line)


def _sample(pid: int, seconds: int, stacks: Path, room: RawRoom, window: int) -> None:
    # Not stopping the server at each sample costs a few broken stacks, and leaves it its pace.
    options = ["--nonblocking", "--rate", "200", "--duration", str(seconds), "--format", "raw"]
    spying = subprocess.Popen(
        ["py-spy", "record", *options, "--output", str(stacks), "--pid", str(pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    turn = 0
    while spying.poll() is None:
        room.fan_out(incompressible(TEXT_BYTES, MESSAGES, turn), window)
        turn += 1
    if spying.returncode:
        raise click.ClickException(f"py-spy ended with exit code {spying.returncode}")


def shares(stacks: str) -> list[str]:
    """The functions of py-spy's stacks, by share; a line each."""
    whole, alone, total = Counter[str](), Counter[str](), 0
    for line in stacks.splitlines():
        frames, _, count = line.rpartition(" ")
        names = [frame.partition(" (")[0] for frame in frames.split(";")]
        if names[-1] == IDLE:
            continue
        total += int(count)
        alone[names[-1]] += int(count)
        for name in set(names):
            whole[name] += int(count)
    return [
        f"{count / total:6.1%} {alone[name] / total:6.1%}  {name}"
        for name, count in whole.most_common()
        if count / total >= SHOWN
    ]


if __name__ == "__main__":
    main()

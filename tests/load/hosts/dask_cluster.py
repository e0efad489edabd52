"""A real Dask cluster: a scheduler, and two workers in network namespaces of their own.

Where this machine allows no namespaces, all of them are on 127.0.0.1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from pathlib import Path

from tests.load.hosts.waiting import wait_until

NAMES = ("ada", "bob")
SUBNETS = [*ip_network("198.18.0.0/15").subnets(new_prefix=29)]
"""Addresses for benchmarks of network devices (RFC 2544): no real host has one."""


@dataclass(frozen=True)
class Cluster:
    """`scheduler`: HOST:PORT. `here`: the address of this machine that the workers reach."""

    scheduler: str
    here: str
    apart: bool
    workers: dict[str, subprocess.Popen[bytes]]


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start it; on exit nothing of it is left. `folder`: for what the processes say."""
    with ExitStack() as stack:
        here, spaces = stack.enter_context(_namespaces())
        port_file = folder / "scheduler.json"
        words = ["scheduler", "--host", here, "--port", "0", "--scheduler-file", str(port_file)]
        stack.enter_context(_running([], words, folder / "scheduler.txt"))
        wait_until(port_file.exists, "the scheduler is ready")
        workers = {}
        for name, space in zip(NAMES, spaces, strict=True):
            words = ["worker", "--scheduler-file", str(port_file), "--no-nanny", "--nthreads", "1"]
            words += ["--name", name, "--local-directory", str(folder / name)]
            words += [] if space else ["--host", here]
            output = folder / f"{name}.txt"
            workers[name] = stack.enter_context(_running(space, words, output))
        for name in NAMES:
            output = folder / f"{name}.txt"
            wait_until(partial(_says, output, "Registered to"), f"{name} is in")
        scheduler = _address(port_file.read_text())
        yield Cluster(scheduler, here, bool(spaces[0]), workers)


def _says(output: Path, text: str) -> bool:
    return text in output.read_text()


def _address(scheduler_file: str) -> str:
    return scheduler_file.split('"address": "tcp://')[1].split('"', maxsplit=1)[0]


@contextmanager
def _running(
    prefix: Sequence[str], words: Sequence[str], output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    command = [*prefix, sys.executable, "-m", "dask", *words, "--no-dashboard"]
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=output.parent
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def _namespaces() -> Iterator[tuple[str, list[list[str]]]]:
    """This machine's address, and for each worker the command that enters its namespace."""
    if os.getuid() != 0 or shutil.which("ip") is None:
        yield "127.0.0.1", [[], []]
        return
    with ExitStack() as undo:
        try:
            made = _make_namespaces(undo)
        except subprocess.CalledProcessError:
            undo.close()
            made = "127.0.0.1", [[], []]
        yield made


def _make_namespaces(undo: ExitStack) -> tuple[str, list[list[str]]]:
    number = os.getpid()
    subnet = SUBNETS[number % len(SUBNETS)]
    here, *theirs = [f"{address}/{subnet.prefixlen}" for address in subnet.hosts()]
    bridge = f"lab{number}"
    _ip("link", "add", bridge, "type", "bridge")
    undo.callback(_ip, "link", "del", bridge)
    _ip("addr", "add", here, "dev", bridge)
    _ip("link", "set", bridge, "up")
    spaces = []
    for name, address in zip(NAMES, theirs, strict=False):
        space, outer, inner = f"{bridge}-{name}", f"{bridge}{name[0]}", "eth0"
        _ip("netns", "add", space)
        undo.callback(_ip, "netns", "del", space)
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
        undo.callback(_gone, outer)
        _ip("link", "set", outer, "master", bridge, "up")
        _ip("-n", space, "addr", "add", address, "dev", inner)
        _ip("-n", space, "link", "set", inner, "up")
        _ip("-n", space, "link", "set", "lo", "up")
        spaces.append(["ip", "netns", "exec", space])
    return here.partition("/")[0], spaces


def _gone(link: str) -> None:
    with suppress(subprocess.CalledProcessError):
        _ip("link", "del", link)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)

"""Measures the learner's server as `lab probe` and `lab load` do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lab.course.chapters import CourseError
from lab.course.learner import Learner, free_ports, served
from lab.course.patience import patience_s, starting_s
from lab.course.problem import WrongError
from lab.load.scenario.links import Site
from lab.load.scenario.outcome import Outcome
from lab.load.scenario.run import Watching, run
from lab.load.scenario.server import TargetServer, TreeMeter
from lab.probe.client import Client
from lab.probe.probe import probe
from lab.probe.socket_io import Wishes
from lab.scenario import Scenario
from lab.scenario.parsing import ScenarioError, parse
from lab.target.endpoint import permit
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets
from lab.target.target import SOCKET_IO_PATH, Target

SECONDS = 1.0
"""A check counts messages, and no time: it needs no long load."""
SEED = 1


def scenario_of(folder: Path) -> Scenario:
    """The learner's `chat.toml`.

    Raises:
        CourseError: there is none.
        WrongError: it is no scenario.
    """
    file = folder / "chat.toml"
    if not file.is_file():
        raise CourseError(f"{folder} has no chat.toml: make it by `lab course start 10`")
    try:
        return parse(file.read_text(errors="replace"), "chat.toml")
    except ScenarioError as error:
        raise WrongError("chat.toml is no scenario", "one", str(error), "docs/load.md") from None


async def loaded(subject: Learner, scenario: Scenario) -> Outcome:
    """Load the learner's server for a moment.

    Raises:
        WrongError: the clients can't connect, or their setup is not answered.
    """
    async with served(subject) as port:
        return await _load(port, scenario, None)


async def loaded_by_itself(subject: Learner, scenario: Scenario) -> Outcome:
    """Load the server that the scenario starts."""
    (port,) = free_ports(1)
    assert scenario.server is not None
    server = msgspec.structs.replace(scenario.server, ready=starting_s())
    try:
        address = ("127.0.0.1", port)
        async with TargetServer(server, subject.folder, address, Secrets()) as started:
            return await _load(port, scenario, started.pid)
    except TargetError as error:
        what = "the server of chat.toml does not start"
        raise WrongError(what, "an open port", str(error).splitlines()[0], "docs/load.md") from None


async def round_trips(subject: Learner) -> Mapping[str, int | None]:
    """How many round trips a client needs until it can send, by the transport of Engine.IO."""
    async with served(subject) as port:
        client = Client(await permit(_target(port)), {}, patience_s(), insecure=False)
        try:
            found = await probe(client, Wishes(listen_s=0))
        except TargetError as error:
            what = "the server can't be probed"
            raise WrongError(what, "Socket.IO", str(error), "docs/probe.md") from None
    return {each.name.removeprefix("Socket.IO "): each.round_trips for each in found.transports}


def _target(port: int) -> Target:
    return Target("http", "127.0.0.1", port)


async def _load(port: int, scenario: Scenario, pid: int | None) -> Outcome:
    load = msgspec.structs.replace(
        scenario.load, duration=SECONDS, timeout=min(scenario.load.timeout, patience_s())
    )
    scenario = msgspec.structs.replace(scenario, load=load)
    connect = scenario.connect
    path = connect.path or (SOCKET_IO_PATH if connect.transport == "socketio" else "/")
    endpoint = await permit(_target(port))
    site = Site(endpoint, path, connect.headers, "", patience_s())
    over = threading.Event()
    watching = Watching(interrupted=over.is_set, meter=TreeMeter(pid))
    try:
        return await asyncio.to_thread(run, scenario, site, SEED, watching)
    except TargetError as error:
        what = "the clients of chat.toml do not get ready"
        raise WrongError(what, "10 clients", str(error).splitlines()[0], "docs/load.md") from None
    finally:
        over.set()

"""The fixtures of the suite: which wires, in which order, under which settings, on which cores."""

from __future__ import annotations

import gc
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from benchmarks.run_in import compiles_as_it_runs, run_in
from benchmarks.stage import Stage
from lab.contract import Capability, Settings, Transport
from lab.load.profiles import EXPERIMENTS, PROFILES, Client, Driver, Profile
from lab.load.raw import speaks
from lab.load.schedule import Arrivals
from lab.measure import collector
from lab.measure.process import CorePlan, plan_cores
from lab.measure.twins import in_order, is_twin, original
from transports import registry

PROGRESS_FD = "LAB_PROGRESS_FD"
"""The file descriptor on which `lab bench` reads how a pass gets on, in lines of JSON."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lab", "Transport Lab")
    group.addoption("--wires", default=",".join(registry.CORE), help="wires, comma-separated")
    group.addoption("--profile", default="quick", choices=list(PROFILES), help="how much")
    group.addoption("--experiments", default=None, help="comma-separated; default: the profile's")
    group.addoption("--settings", default="equal", choices=["equal", "stock"], help="see README")
    group.addoption("--planted", default="", help="twin=ns,...: slow its deliveries down")
    group.addoption("--arrivals", default=None, choices=["constant", "poisson"], help="open loop")
    group.addoption("--rounds", type=int, default=None, help="of each benchmark that is timed")
    group.addoption("--driver", default="library", choices=get_args(Driver), help="who asks")
    group.addoption("--client", default="python", choices=get_args(Client), help="where from")
    group.addoption("--order-seed", type=int, default=None, help="shuffle the wires by this seed")


def pytest_configure(config: pytest.Config) -> None:
    """A wire or an experiment that there is not is said once, before anything is collected."""
    _wires(config)
    _experiments(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "wire" in metafunc.fixturenames:
        needs = metafunc.definition.get_closest_marker("needs")
        wanted = frozenset(needs.args) if needs else frozenset()
        names = [name for name in _wires(metafunc.config) if _can(name, wanted)]
        if metafunc.definition.get_closest_marker("driven"):
            names = [name for name in names if _driven(name, metafunc.config)]
        if metafunc.definition.get_closest_marker("apart"):
            names = [name for name in names if _has_yardsticks(name)]
        if metafunc.config.getoption("--client") == "browser":
            names = [name for name in names if _spoken_in_a_page(name)]
        metafunc.parametrize("wire", names, indirect=True, scope="session")
    profile = PROFILES[metafunc.config.getoption("--profile")]
    rooms = profile.cost.rooms
    sizes = {
        "room_size": list(profile.fan_out_messages),
        "members": list(rooms),
        "size_bytes": list(profile.cost.payloads),
        "in_flight": list(profile.apart.messages),
    }
    for name in sizes.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, sizes[name])


def _can(name: str, wanted: frozenset[Capability]) -> bool:
    """Whether to ask this wire; one that is unavailable is asked, and says why it can't answer."""
    try:
        return wanted <= registry.load(original(name)).capabilities
    except registry.UnavailableError:
        return True


def _driven(name: str, config: pytest.Config) -> bool:
    """Whether to ask this wire with the driver that was chosen; see `_can`."""
    if config.getoption("--driver") == "library" or registry.unavailable(original(name)):
        return True
    return speaks(registry.load(original(name)))


def _has_yardsticks(name: str) -> bool:
    """Whether this wire says by which others its cost is taken apart; see `_can`."""
    try:
        return registry.load(original(name)).tuned is not None
    except registry.UnavailableError:
        return True


def _spoken_in_a_page(name: str) -> bool:
    """Whether a browser can be asked to ask this wire; see `_can`."""
    from lab.page.wires import unspoken

    try:
        return unspoken(registry.load(original(name))) is None
    except registry.UnavailableError:
        return True


def _wires(config: pytest.Config) -> list[str]:
    """The wires of this pass, in its order: shuffled where a seed is given."""
    asked = [name.strip() for name in config.getoption("--wires").split(",")]
    try:
        names = in_order(asked, registry.check(map(original, asked)))
    except registry.UnknownWireError as error:
        raise pytest.UsageError(str(error)) from error
    seed = config.getoption("--order-seed")
    if seed is not None:
        random.Random(seed).shuffle(names)
    return names


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The experiments asked for, wire by wire, each with one server: in the order of the pass."""
    wanted, client = _experiments(config), config.getoption("--client")

    def asked(item: pytest.Item) -> bool:
        return experiment_of(item.path) in wanted and client_of(item.path) == client

    config.hook.pytest_deselected(items=[item for item in items if not asked(item)])
    items[:] = [item for item in items if asked(item)]
    order = {name: place for place, name in enumerate(_wires(config))}
    items.sort(key=lambda item: order.get(_wire_of(item), -1))


def _experiments(config: pytest.Config) -> tuple[str, ...]:
    asked = config.getoption("--experiments")
    if asked is None:
        return PROFILES[config.getoption("--profile")].experiments
    names = tuple(name.strip() for name in asked.split(","))
    if unknown := set(names) - set(EXPERIMENTS):
        there_are = ", ".join(EXPERIMENTS)
        raise pytest.UsageError(f"no experiment {', '.join(unknown)}; there are {there_are}")
    return names


def experiment_of(path: Path) -> str:
    """The experiment that a benchmark file belongs to: it is called after it."""
    return path.stem.removeprefix("test_")


def client_of(path: Path) -> Client:
    """Where a benchmark file is asked from: a folder has those that a browser asks."""
    return "browser" if path.parent.name == "browser" else "python"


def _wire_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("wire")) if callspec else ""


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> Profile:
    chosen = PROFILES[request.config.getoption("--profile")]
    rounds = request.config.getoption("--rounds")
    return msgspec.structs.replace(chosen, rounds=rounds or chosen.rounds)


@pytest.fixture(scope="session")
def cores() -> CorePlan:
    return plan_cores()


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest) -> Settings:
    chosen: Settings = request.config.getoption("--settings")
    return chosen


@pytest.fixture(scope="session")
def driver(request: pytest.FixtureRequest) -> Driver:
    chosen: Driver = request.config.getoption("--driver")
    return chosen


@pytest.fixture(scope="session")
def arrivals(request: pytest.FixtureRequest, profile: Profile) -> Arrivals:
    asked: Arrivals | None = request.config.getoption("--arrivals")
    return asked or profile.open_loop.arrivals


@pytest.fixture(scope="session", autouse=True)
def calm_collector(settings: Settings) -> Iterator[None]:
    """The load's garbage collector is treated as the server's is: see `lab serve`."""
    usual = gc.get_threshold()
    if settings == "equal":
        collector.calm()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture(scope="session")
def wire(request: pytest.FixtureRequest) -> Transport:
    try:
        found = registry.load(original(request.param))
    except registry.UnavailableError as error:
        pytest.skip(f"{request.param} is unavailable: {error}")
    return _second_self(found, request.param) if is_twin(request.param) else found


def _second_self(wire: Transport, label: str) -> Transport:
    """The same wire under its twin's name, by which its figures are kept apart."""
    kind = type(wire)
    second: Transport = type(kind.__name__, (kind,), {"name": label})()
    return second


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest,
    wire: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
) -> Iterator[Stage]:
    with Stage(wire, settings, profile, cores, planted_ns(request.config, wire)) as stage:
        if compiles_as_it_runs(wire.stack()):
            run_in(stage)
        yield stage


def planted_ns(config: pytest.Config, wire: Transport) -> int:
    """By how much each delivery of this wire's server is to be slowed down: see `lab bench`."""
    told = config.getoption("--planted")
    planted = dict(each.split("=") for each in told.split(",")) if told else {}
    return int(planted.get(wire.name, 0))


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    """A committed result says what machine it was, not whose."""
    machine_info["node"] = ""


def pytest_collection_finish(session: pytest.Session) -> None:
    _tell({"collected": len(session.items)})


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = crash.message if crash else report.longreprtext
        name = report.nodeid.split("::")[-1]
        _tell({"done": name, "outcome": report.outcome, "why": why if report.failed else ""})


def _tell(news: dict[str, Any]) -> None:
    fd = os.environ.get(PROGRESS_FD)
    if fd is not None:
        os.write(int(fd), json.dumps(news).encode() + b"\n")

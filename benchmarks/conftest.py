"""The fixtures of the suite: transports, their order, settings and cores."""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.from_a_fleet import TransportForFleet
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import VoidError
from lab.contract import Settings, Transport
from lab.link import Link, Network
from lab.load.hosts.fleet import Fleet, FleetError
from lab.load.open_loop.schedule import Arrivals
from lab.load.profiles import (
    EXPERIMENTS,
    JAVASCRIPT_CLIENTS,
    PROFILES,
    Client,
    Driver,
    Profile,
    Requirement,
)
from lab.load.requirements import MEETS
from lab.measure import collector
from lab.measure.process import CorePlan, plan_cores
from lab.measure.replicas import in_order, original
from transports import registry

VOID = "void"
PROGRESS_FD = "LAB_PROGRESS_FD"
"""The file descriptor on which `lab bench` reads the progress of a pass, as lines of JSON."""
FORMER_NAME = "--wires"
"""The former name of `--transports`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lab", "Transport Lab")
    group.addoption(
        "--transports", default=",".join(registry.CORE), help="transports, comma-separated"
    )
    group.addoption(FORMER_NAME, default=None, help=argparse.SUPPRESS)
    group.addoption(
        "--profile", default="quick", choices=list(PROFILES), help="how much is measured"
    )
    group.addoption("--experiments", default=None, help="comma-separated; default: the profile's")
    group.addoption(
        "--settings",
        default="equal",
        choices=["equal", "stock"],
        help="the settings of the transports: see README",
    )
    group.addoption("--planted", default="", help="replica=ns,...: slow down its deliveries")
    group.addoption(
        "--servers", default="", help="transport=python,...: the environment of its server"
    )
    group.addoption(
        "--arrivals",
        default=None,
        choices=["constant", "poisson"],
        help="how messages arrive in an open loop",
    )
    group.addoption("--rounds", type=int, default=None, help="rounds of each timed benchmark")
    group.addoption("--clients", type=int, default=None, help="clients of the experiment storm")
    group.addoption("--fleet", default=None, help="HOST:PORT of the Dask scheduler of the load")
    group.addoption("--listen", default="127.0.0.1", help="where a fleet reaches the servers")
    group.addoption("--fleet-workers", default="", help="their labels, comma-separated")
    group.addoption(
        "--driver", default="library", choices=get_args(Driver), help="the kind of Python client"
    )
    group.addoption(
        "--client", default="python", choices=get_args(Client), help="the language of the client"
    )
    group.addoption(
        "--network", default="", help="JSON of the network between the client and the server"
    )
    group.addoption(
        "--order-seed", type=int, default=None, help="shuffle the transports by this seed"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Report an unknown transport or experiment once, before anything is collected."""
    _take_former_name(config)
    _transports(config)
    _experiments(config)


def _take_former_name(config: pytest.Config) -> None:
    """`--transports` was called `--wires`. The old name works and prints a note."""
    if (former := config.getoption(FORMER_NAME)) is not None:
        sys.stderr.write(f"{FORMER_NAME} is now --transports; the old name works in this version\n")
        config.option.transports = former


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why pytest-benchmark prints no table if pytest runs in several processes."""
    if config.getoption("numprocesses", None):
        terminalreporter.write_line(
            "There is no table: with -n nothing is measured, because the processes would disturb "
            "each other. Run pytest without -n."
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "transport" in metafunc.fixturenames:
        can_run = _can_run(metafunc)
        names = [name for name in _transports(metafunc.config) if _fits(name, can_run)]
        params = names or [_skipped(metafunc.definition.path)]
        metafunc.parametrize("transport", params, indirect=True, scope="session")
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


def _skipped(path: Path) -> Any:
    """The parameter of a benchmark that can run on none of the chosen transports."""
    experiment = EXPERIMENTS.get(experiment_of(path))
    wanted = experiment.requires if experiment else Requirement.NOTHING
    reason = f"it requires {wanted}, and no chosen transport has what this benchmark requires"
    return pytest.param(None, marks=pytest.mark.skip(reason=reason), id="none")


def _can_run(metafunc: pytest.Metafunc) -> Callable[[Transport], bool]:
    """Whether this benchmark can run on a transport.

    The transport must meet what the experiment requires and what the benchmark's mark `needs` says.
    If the benchmark uses the raw driver, that must speak the transport. If the client
    is JavaScript, that must.
    """
    config, needs = metafunc.config, metafunc.definition.get_closest_marker("needs")
    experiment = EXPERIMENTS.get(experiment_of(metafunc.definition.path))
    checks = [MEETS[experiment.requires if experiment else Requirement.NOTHING]]
    if needs:
        checks.append(lambda transport: frozenset(needs.args) <= transport.capabilities)
    if "driver" in metafunc.fixturenames and config.getoption("--driver") == "raw":
        checks.append(MEETS[Requirement.RAW_CLIENT])
    if config.getoption("--client") in JAVASCRIPT_CLIENTS:
        from lab.page.transports import UNSPOKEN

        unspoken = UNSPOKEN[config.getoption("--client")]
        checks.append(lambda transport: unspoken(transport) is None)
    return lambda transport: all(check(transport) for check in checks)


def _fits(name: str, can_run: Callable[[Transport], bool]) -> bool:
    """Whether this transport is measured. An unavailable one is skipped later, with the reason."""
    try:
        return can_run(registry.load(original(name)))
    except registry.UnavailableError:
        return True


def _transports(config: pytest.Config) -> list[str]:
    """The transports of this pass in order, shuffled if there is a seed."""
    requested = [name.strip() for name in config.getoption("--transports").split(",")]
    try:
        names = in_order(requested, registry.check(map(original, requested)))
    except registry.UnknownTransportError as error:
        raise pytest.UsageError(str(error)) from error
    seed = config.getoption("--order-seed")
    if seed is not None:
        random.Random(seed).shuffle(names)
    return names


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the requested benchmarks by transport, so that each has one server."""
    wanted, client = _experiments(config), config.getoption("--client")

    def requested(item: pytest.Item) -> bool:
        return experiment_of(item.path) in wanted and client in clients_of(item.path)

    config.hook.pytest_deselected(items=[item for item in items if not requested(item)])
    items[:] = [item for item in items if requested(item)]
    order = {name: place for place, name in enumerate(_transports(config))}
    items.sort(key=lambda item: order.get(_transport_of(item), -1))


def _experiments(config: pytest.Config) -> tuple[str, ...]:
    requested = config.getoption("--experiments")
    if requested is None:
        return PROFILES[config.getoption("--profile")].experiments
    names = tuple(name.strip() for name in requested.split(","))
    if unknown := set(names) - set(EXPERIMENTS):
        there_are = ", ".join(EXPERIMENTS)
        raise pytest.UsageError(f"no experiment {', '.join(unknown)}; there are {there_are}")
    return names


def experiment_of(path: Path) -> str:
    """The experiment of a benchmark file, from the file's name."""
    return path.stem.removeprefix("test_")


def clients_of(path: Path) -> tuple[Client, ...]:
    """The clients of a benchmark file. Those in JavaScript have their own folder."""
    return JAVASCRIPT_CLIENTS if path.parent.name == "javascript" else ("python",)


def _transport_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("transport")) if callspec else ""


@pytest.fixture(scope="session")
def profile(request: pytest.FixtureRequest) -> Profile:
    chosen = PROFILES[request.config.getoption("--profile")]
    rounds, clients = map(request.config.getoption, ("--rounds", "--clients"))
    storm = msgspec.structs.replace(chosen.storm, clients=clients or chosen.storm.clients)
    return msgspec.structs.replace(chosen, rounds=rounds or chosen.rounds, storm=storm)


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
    requested: Arrivals | None = request.config.getoption("--arrivals")
    return requested or profile.open_loop.arrivals


@pytest.fixture(scope="session", autouse=True)
def calm_collector(settings: Settings) -> Iterator[None]:
    """Set the load's garbage collector as `lab serve` sets the server's."""
    usual = gc.get_threshold()
    if settings == "equal":
        collector.calm()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture(scope="session")
def transport(request: pytest.FixtureRequest) -> Transport:
    try:
        found = registry.load(original(request.param))
    except registry.UnavailableError as error:
        pytest.skip(f"{request.param} is unavailable: {error}")
    return found if found.name == request.param else _named(found, request.param)


def _named(transport: Transport, label: str) -> Transport:
    """The same transport under another label of its own, which keeps its figures separate."""
    kind = type(transport)
    named: Transport = type(kind.__name__, (kind,), {"name": label})()
    return named


@pytest.fixture(scope="session")
def link(request: pytest.FixtureRequest) -> Iterator[Link | None]:
    """The link between the client and the server; None: they are in one network namespace."""
    network = request.config.getoption("--network")
    if not network:
        yield None
        return
    with Link(msgspec.json.decode(network, type=Network)) as opened:
        yield opened


@pytest.fixture(scope="session")
def served(
    request: pytest.FixtureRequest,
    link: Link | None,
    transport: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
    fleet: Fleet | None,
) -> Iterator[ServedTransport]:
    kind = ServedTransport if fleet is None else _for_fleet(fleet, request.config)
    with kind(
        transport,
        settings,
        profile,
        cores,
        planted_ns(request.config, transport),
        python=by_label(request.config, "--servers").get(transport.name),
        link=link,
    ) as served:
        served.warm_up()
        yield served


@pytest.fixture(scope="session")
def fleet(request: pytest.FixtureRequest) -> Iterator[Fleet | None]:
    """The fleet of the load. None: the load is this machine's."""
    option = request.config.getoption
    workers = [label for label in option("--fleet-workers").split(",") if label]
    if option("--fleet") is None:
        yield None
        return
    try:
        with Fleet(option("--fleet"), option("--listen"), workers) as fleet:
            yield fleet
    except FleetError as error:
        pytest.fail(str(error), pytrace=False)


def _for_fleet(fleet: Fleet, config: pytest.Config) -> type[TransportForFleet]:
    """Transports that are served for this fleet."""
    members = {"fleet": fleet, "listen": config.getoption("--listen")}
    return type("TransportForThisFleet", (TransportForFleet,), members)


def planted_ns(config: pytest.Config, transport: Transport) -> int:
    """The planted slowdown of each delivery of this transport's server: see `lab bench`."""
    return int(by_label(config, "--planted").get(transport.name, 0))


def by_label(config: pytest.Config, option: str) -> dict[str, str]:
    """The values of an option such as `--planted websocket~2=700,...`, by label."""
    text = config.getoption(option)
    return dict(each.split("=", 1) for each in text.split(",")) if text else {}


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    """A committed result must name the kind of machine, but not its owner."""
    machine_info["node"] = ""


def pytest_collection_finish(session: pytest.Session) -> None:
    _send_progress({"collected": len(session.items)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark a void benchmark in its `extra_info` and in its report."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, VoidError):
        reason = str(call.excinfo.value)
        report.user_properties.append((VOID, reason))
        benchmark = item.funcargs.get("benchmark") if isinstance(item, pytest.Function) else None
        if isinstance(benchmark, BenchmarkFixture):
            benchmark.extra_info[VOID] = reason
            benchmark.skipped = True  # else pytest-benchmark warns if it never ran
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:  # one is skipped before its call
        name = report.nodeid.split("::")[-1]
        _send_progress({"done": name, **_outcome(report)})


def _outcome(report: pytest.TestReport) -> dict[str, str]:
    """The outcome of a benchmark: `passed`, `skipped`, `failed` or `void`; with the reason."""
    if not report.failed:
        return {"outcome": report.outcome}
    if void := dict(report.user_properties).get(VOID):
        return {"outcome": VOID, "reason": str(void)}
    crash = getattr(report.longrepr, "reprcrash", None)
    return {"outcome": "failed", "reason": crash.message if crash else report.longreprtext}


def _send_progress(message: dict[str, Any]) -> None:
    fd = os.environ.get(PROGRESS_FD)
    if fd is not None:
        os.write(int(fd), json.dumps(message).encode() + b"\n")

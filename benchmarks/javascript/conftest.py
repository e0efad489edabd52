"""The fixtures of the benchmarks in JavaScript. All others are the same as for Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.conftest import planted_ns
from benchmarks.javascript.chromium import Chromium
from benchmarks.javascript.node import Node
from benchmarks.javascript.runtime import Runtime
from benchmarks.javascript.served import ServedToJavaScript
from lab.contract import Settings, Transport
from lab.load.profiles import Profile
from lab.measure.process import CorePlan

RUNTIMES: dict[str, type[Runtime]] = {"browser": Chromium, "node": Node}
"""`--client` -> what runs it."""


@pytest.fixture(scope="session")
def runtime(request: pytest.FixtureRequest, cores: CorePlan) -> Iterator[Runtime]:
    with RUNTIMES[request.config.getoption("--client")](cores) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def served(
    request: pytest.FixtureRequest,
    transport: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
    runtime: Runtime,
) -> Iterator[ServedToJavaScript]:
    planted = planted_ns(request.config, transport)
    with ServedToJavaScript(transport, settings, profile, cores, planted, runtime) as served:
        served.warm_up()
        yield served

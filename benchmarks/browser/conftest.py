"""The fixtures of the suite where a browser asks: the rest is as in Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.browser.chromium import Chromium
from benchmarks.browser.stage import PageStage
from benchmarks.conftest import planted_ns
from benchmarks.run_in import compiles_as_it_runs, run_in
from lab.contract import Settings, Transport
from lab.load.profiles import Profile
from lab.measure.process import CorePlan


@pytest.fixture(scope="session")
def browser(cores: CorePlan) -> Iterator[Chromium]:
    with Chromium(cores) as browser:
        yield browser


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest,
    wire: Transport,
    settings: Settings,
    profile: Profile,
    cores: CorePlan,
    browser: Chromium,
) -> Iterator[PageStage]:
    planted = planted_ns(request.config, wire)
    with PageStage(wire, settings, profile, cores, planted, browser) as stage:
        if compiles_as_it_runs(wire.stack()):
            run_in(stage)
        yield stage

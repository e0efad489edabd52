"""Settings for all tests: one marker, how Hypothesis works here, and what coverage is about."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import settings

# What a test starts is no part of a parallel run: pytest-benchmark would not measure in one.
for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
    del os.environ[name]

# Tests in other folders use these modules too. pytest has to know before the first import.
pytest.register_assert_rewrite(
    *(f"tests.conformance.{name}" for name in ("client", "served", "raw"))
)

# A slow machine must not fail a test. The output of a failure must be enough to repeat it.
settings.register_profile("lab", deadline=None, print_blob=True)
settings.load_profile("lab")
# For a longer search than each change needs: `pytest --hypothesis-profile deep`.
settings.register_profile("deep", settings.get_profile("lab"), max_examples=20_000)

HERE = Path(__file__).parent
UNTRACED = tuple(
    HERE / name
    for name in (
        "conformance",
        "handshakes/test_servers.py",
        "interop",
        "transports/codec",
        "transports/native",
        "transports/node",
        "transports/socketio",
        "transports/tuned",
    )
)
"""The tests that coverage does not look at: they try whole servers, and the floor is about pure
modules, which have tests of their own. Tracing them would take two to three times the CPU."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker by which a conformance test says what a transport must be able to do."""
    config.addinivalue_line(
        "markers",
        "needs(*capabilities): only for transports with all of these `lab.contract.Capability`s",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test of `UNTRACED`, with its fixtures, while coverage rests."""
    coverage = Coverage.current()
    if coverage is None or not any(item.path.is_relative_to(place) for place in UNTRACED):
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()

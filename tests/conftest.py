"""Above all tests: one marker, and how Hypothesis works here."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# What a test starts is no part of a parallel run: pytest-benchmark would not measure in one.
for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
    del os.environ[name]

# Tests of other folders stand on the conformance suite's stage too: before any of them imports it.
pytest.register_assert_rewrite(*(f"tests.conformance.{name}" for name in ("guest", "stage", "raw")))

# A slow machine is no wrong answer; and what failed must be repeatable from the output alone.
settings.register_profile("lab", deadline=None, print_blob=True)
settings.load_profile("lab")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker by which a conformance test says what a wire must be able to do."""
    config.addinivalue_line(
        "markers",
        "needs(*capabilities): only for wires that declare all of these `lab.contract.Capability`s",
    )

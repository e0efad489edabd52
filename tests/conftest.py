"""Settings for all tests: one marker, and how Hypothesis works here."""

from __future__ import annotations

import os

import pytest
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


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker by which a conformance test says what a transport must be able to do."""
    config.addinivalue_line(
        "markers",
        "needs(*capabilities): only for transports with all of these `lab.contract.Capability`s",
    )

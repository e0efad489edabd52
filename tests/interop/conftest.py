"""What a test needs of this machine: skipped with the reason where it is missing, failed in CI."""

from __future__ import annotations

import os

import pytest


def needs(reason: str | None) -> None:
    """Go on where the reason is None; see `node_unavailable`, `chromium_unavailable`."""
    if reason is None:
        return
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

"""Skips a test with the reason where the machine lacks something; fails it in CI."""

from __future__ import annotations

import os

import pytest


def may_lack() -> list[str]:
    """The packages that may be missing in CI too, because .ci/run could not install them."""
    return os.environ.get("LAB_MAY_LACK", "").split()


def needs(reason: str | None) -> None:
    """Continue if the reason is None; see `node_unavailable`, `chromium_unavailable`."""
    if reason is None:
        return
    if os.environ.get("CI") and not any(part in reason for part in may_lack()):
        pytest.fail(reason)
    pytest.skip(reason)

"""For the tests of what is served in Node: a skip that says why, which in CI is a failure."""

from __future__ import annotations

import os

import pytest

from transports import _node_versions

REASON = _node_versions.unavailable("ws") or _node_versions.unavailable("socket.io")
needs_node = pytest.mark.skipif(
    REASON is not None and not os.environ.get("CI"), reason=f"Node: {REASON}"
)

"""Skip tests without Node, with the reason. In CI this is a failure."""

from __future__ import annotations

import os

import pytest

from transports._node import versions as node_versions

REASON = node_versions.unavailable("ws") or node_versions.unavailable("socket.io")
needs_node = pytest.mark.skipif(
    REASON is not None and not os.environ.get("CI"), reason=f"Node: {REASON}"
)

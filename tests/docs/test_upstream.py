"""What docs/upstream.md says of the libraries still holds, and its diffs still correct it.

Where a test here fails, a library has changed: correct the document, and the workaround in the lab.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.upstream.telling import COSTS, EXPERIMENTS, PATCHES, patched
from tests.interop.conftest import needs
from transports._node.versions import unavailable

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "upstream.md").read_text(encoding="utf-8")
PATIENCE_S = 120

BINARY = '200 451-["said",{"_placeholder":true,"num":0}]\x1ebAAEC'
AS_BYTES = {"websocket": repr(b"\0\1\2"), "polling": BINARY}
FOUND: dict[str, tuple[Any, Any]] = {
    "binary_rooms": (
        {
            "polling first": {"websocket": repr("bAAEC"), "polling": BINARY},
            "websocket first": {
                "websocket": repr(b"\0\1\2"),
                "polling": "500 500 Internal Server Error\n\nServer got itself in trouble",
            },
        },
        {"polling first": AS_BYTES, "websocket first": AS_BYTES},
    ),
    "left_sessions": (
        {
            "version 99": [400, 75],
            "no key": [400, 75],
            "no Connection": [500, 75],
            "a frame that is no packet": [101, 75],
        },
        {
            "version 99": [400, 0],
            "no key": [400, 0],
            "no Connection": [400, 0],
            "a frame that is no packet": [101, 0],
        },
    ),
    "pending_poll": ("nothing, while 20 later requests are answered", "200 6"),
    "late_connect": (
        {"before the probe": "6", "after a WebSocket without a probe": "6"},
        {"before the probe": "40", "after a WebSocket without a probe": "40"},
    ),
    "whole_body": ([200, ["first"]], [200, ["first", "second"]]),
    "too_many_packets": ({"16": [200, 16], "17": [200, 0]}, {"16": [200, 16], "17": [400, 0]}),
    "client_disconnect": (
        # Since Python 3.12 `asyncio.wait_for` makes no task: the write loop has its turn in time.
        [0, "transport close"] if sys.version_info < (3, 12) else [10, "client disconnect"],
        [10, "client disconnect"],
    ),
    "connect_timeout": ("still there after 3 pings", "given up"),
    "repeated_poll": (
        [["first", "third"], "still connected"],
        [["first"], "disconnected: transport error"],
    ),
    "unmasked_frames": ("81 02 68 69", "88 02 03 ea"),
}


@pytest.fixture(scope="module")
def found() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the experiments find with the libraries as installed, and with all patches at once."""
    needs(unavailable("ws"))
    command = [sys.executable, "-m", "docs.upstream"]
    with patched([*EXPERIMENTS, *COSTS]) as environment:
        runs = [
            subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE)
            for env in (None, environment)
        ]
        said = [run.communicate(timeout=PATIENCE_S)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    installed, mended = map(json.loads, said)
    return installed, mended


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_is_told_is_found(name: str, found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    installed, _ = found
    assert installed[name] == FOUND[name][0], "the library has changed"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_patch_mends_it(name: str, found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, mended = found
    assert mended[name] == FOUND[name][1]


def test_every_patch_is_there_and_told_of() -> None:
    assert sorted(path.stem for path in PATCHES.glob("*.diff")) == sorted([*EXPERIMENTS, *COSTS])
    linked = re.findall(r"\(upstream/patches/(\w+)\.diff\)", TEXT)
    assert sorted(set(linked)) == sorted([*EXPERIMENTS, *COSTS])


def test_every_diff_in_the_document_is_a_patch() -> None:
    """A diff that is shown is the patch's own lines; what it leaves out is `...`."""
    patches = "\n".join(path.read_text(encoding="utf-8") for path in PATCHES.glob("*.diff"))
    blocks = re.findall(r"```diff\n(.*?)```", TEXT, re.DOTALL)
    assert blocks
    for block in blocks:
        for line in block.splitlines():
            assert line == "..." or line in patches.splitlines()

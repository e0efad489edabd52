"""The claim `no-library`: which environments have WebSocket, and the size of a library."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from lab.claims._support.claim import Verdict
from lab.claims.no_library import Installed, judge, python_modules, weigh


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Installed(True, True, ("ws",), ("websocket",)), Verdict.HOLDS),
        (Installed(True, False, (), ()), Verdict.DEPENDS),
        (Installed(True, True, (), ()), Verdict.DEPENDS),
        (Installed(True, True, ("ws",), ()), Verdict.DEPENDS),
        (Installed(False, False, (), ("websocket",)), Verdict.DEPENDS),
        (Installed(False, False, (), ()), Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_environments_that_have_websocket(
    found: Installed, verdict: Verdict
) -> None:
    assert judge(found) is verdict


def test_a_bundle_is_measured_plain_and_compressed(tmp_path: Path) -> None:
    text = b"const answer = 42;\n" * 1000
    file = tmp_path / "bundle.js"
    file.write_bytes(text)
    weight = weigh(file)
    assert (weight.name, weight.raw) == ("bundle.js", len(text))
    assert weight.gzip == len(gzip.compress(text, mtime=0))
    assert weight.brotli == len(brotli.compress(text))
    assert weight.brotli < weight.gzip < weight.raw


def test_python_modules_are_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdlib_module_names", frozenset({"json", "asyncio_websocket"}))
    assert python_modules() == ("asyncio_websocket",)

"""The claim that nothing has to be installed: who has WebSocket, and what a library weighs."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from lab.claims.claim import Verdict
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
def test_the_verdict_is_that_of_who_has_one(found: Installed, verdict: Verdict) -> None:
    assert judge(found) is verdict


def test_a_bundle_is_weighed_as_it_travels(tmp_path: Path) -> None:
    text = b"const answer = 42;\n" * 1000
    file = tmp_path / "bundle.js"
    file.write_bytes(text)
    weight = weigh(file)
    assert (weight.name, weight.raw) == ("bundle.js", len(text))
    assert weight.gzip == len(gzip.compress(text, mtime=0))
    assert weight.brotli == len(brotli.compress(text))
    assert weight.brotli < weight.gzip < weight.raw


def test_pythons_modules_are_searched_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdlib_module_names", frozenset({"json", "asyncio_websocket"}))
    assert python_modules() == ("asyncio_websocket",)

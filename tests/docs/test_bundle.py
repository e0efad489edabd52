"""The size of Socket.IO's client in lab/choose is that of the installed package."""

from __future__ import annotations

import pytest

from lab.choose import bundle as packaged
from tests.interop.conftest import needs
from tools import bundle


def test_the_packaged_size_is_that_of_the_installed_client() -> None:
    found = bundle.measured()
    needs(None if found else "needs npm's packages in transports/node: make")
    assert found is not None
    kept = packaged.load()
    assert (kept.package, kept.version, kept.file, kept.minified_bytes) == (
        found.package,
        found.version,
        found.file,
        found.minified_bytes,
    )
    # Builds of zlib differ by some bytes.
    assert found.gzip_bytes == pytest.approx(kept.gzip_bytes, rel=0.01)

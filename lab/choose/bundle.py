"""How much code a Socket.IO client adds to a page: bundle.json, written by tools/generate.py."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

FILE = "bundle.json"


class Bundle(msgspec.Struct, frozen=True):
    """One file of an npm package. `gzip_bytes`: as `gzip -9` makes it."""

    package: str
    version: str
    file: str
    minified_bytes: int
    gzip_bytes: int

    @property
    def kb(self) -> float:
        """What a page loads, in kB of 1000 bytes. A browser's own WebSocket adds 0."""
        return self.gzip_bytes / 1000


@cache
def load() -> Bundle:
    """The packaged measurement."""
    content = resources.files("lab.choose").joinpath(FILE).read_bytes()
    return msgspec.json.decode(content, type=Bundle)

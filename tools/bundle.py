"""Measures how much code Socket.IO's client adds to a page: lab/choose/bundle.json."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec

from lab.choose.bundle import FILE, Bundle

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "lab" / "choose" / FILE
PACKAGE = ROOT / "transports" / "node" / "node_modules" / "socket.io-client"
MINIFIED = "dist/socket.io.min.js"


def measured() -> Bundle | None:
    """The package as it is installed; None where it is not."""
    if not (PACKAGE / MINIFIED).is_file():
        return None
    code = (PACKAGE / MINIFIED).read_bytes()
    about = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    return Bundle(
        package=about["name"],
        version=about["version"],
        file=MINIFIED,
        minified_bytes=len(code),
        gzip_bytes=len(gzip.compress(code, 9, mtime=0)),
    )


def write() -> None:
    """Write the file, and name it; without the package the file stays as it is."""
    if (found := measured()) is None:
        print(f"{BUNDLE.relative_to(ROOT)}: left as it is, {PACKAGE.name} is not installed")
        return
    BUNDLE.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    print(BUNDLE.relative_to(ROOT))

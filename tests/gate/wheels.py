"""Wheels of a package of nothing, built without a tool and without the network."""

from __future__ import annotations

import zipfile
from pathlib import Path


def tiny_wheel(folder: Path, version: str, requires: str | None = None) -> Path:
    """A wheel of `tiny_lab_package`, whose module says its version (PEP 427)."""
    name = f"tiny_lab_package-{version}"
    path = folder / f"{name}-py3-none-any.whl"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        "tiny_lab_package.py": f"VERSION = {version!r}\n",
        f"{name}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: tiny-lab-package\nVersion: {version}\n{needs}"
        ),
        f"{name}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{each},,\n" for each in [*files, f"{name}.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for each, text in {**files, f"{name}.dist-info/RECORD": record}.items():
            wheel.writestr(each, text)
    return path

"""Find the versions of the installed libraries."""

from __future__ import annotations

import platform
from importlib.metadata import version

from lab.contract import Library

PYTHON = Library("Python", platform.python_version())


def installed(distribution: str) -> Library:
    """The library with its installed version."""
    return Library(distribution, version(distribution))

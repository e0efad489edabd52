"""Shared by all wires: which library, in which version."""

from __future__ import annotations

import platform
from importlib.metadata import version

from lab.contract import Library

PYTHON = Library("Python", platform.python_version())


def installed(distribution: str) -> Library:
    """The library as it is installed here."""
    return Library(distribution, version(distribution))

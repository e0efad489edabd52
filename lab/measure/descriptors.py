"""Checks whether a process may open as many file descriptors as a benchmark needs.

Every connection needs a descriptor. A process without any left fails in the middle of a
measurement, in a way that depends on its libraries. So the limit is checked before.
"""

from __future__ import annotations

import resource
import sys

import psutil

SPARE = 256
"""Further descriptors: files, pipes, the event loop's own, and a reserve."""
ENOUGH_IF_UNLIMITED = 1 << 20
"""The soft limit if there is no hard one. Kernels refuse an infinite soft limit."""


class TooFewDescriptorsError(RuntimeError):
    """The limit does not allow the connections. The message has the command that raises it."""


def raise_limit() -> int:
    """Raise this process's soft limit to its hard limit, and return it.

    Processes that start from now on inherit it. Only the owner of the machine sets the hard limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard_limit()
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit_of(None)


def hard_limit() -> int:
    """The highest soft limit that this process may set."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH_IF_UNLIMITED if hard == resource.RLIM_INFINITY else hard


def limit_of(pid: int | None) -> int:
    """The soft limit of a process (default: this one); sys.maxsize if there is none.

    Raises ProcessLookupError if there is no such process.
    """
    try:
        soft, _hard = psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE)
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(f"no process {pid} to read the limits of") from error
    return sys.maxsize if soft < 0 else int(soft)


def how_to_raise(needed: int) -> str:
    """The shell command that allows `needed` descriptors to the shell's processes."""
    return f"ulimit -n {needed}"

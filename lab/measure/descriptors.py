"""File descriptors: whether a process may hold as many sockets as a benchmark needs.

Every connection is a descriptor, and a process that has none left fails in the middle of a
measurement in whatever way its libraries do. So it is asked before.
"""

from __future__ import annotations

import resource
import sys

import psutil

SPARE = 256
"""Descriptors beside the connections': files, pipes, the event loop's own, and one's surprises."""
ENOUGH_IF_UNLIMITED = 1 << 20
"""What to ask for where there is no hard limit: kernels refuse "infinitely many" as a soft one."""


class TooFewDescriptorsError(RuntimeError):
    """The limit does not allow the connections; the message has the command that raises it."""


def raise_limit() -> int:
    """Raise this process's soft limit to its hard one, and return it.

    Processes that are started from now on inherit it. The hard limit is the machine's owner's.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_IF_UNLIMITED if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit_of(None)


def limit_of(pid: int | None) -> int:
    """The soft limit of a process (default: this one), sys.maxsize where there is none.

    Raises ProcessLookupError where there is no such process.
    """
    try:
        soft, _hard = psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE)
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(f"no process {pid} to read the limits of") from error
    return sys.maxsize if soft < 0 else int(soft)


def how_to_raise(needed: int) -> str:
    """The command that allows a shell's processes `needed` descriptors."""
    return f"ulimit -n {needed}"

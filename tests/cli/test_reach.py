"""Why a server can't listen, in one sentence."""

from __future__ import annotations

import errno
import os

import pytest

from lab.cli.reach import why_not


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errno.EADDRINUSE, "the port is in use; choose another, or 0 for a free one"),
        (errno.EACCES, "Permission denied"),
    ],
)
def test_the_reason_follows_the_address(error: int, said: str) -> None:
    raised = OSError(error, os.strerror(error))
    assert why_not("127.0.0.1:80", raised) == f"can't listen on 127.0.0.1:80: {said}"


def test_an_error_without_a_reason_is_said_as_it_is() -> None:
    assert why_not("::1:80", OSError("no such host")) == "can't listen on ::1:80: no such host"

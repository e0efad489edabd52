"""The options of the commands that speak TLS, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from lab.contract import ServerTls
from transports._shared import extras

LIBRARY = "trustme"


def tls_files(certificate: str | None, key: str | None) -> ServerTls | None:
    """The files of `--certificate` and `--key`; None if neither is given.

    Raises:
        click.UsageError: one of them is missing, or the server could not use them.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise click.UsageError("give --certificate and --key, or only --tls")
    from lab.tls.files import fault_of

    files = ServerTls(certificate, key)
    if (fault := fault_of(files)) is not None:
        raise click.UsageError(fault)
    return files


def lacking() -> str | None:
    """What has to be installed to make certificates; None if nothing."""
    return extras.missing(LIBRARY)


def check_library() -> None:
    """Check that certificates can be made. Raises UsageError with what to install."""
    if (reason := lacking()) is not None:
        raise click.UsageError(f"--tls {reason}")


@contextmanager
def serving_tls(
    wanted: bool, files: ServerTls | None, names: Sequence[str]
) -> Iterator[tuple[ServerTls | None, str | None]]:
    """What a server needs for TLS, and the file of the authority that a client has to trust.

    Raises:
        click.UsageError: the library that makes certificates is missing.
    """
    if files is not None:
        yield files, files.certificate
    elif not wanted:
        yield None, None
    else:
        check_library()
        from lab.tls.authority import certified

        with certified(names) as made:
            yield made.server, made.authority

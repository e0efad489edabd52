"""The options that every command shares which uses a server that is not the lab's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import msgspec

from lab.cli.values import Finite, Parsed
from lab.target.errors import TargetError
from lab.target.permission import Permission
from lab.target.secret_values import Secrets, parse_headers
from lab.target.target import SOCKET_IO_PATH, TIMEOUT_S, Target, parse_target

Command = TypeVar("Command", bound=Callable[..., Any])

TARGET = Parsed("url", parse_target)


class TargetOptions(msgspec.Struct, frozen=True):
    """What a user says of a target. `headers` keep their references to secrets."""

    target: Target
    permission: Permission
    headers: dict[str, str]
    path: str
    timeout_s: float
    insecure: bool


class TargetFailure(click.ClickException):
    """A target that can't be used. Exit code 1 is for verdicts, so this one ends with 2."""

    exit_code = 2


@contextmanager
def target_failures(secrets: Secrets | None = None) -> Iterator[None]:
    """End the command with one sentence and a hint where the target can't be used."""
    try:
        yield
    except TargetError as error:
        text = str(error)
        raise TargetFailure(secrets.mask(text) if secrets else text) from error


def target_options(command: Command) -> Command:
    """`URL`, `--i-own`, `--header`, `--path`, `--timeout`, `--insecure`, as one `TargetOptions`."""

    @functools.wraps(command)
    def packed(
        *,
        url: Target,
        i_own: tuple[str, ...],
        header: tuple[str, ...],
        path: str,
        timeout: float,
        insecure: bool,
        **others: Any,
    ) -> Any:
        with target_failures():
            permission = Permission.owning(i_own)
            headers = parse_headers(header)
        options = TargetOptions(url, permission, headers, path, timeout, insecure)
        return command(options, **others)

    for option in reversed(_OPTIONS):
        packed = option(packed)
    return packed  # type: ignore[return-value]  # click's decorators keep the function


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("url", type=TARGET, metavar="URL"),
    click.option(
        "--i-own",
        metavar="HOST",
        multiple=True,
        help="A host outside this machine that is yours to test; may be repeated.",
    ),
    click.option(
        "--header",
        metavar="'NAME: VALUE'",
        multiple=True,
        help="Send this header; a secret VALUE is env:VARIABLE or file:PATH. May be repeated.",
    ),
    click.option(
        "--path", default=SOCKET_IO_PATH, show_default=True, help="Where Socket.IO is served."
    ),
    click.option(
        "--timeout",
        type=Finite(0.1, 120),
        default=TIMEOUT_S,
        show_default=True,
        help="Seconds in which the server has to answer.",
    ),
    click.option("--insecure", is_flag=True, help="Accept any TLS certificate."),
)


def bounds_options(command: Command) -> Command:
    """`--most-clients`, `--most-messages`: they raise the bounds for hosts outside this machine."""
    clients = click.option(
        "--most-clients",
        type=click.IntRange(1, 1_000_000),
        help="Allow this many clients; for a host outside this machine 100 are the default.",
    )
    messages = click.option(
        "--most-messages",
        type=Finite(0.001, 1e9),
        help="Allow this many messages a second; for such a host 200 are the default.",
    )
    return clients(messages(command))

"""The options `--durable` and `--sync`: rooms that survive their server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lab.contract import Capability, Transport

if TYPE_CHECKING:
    from lab.chat.limits import Limits
    from lab.journal.sqlite import Sync
    from lab.service.journaled import JournaledChat
    from lab.service.paced import PacedChat


def durable_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--durable` and `--sync` to a command that serves rooms."""
    command = click.option(
        "--sync",
        type=click.Choice(["normal", "full"]),
        default="normal",
        show_default=True,
        help="With --durable: what is acknowledged survives the end of the process (normal) or of "
        "the machine (full).",
    )(command)
    return click.option(
        "--durable",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Keep the rooms in this SQLite file, so that they survive a restart.",
    )(command)


def shares_rooms(transport: Transport) -> bool:
    """Whether its server uses the rooms that it is given: only those can be kept."""
    return Capability.SHARED_ROOM in transport.capabilities


def check_durable(transport: Transport) -> None:
    """Raise click.UsageError if the transport's rooms can't be kept."""
    if not shares_rooms(transport):
        raise click.UsageError(
            f"{transport.name} runs a room of its own, which --durable can't keep"
        )


def open_durable(path: Path, sync: Sync, limits: Limits) -> JournaledChat:
    """Open the rooms that a file keeps. Raises click.UsageError if the file can't be used."""
    from lab.journal.contract import JournalError, JournalFullError
    from lab.journal.sqlite import SqliteJournal
    from lab.service.journaled import JournaledChat

    try:
        journal = SqliteJournal(path, sync, limits)
        try:
            return JournaledChat(journal, limits)
        except BaseException:
            journal.close()
            raise
    except JournalError as error:
        raise click.UsageError(str(error)) from error
    except JournalFullError as error:
        raise click.UsageError(f"there is no space for the journal {path}") from error


@asynccontextmanager
async def serving(chat: PacedChat | None) -> AsyncIterator[asyncio.Event]:
    """Open the journal, serve in the block, and close it. None: there is no journal.

    Yields what is set once the journal can't be used any more: the block has to end then.

    Raises:
        click.ClickException: it can't be used any more.
    """
    if chat is None:
        yield asyncio.Event()
        return
    from lab.journal.contract import JournalError

    try:
        await chat.begin()
        yield chat.failed
    except JournalError as error:
        raise click.ClickException(str(error)) from error
    finally:
        await chat.close()
    if chat.failure is not None:
        raise click.ClickException(f"the journal failed, so the server ends: {chat.failure}")


async def first_of(*events: asyncio.Event) -> None:
    """Wait for the first of these events."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()

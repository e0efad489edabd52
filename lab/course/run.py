"""Runs the checks of a chapter against a learner's folder."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from websockets.exceptions import WebSocketException

from lab.course.chapters import Chapter, CourseError
from lab.course.learner import Learner
from lab.course.problem import WrongError

Check = Callable[[Learner], Awaitable[None]]
"""Plays against the learner's programs. Raises WrongError where they are wrong."""


class Checked(NamedTuple):
    """A check by its name. `problem` None: all is right."""

    name: str
    problem: str | None


def checks_of(number: int, exercise: int | None = None) -> Mapping[str, Check]:
    """The checks of a chapter, or of one of its exercises.

    Raises:
        CourseError: there is no such exercise.
    """
    module = importlib.import_module(f"lab.course.checks.chapter{number:02}")
    if exercise is None:
        found: Mapping[str, Check] = module.CHECKS
        return found
    exercises: Mapping[int, Mapping[str, Check]] = module.EXERCISES
    if exercise not in exercises:
        known = ", ".join(map(str, exercises))
        raise CourseError(f"chapter {number} has no exercise {exercise}: choose one of {known}")
    return exercises[exercise]


def learner(chapter: Chapter, folder: Path) -> Learner:
    """A learner's folder; a `server.py` in it makes it one of the Python track.

    Raises:
        CourseError: there is no such folder.
    """
    if not folder.is_dir():
        raise CourseError(
            f"{folder} is no folder: make it by `lab course start {chapter.number} {folder}`"
        )
    folder = folder.resolve()
    if (folder / "server.py").is_file():
        return Learner(folder, ["{python}", "server.py"])
    return Learner(folder, chapter.command)


async def run(checks: Mapping[str, Check], subject: Learner) -> AsyncIterator[Checked]:
    """Run each check, one after the other, each with a server of its own.

    Raises:
        CourseError: nothing can be checked.
    """
    for name, check in checks.items():
        try:
            await check(subject)
        except WrongError as error:
            yield Checked(name, str(error))
        except (OSError, TimeoutError, WebSocketException) as error:
            why = str(error) or "nothing in time"
            yield Checked(name, f"the server does not answer: {why}")
        else:
            yield Checked(name, None)

"""Every chapter: its solution passes, its starting point fails, planted mistakes are named."""

from __future__ import annotations

import shutil
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from lab.course.chapters import TRACKS, Chapter, CourseError, chapters, start
from lab.course.learner import traced
from lab.course.page import one_browser
from lab.course.patience import PATIENCE
from lab.course.run import Check, checks_of, learner, run
from lab.interop.chromium import chromium_unavailable
from tests.interop.conftest import needs

CHAPTERS = {f"{each.number:02}": each for each in chapters()}
MISTAKES = Path(__file__).parent / "mistakes"
SHORTEST_S = 3.0


async def problems(chapter: Chapter, folder: Path, checks: dict[str, Check]) -> list[str]:
    found = [each async for each in run(checks, learner(chapter, folder))]
    return [each.problem for each in found if each.problem is not None]


async def fails(chapter: Chapter, folder: Path, checks: dict[str, Check]) -> bool:
    """Whether a check finds a problem; the first one will do."""
    async for each in run(checks, learner(chapter, folder)):
        if each.problem is not None:
            return True
    return False


def copied(chapter: Chapter, which: str, folder: Path, track: str = "") -> Path:
    start(chapter.number, folder, track, which)
    return folder


def tracks(chapter: Chapter) -> Iterator[str]:
    for track in TRACKS:
        try:
            chapter.files("start", track)
        except CourseError:
            continue
        yield track


@contextmanager
def waiting(seconds: float) -> Iterator[None]:
    """Let the checks wait less, where what they wait for never comes."""
    before = PATIENCE.set(seconds)
    try:
        yield
    finally:
        PATIENCE.reset(before)


@pytest.mark.parametrize("number", CHAPTERS)
async def test_chapter(number: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    chapter = CHAPTERS[number]
    needs(chromium_unavailable() if chapter.browser else None)
    async with one_browser():
        await _chapter(number, tmp_path, subtests)


async def _chapter(number: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    chapter = CHAPTERS[number]
    checks = dict(checks_of(chapter.number))
    begun, written = time.monotonic(), list(tracks(chapter))
    for track in written:
        with subtests.test("the solution passes", track=track):
            folder = copied(chapter, "solution", tmp_path / f"solution-{track}", track)
            # A trace changes nothing, though its relay stands between.
            async with nullcontext() if track else traced():
                assert not await problems(chapter, folder, checks)
    # A right program has never to be waited for so long, on this machine as it is now.
    enough = max(SHORTEST_S, (time.monotonic() - begun) / len(checks) / len(written))
    with waiting(enough):
        for track in written:
            with subtests.test("the starting point fails", track=track):
                folder = copied(chapter, "start", tmp_path / f"start-{track}", track)
                assert await fails(chapter, folder, checks)
        for mistake in tomllib.loads((MISTAKES / f"{number}.toml").read_text())["mistake"]:
            with subtests.test(mistake["name"]):
                folder = copied(chapter, "solution", tmp_path / mistake["name"])
                file = folder / mistake.get("file", "server.mjs")
                before = file.read_text()
                assert before.count(mistake["old"]) >= 1
                file.write_text(before.replace(mistake["old"], mistake["new"]))
                finds = {mistake["check"]: checks[mistake["check"]]}
                assert mistake["says"] in "".join(await problems(chapter, folder, finds))


@pytest.mark.parametrize("number", CHAPTERS)
def test_each_chapter_has_three_mistakes(number: str) -> None:
    assert len(tomllib.loads((MISTAKES / f"{number}.toml").read_text())["mistake"]) >= 3


@pytest.mark.parametrize("number", CHAPTERS)
async def test_exercises(number: str, tmp_path: Path, subtests: pytest.Subtests) -> None:
    chapter = CHAPTERS[number]
    needs(chromium_unavailable() if chapter.browser else None)
    async with one_browser():
        await _exercises(chapter, tmp_path, subtests)


async def _exercises(chapter: Chapter, tmp_path: Path, subtests: pytest.Subtests) -> None:
    for exercise in (1, 2, 3):
        checks = dict(checks_of(chapter.number, exercise))
        solved = chapter.folder / "exercises" / str(exercise)
        folder = copied(chapter, "solution", tmp_path / str(exercise))
        if solved.is_dir():
            with subtests.test("before", exercise=exercise), waiting(SHORTEST_S):
                assert await fails(chapter, folder, checks)
            shutil.copytree(solved, folder, dirs_exist_ok=True)
        with subtests.test("after", exercise=exercise):
            assert not await problems(chapter, folder, checks)

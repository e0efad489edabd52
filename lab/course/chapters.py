"""The chapters of the course, as their folders describe them."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import msgspec

ROOT = Path(__file__).parent.parent.parent
COURSE = ROOT / "course"
PACKAGES = (ROOT / "transports" / "node" / "node_modules", ROOT / "web" / "node_modules")
"""Where the packages of the chapters are: of the servers first, then of the pages."""
TRACKS = ("", "python")


class CourseError(Exception):
    """The course can't go on; the message says why, and what to do next."""


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One chapter. `minutes`: how long it takes. `command`: what starts the learner's server.

    `browser`: its check opens a page in Chromium.
    """

    number: int
    title: str
    title_ko: str
    minutes: int
    command: list[str]
    browser: bool = False
    folder: Path = Path()

    def files(self, which: str, track: str = "") -> Path:
        """The folder `start` or `solution`, of the JavaScript track or of another one.

        Raises:
            CourseError: the chapter has no such track.
        """
        found = self.folder / (f"{which}-{track}" if track else which)
        if not found.is_dir():
            raise CourseError(f"chapter {self.number} has no {track} track: leave out --track")
        return found


def chapters() -> list[Chapter]:
    """All chapters, in their order.

    Raises:
        CourseError: this installation has no course.
    """
    found = [_read(file) for file in sorted(COURSE.glob("*/chapter.toml"))]
    if not found:
        raise CourseError(f"{COURSE} has no chapters: use a checkout of the project")
    return found


def chapter(number: int) -> Chapter:
    """One chapter.

    Raises:
        CourseError: there is none with this number.
    """
    every = chapters()
    for each in every:
        if each.number == number:
            return each
    known = ", ".join(str(each.number) for each in every)
    raise CourseError(f"there is no chapter {number}: choose one of {known}")


def start(number: int, folder: Path, track: str = "", which: str = "start") -> None:
    """Copy the starting point of a chapter into a new or empty folder.

    Raises:
        CourseError: the folder has files already or can't be made, or the chapter has no such
            track.
    """
    source = chapter(number).files(which, track)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is not empty: name a new folder")
    try:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        _link_packages(folder / "node_modules")
    except OSError as error:
        raise CourseError(f"{folder} can't be made: {error.strerror or error}") from error


def _link_packages(packages: Path) -> None:
    """Fill a new folder with links; what a tool keeps in it is then the learner's own."""
    (packages / ".bin").mkdir(parents=True, exist_ok=True)
    for source in filter(Path.is_dir, PACKAGES):
        named = [each for each in source.iterdir() if not each.name.startswith(".")]
        for each in (*named, *(source / ".bin").glob("*")):
            link = packages / each.relative_to(source)
            if not link.exists():
                link.symlink_to(each)


def _read(file: Path) -> Chapter:
    return msgspec.convert({**tomllib.loads(file.read_text()), "folder": file.parent}, Chapter)

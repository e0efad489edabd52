"""Among the experiments: how one tells what it found, with the libraries as installed and patched.

`patches/NAME.diff` belongs to the experiment `NAME.py`. It is applied to a copy of the libraries,
which another process then imports in their place: what is shown as patched is what the diff does.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).parent / "patches"
LIBRARIES = ("aiohttp", "engineio", "socketio")
AS_JSON = "--json"
EXPERIMENTS = (
    "binary_rooms",
    "left_sessions",
    "pending_poll",
    "late_connect",
    "whole_body",
    "too_many_packets",
    "client_disconnect",
    "connect_timeout",
    "repeated_poll",
    "unmasked_frames",
)
"""What is wrong. Each has a patch of its own name, and so has each of `COSTS`."""
COSTS = ("room_emit", "writer_wait", "frame_once")
"""What is slow: cost.py measures these."""


class PatchError(RuntimeError):
    """A diff does not apply: the installed library is another version. The message is git's."""


@contextmanager
def patched(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """The environment for a process that is to import the libraries with these patches.

    Raises PatchError where one does not apply.
    """
    with tempfile.TemporaryDirectory() as folder:
        for library in LIBRARIES:
            found = importlib.util.find_spec(library)
            assert found is not None
            assert found.origin is not None
            shutil.copytree(Path(found.origin).parent, Path(folder, library))
        # Its reader is compiled from the Python file beside it, and preferred to that.
        for compiled in Path(folder, "aiohttp", "_websocket").glob("reader_c*"):
            if "unmasked_frames" in names:
                compiled.unlink()
        for name in names:
            _apply(PATCHES / f"{name}.diff", Path(folder))
        path = os.pathsep.join([folder, str(ROOT)])
        yield {**os.environ, "PYTHONPATH": path}


def _apply(patch: Path, folder: Path) -> None:
    # Where the folder lies inside some repository, git would look there for the files.
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    git = subprocess.run(
        ["git", "apply", str(patch)],
        cwd=folder,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    if git.returncode:
        raise PatchError(f"{patch.name}: {git.stderr.strip()}")


def tell(file: str, observe: Callable[[], Awaitable[Any]], patch: str | None = None) -> None:
    """Print what is observed here, then what the same file observes with its patch, or `patch`."""
    found = json.dumps(asyncio.run(_whole(observe)), ensure_ascii=False)
    if AS_JSON in sys.argv:
        sys.stdout.write(found + "\n")
        return
    sys.stdout.write(f"as installed: {found}\n")
    with patched([patch or Path(file).stem]) as environment:
        command = [sys.executable, file, AS_JSON]
        there = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    sys.stdout.write(f"patched:      {there.stdout}")


async def _whole(observe: Callable[[], Awaitable[Any]]) -> Any:
    return await observe()

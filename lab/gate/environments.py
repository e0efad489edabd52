"""Builds an environment for a side: a source tree, and an interpreter that imports it.

The environment holds only what differs. Everything else is lent by the current one: a .pth file
adds its folder of packages behind the own one. So the two sides differ in nothing but the change.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

import lab
from lab.gate.versions import Pin, Pins, normalised

ROOT = Path(lab.__file__).resolve().parents[1]
"""Where the packages `lab` and `transports` of this process are."""
INSTALL_S = 600.0
SOURCES = ("lab", "transports")
NODE = Path("transports/node")
LOCK = Path("requirements/run.txt")
SHOWN = 3000
"""Characters of a tool's output in an error."""

_DESCRIBE = """
import json, sys
import msgspec
from transports import registry
found = {}
for name in sys.argv[2:]:
    try:
        transport = registry.load(name)
    except registry.UnavailableError as error:
        sys.exit(f"{name} is unavailable: {error}")
    found[name] = {
        "stack": msgspec.to_builtins(transport.stack()),
        "settings_shown": dict(transport.effective_settings(sys.argv[1])),
        "limit": transport.limit,
    }
print(json.dumps(found))
"""


class EnvironmentFailedError(Exception):
    """An environment can't be built. The message has the end of the tool's output."""


class Side(msgspec.Struct, frozen=True):
    """A side of a gate. `python`: its interpreter, which imports the tree's `lab`."""

    name: str
    python: str


def revision(project: Path, revision: str, folder: Path) -> Side:
    """The project at a git revision, with the packages that its lock names.

    Raises EnvironmentFailedError: `project` is no git checkout, or the revision is unknown.
    """
    wanted = ["rev-parse", "--verify", f"{revision}^{{commit}}"]
    commit = _run(["git", "-C", str(project), *wanted], f"git has no revision {revision!r}")
    tree = folder / "tree"
    archive = _run(["git", "-C", str(project), "archive", commit.decode().strip()])
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(tree, filter="data")
    lend_node(tree, project)
    locked = ["--requirement", str(tree / LOCK)] if _differ(tree / LOCK, project / LOCK) else []
    python = environment(folder / "environment", tree, locked)
    return Side(f"{revision} ({commit.decode()[:10]})", python)


def working_tree(project: Path, folder: Path) -> Side:
    """The project as it is now."""
    return Side("working tree", environment(folder / "environment", project))


def versions(pins: Pins, folder: Path) -> Side:
    """This lab, with these versions of packages.

    Raises EnvironmentFailedError: a package can't be installed beside the others.
    """
    tree, npm, packages = ROOT, pins.of("npm"), pins.of("python")
    if npm:
        tree = _copied(folder / "tree")
        install_node(tree / NODE, npm)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(installed(besides=packages)), encoding="utf-8")
    wanted = [pin.requirement for pin in packages]
    words = ["--constraint", str(constraints), *wanted] if wanted else []
    return Side(pins.text, environment(folder / "environment", tree, words))


def described(side: Side, transports: Iterable[str], settings: str) -> dict[str, Any]:
    """Transport -> its stack and effective settings in this side's environment.

    Raises EnvironmentFailedError: the side's code can't be loaded, or a transport is unavailable.
    """
    command = [side.python, "-I", "-c", _DESCRIBE, settings, *transports]
    found: dict[str, Any] = json.loads(_run(command, f"{side.name} can't be loaded"))
    return found


def environment(folder: Path, tree: Path, wanted: Sequence[str] = ()) -> str:
    """Make an environment that imports this tree; its interpreter.

    `wanted`: what the installer puts into it, as its arguments. All other packages are lent by the
    current environment. They are lent last, so that no installer sees or touches them.
    """
    uv, python = shutil.which("uv"), str(folder / "bin" / "python")
    if uv:
        _run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)])
        install = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        without = [] if wanted else ["--without-pip"]
        _run([sys.executable, "-m", "venv", *without, str(folder)])
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if wanted:
        _run([*install, *wanted], "the packages of a side can't be installed")
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(_run([python, "-I", "-c", query]).decode().strip())
    lent = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (own / "lent.pth").write_text("\n".join([str(tree), *lent]) + "\n", encoding="utf-8")
    return python


def install_node(folder: Path, pins: Sequence[Pin]) -> None:
    """Install the Node packages of the lab into a copy of its sources, with these versions."""
    if (npm := shutil.which("npm")) is None:
        raise EnvironmentFailedError("npm is not installed: a version of a Node package needs it")
    wanted = [pin.requirement for pin in pins]
    quiet = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    _run([npm, "install", "--prefix", str(folder), *quiet, *wanted], "npm can't install them")


def lend_node(tree: Path, project: Path) -> None:
    """Give a tree the Node packages of the project, if it has locked the same ones.

    Otherwise it gets none, and its transports in Node are unavailable.
    """
    lock, packages = NODE / "package-lock.json", NODE / "node_modules"
    if (project / packages).is_dir() and not _differ(tree / lock, project / lock):
        (tree / packages).symlink_to((project / packages).resolve(), target_is_directory=True)


def installed(besides: Iterable[Pin]) -> list[str]:
    """The packages of this environment as constraints, without these and without the lab itself."""
    free = {pin.name for pin in besides} | {"transport-lab"}
    found = {normalised(each.name): each.version for each in metadata.distributions()}
    return sorted(f"{name}=={version}" for name, version in found.items() if name not in free)


def required(pins: Iterable[Pin]) -> list[str]:
    """What the lab itself requires of these packages, such as `websockets>=17.4,<18`."""
    names = {pin.name for pin in pins}
    found = [line.partition(";")[0].strip() for line in metadata.requires("transport-lab") or ()]
    return [line for line in found if normalised(re.split(r"[^A-Za-z0-9._-]", line)[0]) in names]


def _copied(tree: Path) -> Path:
    """A copy of the sources of this lab, without what is installed or built."""
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", "static")
    for name in SOURCES:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    return tree


def _differ(one: Path, other: Path) -> bool:
    """Whether both files are there and differ."""
    return one.is_file() and other.is_file() and one.read_bytes() != other.read_bytes()


def _run(command: Sequence[str], failure: str | None = None) -> bytes:
    """The standard output of a command that must succeed."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailedError(f"{command[0]} can't be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-SHOWN:]
        raise EnvironmentFailedError(f"{failure or Path(command[0]).name + ' failed'}:\n{said}")
    return done.stdout

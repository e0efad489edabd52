"""An environment that holds what `make bench` installs, and of the optional parts those named.

It is made of links to this one's packages: to install them anew takes minutes and the network.
"""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import subprocess
import tomllib
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

ROOT = Path(__file__).parents[2]
PACKAGES = ("lab", "transports", "benchmarks")
EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
    "project"
]["optional-dependencies"]
DISTRIBUTION = "transport-lab"
FOREIGN = ("CI", "LAB_CHROMIUM", "LAB_LIBUV", "PYTHONPATH", "VIRTUAL_ENV")
"""Variables by which the environment would find what it must not, or judge by another rule."""
NODE_MODULES = "transports/node/node_modules"
PAGE = "lab/page/static"

LIBRARIES: dict[str, frozenset[str]] = {
    **{Requirement(line).name: frozenset({Requirement(line).name}) for line in EXTRAS["fast"]},
    **{Requirement(line).name: frozenset({Requirement(line).name}) for line in EXTRAS["peers"]},
    **{Requirement(line).name: frozenset({Requirement(line).name}) for line in EXTRAS["browser"]},
    **{Requirement(line).name: frozenset({Requirement(line).name}) for line in EXTRAS["tls"]},
    "h2": frozenset({"h2"}),
    "aioquic": frozenset({"aioquic"}),
    "msgpack": frozenset({"msgpack"}),
    "the notebooks": frozenset(Requirement(line).name for line in EXTRAS["notebooks"]),
}
"""Optional part -> the distributions that it consists of, beside what they require."""
PROGRAMS = {"node": ("node", "npm"), "chromium": ("chromium", "chromium-browser", "google-chrome")}
"""Optional part -> its names in PATH."""
FOLDERS = {"the packages of Node": NODE_MODULES, "the page": PAGE}
"""Optional part -> what is there only when it is built."""
LIBUV = "libuv"
PARTS = (*LIBRARIES, *PROGRAMS, *FOLDERS, LIBUV)
"""Everything that a transport, a client or a command may want, and that may be missing."""


@dataclass(frozen=True)
class Environment:
    """A Python that finds some of the parts, and the variables that it is to be run with."""

    python: Path
    variables: dict[str, str]

    def lab(self, *words: str) -> subprocess.Popen[str]:
        """Begin the command `lab`."""
        return self.start("-m", "lab.cli", *words)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin a Python program, in the environment's folder."""
        return subprocess.Popen(
            [str(self.python), *words],
            cwd=self.python.parents[1],
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def absent(part: str) -> str | None:
    """Why a part can't be lent to an environment: it is not here either."""
    if part == LIBUV:
        here = ctypes.util.find_library("uv") is not None
    elif part in PROGRAMS:
        here = any(map(shutil.which, PROGRAMS[part]))
    elif part in FOLDERS:
        here = (ROOT / FOLDERS[part]).is_dir()
    else:
        here = {canonical(name) for name in LIBRARIES[part]} <= installed()
    return None if here else f"{part}: not installed here"


@cache
def installed() -> frozenset[str]:
    """The distributions of this environment."""
    return frozenset(canonical(each.metadata["Name"]) for each in distributions())


def make(folder: Path, parts: Iterable[str]) -> Environment:
    """An environment in `folder`, which must not be there yet."""
    chosen = set(parts)
    assert chosen <= {*PARTS}
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in [*_needed(chosen), DISTRIBUTION]:
        _link_distribution(name, site)
    checkout = folder / "checkout"
    _link_checkout(checkout, chosen)
    (site / "checkout.pth").write_text(f"{checkout}\n", encoding="utf-8")
    _link_programs(folder / "programs", chosen)
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    variables = {**kept, "PATH": str(folder / "programs"), "COLUMNS": "400"}
    variables |= {} if LIBUV in chosen else {"LAB_LIBUV": str(folder / "no-libuv.so")}
    return Environment(folder / "bin" / "python", variables)


@cache
def locked() -> frozenset[str]:
    """The distributions that `make bench` installs on this system."""
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^([\w.-]+==[^\\\n]*)", text)
    return frozenset(required.name for required in map(Requirement, lines) if _applies(required))


def _applies(required: Requirement) -> bool:
    return required.marker is None or required.marker.evaluate({"extra": ""})


def _needed(parts: set[str]) -> Iterator[str]:
    """The lock's distributions, and those of the parts with all that they require."""
    todo = [*locked(), *(name for part in parts for name in LIBRARIES.get(part, ()))]
    seen = set[str]()
    while todo:
        name = todo.pop()
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name
        if name in locked():
            continue
        more = map(Requirement, distribution(name).requires or [])
        todo += [each.name for each in more if _applies(each) and each.name.lower() not in seen]


def _link_distribution(name: str, site: Path) -> None:
    found = distribution(name)
    for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
        link = site / top
        if not link.exists() and not (name == DISTRIBUTION and top.endswith(".pth")):
            link.symlink_to(Path(str(found.locate_file(top))))


def _link_checkout(checkout: Path, parts: set[str]) -> None:
    """The checkout's packages with the folders of `parts` and no others."""
    left_out = {folder for part, folder in FOLDERS.items() if part not in parts}
    for top in PACKAGES:
        for folder, below, files in os.walk(ROOT / top):
            inside = Path(folder).relative_to(ROOT)
            (checkout / inside).mkdir(parents=True, exist_ok=True)
            whole = [name for name in below if str(inside / name) in FOLDERS.values()]
            below[:] = [name for name in below if name not in {*whole, "__pycache__"}]
            for name in [*whole, *files]:
                if str(inside / name) not in left_out:
                    (checkout / inside / name).symlink_to(Path(folder, name))
    (checkout / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")


def _link_programs(folder: Path, parts: set[str]) -> None:
    """Every program of PATH but those of the parts that are to be missing."""
    left_out = {name for part, names in PROGRAMS.items() if part not in parts for name in names}
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in left_out and not link.is_symlink():
                link.symlink_to(program)

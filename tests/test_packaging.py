"""What leaves the checkout: the wheel in an empty environment, the locks, the committed text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.interop.conftest import needs

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(*command: object, cwd: Path) -> str:
    """Run a command to its end and return what it printed; a failure shows its stderr."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


# --- the wheel ---


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built by the pinned backend."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ".", cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel alone; its `bin` folder.

    The dependencies are lent by this one's site-packages through a .pth file: to install them
    again would take a minute and the network, and what is tried here is our wheel. A .pth file
    adds a folder without reading the .pth files in it, so an editable install is not lent along.
    """
    folder = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "virtualenv", "--no-download", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run(python, "-c", query, cwd=folder).strip())
    run(python, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def test_the_wheel_holds_the_three_packages_and_their_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} <= {
        "lab",
        "transports",
        "benchmarks",
    }
    assert {"lab/py.typed", "lab/__init__.py", "transports/py.typed"} <= names
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]


def test_every_source_file_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = [path for path in committed() if path.parts[0] in {"lab", "transports", "benchmarks"}]
    assert [str(path) for path in ours if (ROOT / path).exists() and str(path) not in names] == []


def test_the_wheel_holds_the_built_page(wheel: Path) -> None:
    page = "lab/page/static"
    needs(None if (ROOT / page / "index.html").exists() else "needs the built page: make page")
    built = {f"{page}/{file.relative_to(ROOT / page)}" for file in (ROOT / page).rglob("*.*")}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert built <= names
    assert not [name for name in names if name.startswith("web/")]


def test_without_npm_no_wheel_is_made_without_the_page(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", "--shared", ROOT, clone, cwd=tmp_path)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    bare = os.environ | {"PATH": str(tmp_path)}
    command = [*build, "-o", str(tmp_path), str(clone)]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "npm is not installed" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))


def test_the_wheel_imports_in_an_empty_environment(installed: Path) -> None:
    program = """
import importlib, pkgutil, lab, transports
for package in (lab, transports):
    print(package.__file__)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__") and not module.name.startswith("lab.locust"):
            importlib.import_module(module.name)
"""
    # Locust replaces parts of the standard library: only its own process may import it.
    run(installed / "python", "-c", "import locust, lab.locust.user", cwd=installed)
    files = run(installed / "python", "-c", program, cwd=installed).split()
    assert len(files) == 2
    assert all(Path(name).is_relative_to(installed.parent) for name in files)


def test_the_wheel_brings_the_command(installed: Path) -> None:
    assert "Usage: lab" in run(installed / "lab", "--help", cwd=installed)
    assert Version(run(installed / "lab", "--version", cwd=installed).split()[-1])


# --- the locks ---


def pinned(lock: str) -> dict[str, list[tuple[Requirement, str]]]:
    """Name -> the lock's entries for it, each with its hashes."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n?", "", text))
    found: dict[str, list[tuple[Requirement, str]]] = {}
    for entry in entries:
        requirement = Requirement(entry.partition(" \\\n")[0].strip())
        found.setdefault(canonical(requirement.name), []).append((requirement, entry))
    return found


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(*extras: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with these extras and those that they name."""
    declared = PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *(line for name in extras for line in declared[name])]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            yield from wanted(*sorted(requirement.extras))
        else:
            yield requirement


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt", "peers.txt"])
def test_every_pin_is_exact_and_has_a_hash(lock: str) -> None:
    entries = [pair for pairs in pinned(lock).values() for pair in pairs]
    assert len(entries) > len(PROJECT["dependencies"])
    for requirement, entry in entries:
        assert [bound.operator for bound in requirement.specifier] == ["=="], str(requirement)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), str(requirement)


@pytest.mark.parametrize(
    ("lock", "extras"), [("run.txt", ()), ("dev.txt", ("dev",)), ("peers.txt", ("peers",))]
)
def test_the_locks_fulfil_what_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    pins = pinned(lock)
    for requirement in wanted(*extras):
        entries = pins.get(canonical(requirement.name), [])
        assert entries, f"{requirement} is not in {lock}: run `make lock`"
        for entry, _ in entries:
            (bound,) = entry.specifier
            assert requirement.specifier.contains(bound.version), f"{requirement}: `make lock`"


def test_both_locks_choose_the_same_versions() -> None:
    dev_pins = pinned("dev.txt")
    for name, entries in pinned("run.txt").items():
        theirs = {entry.specifier for entry, _ in dev_pins[name]}
        assert {entry.specifier for entry, _ in entries} == theirs, name


# --- the committed text ---

# Written so that this file does not contain what it looks for.
FOREIGN = {
    "a registry's host": re.compile(
        r"p[y]pi\.org|pythonh[o]sted\.org|registry\.n[p]mjs|registry\.y[a]rnpkg|n[p]mmirror"
    ),
    "a package index": re.compile(r"(?<!emit-)(?:extra-)?ind[e]x-url|fi[n]d-links"),
    "a path of one machine": re.compile(
        r"(?<![\w.~-])/(?:w[o]rk/|r[o]ot/|h[o]me/\w|Us[e]rs/\w|o[p]t/\w|tmp/[\w.-]+/(?:bin|lib)\b)"
    ),
}


def committed() -> list[Path]:
    """The paths that git knows, from the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed can't be told")
    names = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    return [Path(name) for name in names if name]


def test_a_clone_with_autocrlf_has_the_same_bytes(tmp_path: Path) -> None:
    """Git for Windows sets it by default, and so do some who mount one folder in two systems."""
    committed()
    clone = tmp_path / "clone"
    autocrlf = ("-c", "core.autocrlf=true")
    run("git", "clone", "--quiet", "--shared", *autocrlf, ROOT, clone, cwd=tmp_path)
    lines = run("git", "ls-files", "--eol", cwd=clone).splitlines()
    assert lines
    assert [line for line in lines if "w/crlf" in line or "w/mixed" in line] == []


def foreign(text: str) -> Iterator[str]:
    """What in a text belongs to one machine or one registry, with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in FOREIGN.items():
            if match := pattern.search(line):
                yield f"{number}: {what}: {line[max(0, match.start() - 40) :][:120].strip()}"


def test_no_committed_file_names_a_registry_or_a_machine() -> None:
    paths = committed()
    assert Path("pyproject.toml") in paths
    found = []
    for path in paths:
        # A file deleted but not yet committed so has nothing to say; binary files neither.
        content = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
        if b"\0" not in content:
            found += [f"{path}:{line}" for line in foreign(content.decode(errors="replace"))]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "https://p" + "ypi.org/simple",
        "https://registry.n" + "pmjs.org/ws",
        "--extra-ind" + "ex-url https://example.org",
        '"executable": "/w' + 'ork/somewhere/python"',
        "see /h" + "ome/someone/notes",
        "/tmp" + "/base/bin/python",
    ],
)
def test_foreign_text_is_noticed(text: str) -> None:
    assert list(foreign(f"first line\n{text}\n"))


@pytest.mark.parametrize("text", ["uv pip compile --no-emit-ind" + "ex-url", "network/w" + "ork/x"])
def test_ordinary_text_is_not(text: str) -> None:
    assert not list(foreign(text))

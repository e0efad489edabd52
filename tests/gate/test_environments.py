"""The environments of the two sides: what differs in them, and that nothing else does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.gate import environments
from lab.gate.environments import ROOT, EnvironmentFailedError, Side
from lab.gate.versions import parse
from tests.gate.wheels import tiny_wheel


def asked(side: Side, code: str) -> str:
    """What a line of code prints in the side's environment."""
    command = [side.python, "-I", "-c", f"print({code})"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = (tmp_path / "base", tmp_path / "candidate")
    for folder in made:
        folder.mkdir()
    return made


def test_two_versions_differ_in_the_package_and_in_nothing_else(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    wheels = [tiny_wheel(tmp_path, version) for version in ("1.0", "2.0")]
    pins = parse(",".join(map(str, wheels)))
    sides = [environments.versions(*pair) for pair in zip(pins, folders, strict=True)]
    tiny = "__import__('tiny_lab_package').VERSION"
    assert [asked(side, tiny) for side in sides] == ["1.0", "2.0"]
    for shared in ("__import__('websockets').__file__", "__import__('lab').__file__"):
        files = {asked(side, shared) for side in sides}
        assert len(files) == 1, "the sides have different files"
        assert not any(str(tmp_path) in file for file in files)
    assert [side.name for side in sides] == [wheel.name for wheel in wheels]


def test_a_version_that_the_others_cannot_have_is_refused(
    tmp_path: Path, folders: tuple[Path, Path]
) -> None:
    """It requires another msgspec than the lab has here: then more than one thing would differ."""
    wheel = tiny_wheel(tmp_path, "3.0", requires="msgspec<0.1")
    pins, _ = parse(f"{wheel},tiny-lab-package==1.0")
    with pytest.raises(EnvironmentFailedError, match="can't be installed") as raised:
        environments.versions(pins, folders[0])
    assert "msgspec" in str(raised.value)


@pytest.mark.skipif(shutil.which("uv") is None, reason="there is only one installer here")
def test_pip_builds_the_same_environment_as_uv(
    tmp_path: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    pins, _ = parse(f"{tiny_wheel(tmp_path, '1.0')},tiny-lab-package==2.0")
    side = environments.versions(pins, folders[0])
    assert asked(side, "__import__('tiny_lab_package').VERSION") == "1.0"
    assert "websockets" in asked(side, "__import__('websockets').__file__")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout with a package `lab` whose two revisions differ."""
    made = tmp_path / "project"
    (made / "lab").mkdir(parents=True)

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(made), *who, *words]
        subprocess.run(command, check=True, capture_output=True)

    git("init", "--initial-branch", "main")
    for version in ("old", "new"):
        (made / "lab" / "__init__.py").write_text(f"WHICH = {version!r}\n")
        git("add", ".")
        git("commit", "-m", version)
    (made / "lab" / "__init__.py").write_text("WHICH = 'unsaved'\n")
    return made


def test_a_revision_and_the_working_tree_import_their_own_code(
    project: Path, folders: tuple[Path, Path]
) -> None:
    base = environments.revision(project, "HEAD~1", folders[0])
    candidate = environments.working_tree(project, folders[1])
    which = "__import__('lab').WHICH"
    assert (asked(base, which), asked(candidate, which)) == ("old", "unsaved")
    assert base.name.startswith("HEAD~1 (")
    assert candidate.name == "working tree"
    trees = subprocess.check_output(["git", "-C", str(project), "worktree", "list"], text=True)
    assert len(trees.splitlines()) == 1, "the checkout was changed"


@pytest.mark.parametrize("name", ["no-such-revision", "--all", ""])
def test_an_unknown_revision_is_named(project: Path, folders: tuple[Path, Path], name: str) -> None:
    with pytest.raises(EnvironmentFailedError, match="git"):
        environments.revision(project, name, folders[0])


def test_a_folder_that_is_no_checkout_is_said(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    with pytest.raises(EnvironmentFailedError, match="not a git repository"):
        environments.revision(tmp_path, "HEAD", folders[0])


def test_node_packages_are_lent_to_a_tree_with_the_same_lock(tmp_path: Path) -> None:
    project, same, other = (tmp_path / name for name in ("project", "same", "other"))
    for folder, lock in ((project, "1"), (same, "1"), (other, "2")):
        (folder / environments.NODE).mkdir(parents=True)
        (folder / environments.NODE / "package-lock.json").write_text(lock)
        if folder != project:
            environments.lend_node(folder, project)
            assert not (folder / environments.NODE / "node_modules").exists()
    (project / environments.NODE / "node_modules" / "ws").mkdir(parents=True)
    for folder in (same, other):
        environments.lend_node(folder, project)
    assert (same / environments.NODE / "node_modules" / "ws").is_dir()
    assert not (other / environments.NODE / "node_modules").exists()


def test_versions_of_node_packages_get_sources_of_their_own(
    tmp_path: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Npm itself needs the network. A program in its place keeps how it was called."""
    called = tmp_path / "called"
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\necho "$@" >> {called}\n')
    npm.chmod(0o755)
    usual = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: str(npm) if name == "npm" else usual(name))
    pins, _ = parse("npm:ws@8.18.0,npm:ws@8.23.0")
    side = environments.versions(pins, folders[0])
    tree = folders[0] / "tree"
    assert f"--prefix {tree / environments.NODE}" in called.read_text()
    assert called.read_text().split()[-1] == "ws@8.18.0"
    assert asked(side, "__import__('transports').__file__").startswith(str(tree))
    assert (tree / environments.NODE / "main.mjs").is_file()
    assert (tree / environments.NODE / "package.json").is_file()
    assert not (tree / environments.NODE / "node_modules").exists()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EnvironmentFailedError, match="npm is not installed"):
        environments.install_node(tree / environments.NODE, pins.of("npm"))


def test_a_side_describes_its_transports(folders: tuple[Path, Path]) -> None:
    side = environments.working_tree(ROOT, folders[0])
    found = environments.described(side, ["websocket"], "equal")
    assert found["websocket"]["stack"]["server"]["name"] == "websockets"
    assert found["websocket"]["settings_shown"]
    json.dumps(found)
    with pytest.raises(EnvironmentFailedError, match="working tree can't be loaded"):
        environments.described(side, ["no-such-transport"], "equal")


def test_what_the_lab_requires_is_known_by_name() -> None:
    pins, _ = parse("Websockets==1.0 tiny==1,websockets==2.0")
    (line,) = environments.required(pins.pins)
    assert re.fullmatch(r"websockets[<>=.,0-9]+", line)


def test_what_is_installed_is_kept_apart_from_what_is_chosen() -> None:
    pins, _ = parse("websockets==1.0,websockets==2.0")
    found = dict(line.split("==") for line in environments.installed(besides=pins.pins))
    assert "websockets" not in found
    assert "transport-lab" not in found
    assert "msgspec" in found

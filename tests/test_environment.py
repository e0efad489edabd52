"""The environment: complete enough to compare, and silent about whose machine it is."""

from __future__ import annotations

import copy
import getpass
import json
import os
import platform
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab import environment
from tests.report.factory import ENVIRONMENT


def changed(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(ENVIRONMENT)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


def test_it_describes_this_machine_in_json() -> None:
    found = json.loads(json.dumps(environment.describe()))
    assert found["machine"]["cores"] == os.cpu_count()
    assert found["machine"]["usable_cores"] == len(os.sched_getaffinity(0))
    assert found["python"]["version"] == platform.python_version()
    assert found["libraries"]["websockets"]
    assert found["clock"]["resolution_ns"] >= 1
    assert len(found["load_average"]) == 3


def test_the_synthetic_one_has_the_same_shape() -> None:
    assert ENVIRONMENT.keys() == environment.describe().keys()


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.items() for part in each for text in strings(part)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def test_it_names_no_host_no_user_and_no_place() -> None:
    texts = strings(environment.describe())
    assert texts
    assert not {socket.gethostname(), getpass.getuser()} & set(texts)
    assert not [text for text in texts if text.startswith("/") or str(Path.home()) in text]


def test_outside_a_checkout_there_is_no_commit(tmp_path: Path) -> None:
    assert environment._git(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert environment._git(tmp_path) is None


def test_a_run_s_own_folder_does_not_make_a_checkout_dirty(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "--message", "begin")
    results = tmp_path / "results" / "run"
    results.mkdir(parents=True)
    (results / "run.json").write_text("{}")
    found = environment._git(tmp_path)
    assert found is not None
    assert found["dirty"] is False
    (tmp_path / "server.py").write_text("")
    changed = environment._git(tmp_path)
    assert changed is not None
    assert changed["dirty"] is True


def test_equal_machines_are_alike() -> None:
    assert environment.unlike(ENVIRONMENT, copy.deepcopy(ENVIRONMENT)) == []


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("machine", "cpu"), "Other CPU", "CPU: Example CPU 3000 against Other CPU"),
        (("machine", "cores"), 64, "cores: 2 against 64"),
        (("machine", "usable_cores"), 1, "usable cores: 2 against 1"),
        (("system", "kernel_series"), "6.12", "kernel: 6.1 against 6.12"),
        (("python", "series"), "3.13", "Python: 3.11 against 3.13"),
        (("python", "implementation"), "PyPy", "implementation: CPython against PyPy"),
    ],
)
def test_what_makes_two_machines_unlike_is_named(
    path: tuple[str, ...], value: Any, named: str
) -> None:
    (found,) = environment.unlike(ENVIRONMENT, changed(path, value))
    assert named in str(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("system", "kernel"), "6.1.0-19"), (("python", "version"), "3.11.9"), (("git",), None)],
)
def test_what_does_not_matter_does_not_count(path: tuple[str, ...], value: Any) -> None:
    assert environment.unlike(ENVIRONMENT, changed(path, value)) == []


def test_a_quiet_machine_has_no_warnings() -> None:
    assert environment.warnings(ENVIRONMENT) == []
    assert environment.warnings({}) == []


@pytest.mark.parametrize(
    ("path", "value", "advice"),
    [
        (("load_average",), [1.5, 1, 1], "close other programs"),
        (("machine", "governor"), "powersave", "set it to performance"),
        (("machine", "usable_cores"), 1, "can't be told apart"),
    ],
)
def test_noise_is_warned_of_with_advice(path: tuple[str, ...], value: Any, advice: str) -> None:
    (warning,) = environment.warnings(changed(path, value))
    assert advice in warning

"""The floor of 100 % coverage reaches every module that is marked pure, and no other one."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from coverage import Coverage

from tests.conftest import UNTRACED, pytest_runtest_protocol
from tests.test_layers import is_marked_pure, modules

ROOT = Path(__file__).parent.parent
PURE_AS_A_LAYER = "lab/chat/"
"""The layer test holds each module of this folder to purity, so they need no marker."""


def settings() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]


def sources(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in modules(root).values()}


def marked(root: Path) -> set[str]:
    """The files of the modules that are marked pure."""
    trees = {name: ast.parse((root / name).read_text(encoding="utf-8")) for name in sources(root)}
    return {name for name, tree in trees.items() if is_marked_pure(tree)}


def complaints(root: Path, patterns: Iterable[str]) -> list[str]:
    """Where the patterns of the report and the markers below the root disagree."""
    files, pure = sources(root), marked(root)
    matched = {
        pattern: {path.relative_to(root).as_posix() for path in root.glob(pattern)} & files
        for pattern in patterns
    }
    included = set().union(*matched.values())
    own_rule = {name for name in included if name.startswith(PURE_AS_A_LAYER)}
    return [
        *(f"{pattern} matches no file" for pattern, found in matched.items() if not found),
        *(f"{name} is pure, and not included" for name in sorted(pure - included)),
        *(f"{name} is included, and not pure" for name in sorted(included - own_rule - pure)),
    ]


def test_the_report_includes_the_pure_modules() -> None:
    assert complaints(ROOT, settings()["report"]["include"]) == []
    assert settings()["report"]["fail_under"] == 100


def test_a_module_that_no_test_imports_counts_as_uncovered() -> None:
    # coverage.py looks for files that were never imported in the folders of `source` only.
    folders = settings()["run"]["source"]
    outside = {
        name for name in marked(ROOT) if not any(name.startswith(f"{it}/") for it in folders)
    }
    assert outside == set()
    assert all((ROOT / folder).is_dir() for folder in folders)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["lab/chat/*", "lab/measure/one.py"], []),
        (["lab/chat/*"], ["lab/measure/one.py is pure, and not included"]),
        (["lab/chat/*", "lab/measure/*"], ["lab/measure/two.py is included, and not pure"]),
        (["lab/measure/one.py", "lab/gone.py"], ["lab/gone.py matches no file"]),
    ],
    ids=["agree", "missing", "too much", "gone"],
)
def test_a_difference_is_found(tmp_path: Path, patterns: list[str], found: list[str]) -> None:
    for name, source in {
        "lab/chat/rooms.py": "",
        "lab/measure/one.py": "__pure__ = True\n",
        "lab/measure/two.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    assert complaints(tmp_path, patterns) == found


@pytest.mark.parametrize(
    ("path", "asked"),
    [(UNTRACED[0] / "test_it.py", ["stop", "test", "start"]), (Path(__file__), ["test"])],
    ids=["of the whole", "of pure modules"],
)
def test_coverage_rests_while_a_test_of_the_whole_runs(
    monkeypatch: pytest.MonkeyPatch, path: Path, asked: list[str]
) -> None:
    done: list[str] = []
    coverage = SimpleNamespace(stop=lambda: done.append("stop"), start=lambda: done.append("start"))
    monkeypatch.setattr(Coverage, "current", lambda: coverage)
    running = pytest_runtest_protocol(cast(pytest.Item, SimpleNamespace(path=path)))
    next(running)
    done.append("test")
    with pytest.raises(StopIteration):
        next(running)
    assert done == asked


def test_what_coverage_does_not_look_at_is_there() -> None:
    assert [place for place in UNTRACED if not place.exists()] == []

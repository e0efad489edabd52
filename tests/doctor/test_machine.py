"""How the machine is looked at: quotas in files as Linux writes them, and this machine itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.doctor.checks import CHECKS
from lab.doctor.machine import look, quota_cores


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="ascii")


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("0::/", {"cpu.max": "max 100000\n"}, None),
        ("0::/", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a/b", {"cpu.max": "200000 100000", "a/b/cpu.max": "max 100000"}, 2.0),
        ("0::/a/b", {"a/cpu.max": "50000 100000", "a/b/cpu.max": "300000 100000"}, 0.5),
        (
            "3:cpu,cpuacct:/a\n2:memory:/b",
            {
                "cpu,cpuacct/a/cpu.cfs_quota_us": "200000",
                "cpu,cpuacct/a/cpu.cfs_period_us": "50000",
            },
            4.0,
        ),
        (
            "1:cpu:/",
            {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"},
            None,
        ),
        ("0::/gone", {}, None),
    ],
    ids=["none", "v2", "outer v2", "inner v2", "v1", "v1 without", "unreadable"],
)
def test_the_quota_of_a_container(
    tmp_path: Path, own: str, files: dict[str, str], cores: float | None
) -> None:
    write(tmp_path, files)
    assert quota_cores(tmp_path, own) == cores


def test_this_machine_can_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTRACEMALLOC", "1")
    (tmp_path / "file").touch()
    found = look(tmp_path / "file" / "results", descriptors_needed=1)
    assert found.usable_cores >= 1
    assert found.clock_read_ns > 0
    assert "PYTHONTRACEMALLOC" in found.slowed_by
    assert found.results == f"{tmp_path / 'file'} is no folder"
    names = {check(found).name: check(found).state for check in CHECKS}
    assert names["results"] == "impossible"
    assert names["Python"] == "warn"
    assert names["file descriptors"] == "ok"

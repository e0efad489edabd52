"""How a fleet is addressed, and how its workers are called."""

from __future__ import annotations

import pytest

from lab.load.hosts.names import label_all, parse_fleet


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dask://10.0.0.1:8786", "10.0.0.1:8786"),
        ("dask://scheduler.example:1", "scheduler.example:1"),
        ("dask://[::1]:8786", "[::1]:8786"),
    ],
)
def test_a_scheduler_is_addressed(text: str, address: str) -> None:
    assert parse_fleet(text) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("10.0.0.1:8786", "write dask://HOST:PORT"),
        ("tcp://10.0.0.1:8786", "write dask://HOST:PORT"),
        ("dask://10.0.0.1", "write dask://HOST:PORT"),
        ("dask://10.0.0.1:99999", "write dask://HOST:PORT"),
        ("dask://10.0.0.1:1/x", "write dask://HOST:PORT"),
        ("dask://:8786", "write dask://HOST:PORT"),
        ("dask://ada:secret@10.0.0.1:8786", "no user and no password"),
    ],
)
def test_what_is_no_fleet_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        parse_fleet(text)
    assert "secret" not in str(refused.value)


def test_labels_have_no_address_and_all_differ() -> None:
    names = {
        "tcp://10.0.0.2:40001": "tcp://10.0.0.2:40001",
        "tcp://10.0.0.2:40002": "bob",
        "tcp://10.0.0.1:40001": 7,
        "tcp://[fe80::1]:40001": "10.0.0.9",
        "tcp://10.0.0.1:40002": "two words",
    }
    assert label_all(names) == {
        "tcp://10.0.0.1:40001": "7 on host 1",
        "tcp://10.0.0.1:40002": "worker-2 on host 1",
        "tcp://10.0.0.2:40001": "worker-3 on host 2",
        "tcp://10.0.0.2:40002": "bob on host 2",
        "tcp://[fe80::1]:40001": "worker-5 on host 3",
    }

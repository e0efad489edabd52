"""By which names a server is reached, and which Origins are its own."""

from __future__ import annotations

import pytest

from lab.contract import is_loopback
from lab.page.names import names_of, origins_of


def test_a_server_of_this_machine_goes_by_this_machines_names() -> None:
    assert names_of("127.0.0.1") == ("127.0.0.1", "localhost", "::1")
    assert names_of("localhost")[0] == "localhost"
    assert names_of("::1")[0] == "::1"
    assert names_of("127.0.0.5") == ("127.0.0.5", "127.0.0.1", "localhost", "::1")


def test_a_server_of_one_address_goes_by_that() -> None:
    assert names_of("192.0.2.1", ("192.0.2.1", "198.51.100.1")) == ("192.0.2.1",)


def test_a_server_of_every_address_goes_by_each_and_first_by_what_others_reach() -> None:
    names = names_of("0.0.0.0", ("192.0.2.1", "127.0.0.1"))
    assert names == ("192.0.2.1", "127.0.0.1", "localhost", "::1")
    assert names_of("::")[0] == "127.0.0.1"


def test_origins_name_no_port_that_goes_without_saying() -> None:
    names = ("127.0.0.1", "::1")
    assert origins_of(names, 8000, "http") == ("http://127.0.0.1:8000", "http://[::1]:8000")
    assert origins_of(names, 80, "http") == ("http://127.0.0.1", "http://[::1]")
    assert origins_of(names, 443, "https") == ("https://127.0.0.1", "https://[::1]")
    assert origins_of(names, 80, "https") == ("https://127.0.0.1:80", "https://[::1]:80")


def test_which_hosts_only_this_machine_reaches() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    with pytest.raises(ValueError):
        is_loopback("example")

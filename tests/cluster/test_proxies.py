"""The configurations of the proxies, as texts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lab.cluster.proxies import (
    CONFIGURATIONS,
    COOKIE,
    Proxy,
    Site,
    Sticky,
    haproxy,
    nginx,
    program_file,
)

NODES = ("127.0.0.1:3101", "127.0.0.1:3102", "127.0.0.1:3103")
BY_COOKIE = re.compile(rf"cookie[ _]{COOKIE}")
BY_ADDRESS = re.compile(r"hash \$remote_addr|balance source|ip_hash")


@pytest.mark.parametrize("sticky", ["cookie", "address", "none"])
@pytest.mark.parametrize("proxy", CONFIGURATIONS)
def test_a_configuration_names_each_node_and_is_sticky_as_asked(
    proxy: Proxy, sticky: Sticky
) -> None:
    text = CONFIGURATIONS[proxy](Site(nodes=NODES, sticky=sticky))
    assert all(node in text for node in NODES)
    assert bool(BY_COOKIE.search(text)) == (sticky == "cookie")
    assert bool(BY_ADDRESS.search(text)) == (sticky == "address")


@pytest.mark.parametrize("proxy", CONFIGURATIONS)
def test_the_program_runs_the_printed_configuration(proxy: Proxy) -> None:
    site = Site("127.0.0.1:8080", NODES)
    printed, run = CONFIGURATIONS[proxy](site), program_file(proxy, site)
    assert printed in run
    assert "8080" in printed


def test_nginx_can_be_left_without_what_a_chat_needs() -> None:
    site = Site()
    whole = nginx(site)
    assert "proxy_set_header Upgrade" in whole
    assert "proxy_set_header Upgrade" not in nginx(replace(site, upgrade=False))
    assert "proxy_buffering off" in whole
    assert "proxy_buffering" not in nginx(replace(site, buffering=True))
    assert "proxy_read_timeout 3s" in nginx(replace(site, idle_s=3))
    assert "option http-no-delay" in haproxy(site)

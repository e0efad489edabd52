"""URLs of targets: what is read, what is refused, and with which words."""

from __future__ import annotations

import pytest

from lab.target.errors import TargetError
from lab.target.permission import Bounds, Permission
from lab.target.target import Target, host_name, parse_target

READ = {
    "http://localhost:3000": Target("http", "localhost", 3000),
    "https://chat.example": Target("https", "chat.example", 443),
    "ws://127.0.0.1/": Target("ws", "127.0.0.1", 80),
    "wss://Chat.Example./room/?a=1&b": Target("wss", "chat.example", 443, "/room/", "a=1&b"),
    "WS://LOCALHOST:80": Target("ws", "localhost", 80),
    " http://localhost ": Target("http", "localhost", 80),
    "http://[::1]:8080/x": Target("http", "::1", 8080, "/x"),
    "http://[0:0::0:1]": Target("http", "::1", 80),
    "http://bücher.example/ä?q=ü": Target(
        "http", "xn--bcher-kva.example", 80, "/%C3%A4", "q=%C3%BC"
    ),
    "http://host/a%2Fb//c": Target("http", "host", 80, "/a%2Fb//c"),
    "http://host//": Target("http", "host", 80, "//"),
    "http://host?token=env:TOKEN": Target("http", "host", 80, "/", "token=env:TOKEN"),
}


def test_urls_are_read(subtests: pytest.Subtests) -> None:
    for text, target in READ.items():
        with subtests.test(text):
            assert parse_target(text) == target
            assert parse_target(str(target)) == target


REFUSED = {
    "localhost:3000": "write the scheme too, such as http://localhost:3000",
    "chat.example/path": "write the scheme too, such as http://chat.example/path",
    "ftp://localhost": "write http://, https://, ws:// or wss:// and a host",
    "socketio://localhost": "write http:// or https:// for Socket.IO",
    "": "write http://, https://, ws:// or wss:// and a host",
    "???": "write http://, https://, ws:// or wss:// and a host",
    "http://": "write http://, https://, ws:// or wss:// and a host",
    "http:///path": "has no host",
    "http://:3000": "has no host",
    "http://host:0": "a port is 1 to 65535",
    "http://host:65536": "a port is 1 to 65535",
    "http://host:port": "a port is 1 to 65535",
    "http://host:-1": "a port is 1 to 65535",
    "http://[::1": "is no URL",
    "http://[::g]": "is no",
    "http://[fe80::1%25eth0]/": "without %",
    "http://a..b": "is no host",
    "http://.a": "is no host",
    "http://a b": "encode it",
    "http://host/a b": "encode it",
    "http://host/\r\nEvil: 1": "encode it",
    "http://host\\@evil": "user or a password",
    "http://host/#part": "a fragment (#) is never sent",
    "http://me:hunter2@host": "give --header 'Authorization: env:NAME'",
}


def test_other_texts_are_refused_with_what_is_allowed(subtests: pytest.Subtests) -> None:
    for text, said in REFUSED.items():
        with subtests.test(text), pytest.raises(TargetError) as refused:
            parse_target(text)
        assert said in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["http://me:hunter2@host", "me:hunter2@host", "ftp://me:hunter2@host", "http://a:hunter2@"],
)
def test_a_refusal_shows_no_password(text: str) -> None:
    with pytest.raises(TargetError) as refused:
        parse_target(text)
    assert "hunter2" not in str(refused.value)


def test_the_forms_of_a_target() -> None:
    target = parse_target("wss://[::1]:8443/chat?x=1")
    assert target.secure
    assert target.authority == "[::1]:8443"
    assert target.origin == "https://[::1]:8443"
    assert target.resource == "/chat?x=1"
    assert target.http_url == "https://[::1]:8443/chat?x=1"
    assert target.websocket_url == "wss://[::1]:8443/chat?x=1"
    assert str(target.at("/other")) == "wss://[::1]:8443/other"
    assert parse_target("https://host:443/").authority == "host"
    assert parse_target("http://host").websocket_url == "ws://host/"


@pytest.mark.parametrize("path", ["/socket.io/", "socket.io", "/socket.io", "socket.io/"])
def test_the_path_of_socket_io_has_its_slashes(path: str) -> None:
    assert str(parse_target("http://host/chat?x").socket_io(path)) == "http://host/socket.io/"


def test_socket_io_at_the_root() -> None:
    assert parse_target("http://host/chat").socket_io("/").path == "/"


@pytest.mark.parametrize("text", ["host:80", "http://host", "a/b", "", "[::g]", "a..b", "b%c"])
def test_a_host_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TargetError):
        host_name(text)


def test_one_host_in_several_spellings() -> None:
    permission = Permission.owning(["Chat.Example.", "[0::1]", "BÜCHER.example"])
    assert permission.owned == {"chat.example", "::1", "xn--bcher-kva.example"}


def test_a_foreign_target_has_bounds_that_only_options_raise() -> None:
    usual = Permission()
    assert usual.bounds(foreign=False) == Bounds()
    assert usual.bounds(foreign=True) == Bounds(100, 200)
    raised = Permission(clients=500)
    assert raised.bounds(foreign=True) == Bounds(500, 200)
    assert Permission(messages_per_s=1e3).bounds(foreign=True) == Bounds(100, 1e3)


def test_a_load_within_the_bounds_passes() -> None:
    Bounds().check(10_000, None)
    Bounds(100, 200).check(100, 200)


@pytest.mark.parametrize(
    ("clients", "rate", "option"),
    [(101, 1.0, "--most-clients 101"), (1, 201.0, "--most-messages"), (1, None, "--most-messages")],
)
def test_a_load_beyond_the_bounds_is_refused(clients: int, rate: float | None, option: str) -> None:
    with pytest.raises(TargetError, match=option):
        Bounds(100, 200).check(clients, rate)

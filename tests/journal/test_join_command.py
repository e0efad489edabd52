"""`lab serve --join`: what can't join is refused in one sentence, before anything is started."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import pytest
import redis
from click.testing import CliRunner

from lab.chat.events import Departed, Joined, Message, RoomEvent, Said
from lab.chat.limits import Limits
from lab.cli import main
from lab.cluster.programs import free_ports
from lab.contract import Capability, ConnectOptions
from lab.journal.contract import JournalError
from lab.journal.redis.claim import check_server, claim, shown, with_password
from tests.cli.test_serve import PATIENCE_S, connect, serving
from tests.conformance.client import eventually
from tests.journal.redis_rooms import LEASE_S, redis_for_all
from transports import registry

USABLE = {
    "redis_version": "7.0.15",
    "role": "master",
    "cluster_enabled": 0,
    "maxmemory_policy": "noeviction",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_for_all(tmp_path_factory.mktemp("redis")) as found:
        yield found


def refusal(*arguments: str) -> str:
    """What `lab serve websocket` says that does not start; one sentence."""
    result = CliRunner().invoke(main, ["serve", "websocket", *arguments])
    assert result.exit_code == 2, result.output
    assert "secret" not in result.output
    assert '"url"' not in result.output
    last = result.output.splitlines()[-1]
    assert last.startswith("Error: ")
    return last.removeprefix("Error: ")


def test_a_server_that_can_t_join_nodes_is_refused(url: str, subtests: pytest.Subtests) -> None:
    with subtests.test("there is none"):
        (port,) = free_ports(1)
        where = f"redis://127.0.0.1:{port}"
        said = refusal("--join", f"redis://:secret@127.0.0.1:{port}")
        assert said.startswith(f"no Redis server answers at {where}: ")
    with subtests.test("it is another program"), socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        (port,) = other.getsockname()[1:]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("lab.journal.redis.claim.CONNECT_S", 0.2)
            assert "no Redis server answers" in refusal("--join", f"redis://127.0.0.1:{port}")
    client = redis.Redis.from_url(url)
    with subtests.test("it evicts"):
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert refusal("--join", url) == (
            f"{url} can't join nodes: its maxmemory-policy is allkeys-lru, and must be noeviction"
        )
        client.config_set("maxmemory-policy", "noeviction")
    with subtests.test("a node of this name is there"):
        claim(url, "a", Limits(), LEASE_S)
        said = refusal("--join", url, "--node", "a")
        assert said.startswith(f"{url} can't join nodes: a node 'a' is there already; ")
    with subtests.test("the others have other limits"):
        with pytest.raises(JournalError, match="text_bytes is 65536, and 9 here"):
            claim(url, "b", Limits(text_bytes=9), LEASE_S)
        # How fast one connection may be concerns no other node.
        claim(url, "b", Limits(commands_per_s=None), LEASE_S)
    with subtests.test("its keys are of another version"):
        client.hset("lab:meta", "version", "9")
        assert refusal("--join", url).endswith("its rooms are of version 9, not 1")
        client.hset("lab:meta", "version", "1")
    with subtests.test("it has no memory left"):
        client.config_set("maxmemory", "1mb")
        assert refusal("--join", url) == f"{url} has no memory left"
        client.config_set("maxmemory", "0")
    with subtests.test("it wants a password"):
        client.config_set("requirepass", "other")
        for given in (url, url.replace("//", "//:secret@")):
            assert refusal("--join", given) == f"{url} wants a password, and not this one"
        claim(with_password(url, "other"), "c", Limits(), LEASE_S)
        client.config_set("requirepass", "")


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"redis_version": "6.2.14"}, "it is Redis 6.2.14: nodes need 7 or later"),
        ({"cluster_enabled": 1}, "it is a node of a Redis Cluster: nodes need one server"),
        ({"role": "slave"}, "it is a replica, which can't be written"),
    ],
    ids=["too old", "cluster", "replica"],
)
def test_a_server_of_another_kind_is_refused(differs: dict[str, object], said: str) -> None:
    check_server(USABLE)
    with pytest.raises(JournalError) as raised:
        check_server(USABLE | differs)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--join", "http://secret"], "expected redis://HOST:PORT, or rediss:// for TLS"),
        (["--join", "redis://:secret@[x"], "expected redis://HOST:PORT, or rediss:// for TLS"),
        (["--join", "redis://:secret@10.0.0.1"], "10.0.0.1 may be another machine: add --share"),
        (["--join", "redis://db"], "db may be another machine: add --share"),
        (["--join", "redis://localhost", "--durable", "x"], "leave --join away"),
    ],
    ids=["scheme", "no URL", "another machine", "a name", "durable"],
)
def test_what_can_t_be_meant_is_refused(arguments: list[str], said: str) -> None:
    assert said in refusal(*arguments)


def test_rooms_of_another_program_can_t_be_joined() -> None:
    for name in registry.available():
        able = registry.load(name).capabilities
        if Capability.SOCKET in able and Capability.SHARED_ROOM not in able:
            result = CliRunner().invoke(main, ["serve", name, "--join", "redis://localhost"])
            assert result.exit_code == 2
            assert f"{name} runs a room of its own, which no other node can share" in result.output


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("redis://localhost:1/2", "redis://:a%40b@localhost:1/2"),
        ("redis://ann@localhost", "redis://ann:a%40b@localhost"),
        ("redis://:other@localhost", "redis://:other@localhost"),
    ],
    ids=["alone", "with a user", "with another one"],
)
def test_a_password_of_the_environment_is_part_of_the_url(url: str, whole: str) -> None:
    assert with_password(url, "a@b") == whole
    assert with_password(url, None) == url


def test_a_password_is_not_shown() -> None:
    assert shown("rediss://user:secret@[::1]/3?ssl_password=secret") == "rediss://[::1]:6379/3"


async def test_servers_of_different_transports_share_their_rooms(url: str) -> None:
    joining = ("--join", f"{url}/3", "--node")
    heard: list[RoomEvent] = []
    with (
        serving("websocket", *joining, "a") as (_, here),
        serving("sse", *joining, "b") as (second, there),
    ):
        ann = await registry.load("websocket").connect(
            here["url"], heard.append, ConnectOptions(timeout_s=PATIENCE_S)
        )
        bob = await connect(there)
        assert isinstance(await ann.join("den", "ann"), Joined)
        assert isinstance(await bob.join("den", "bob"), Joined)
        said = await bob.say("den", "hello")
        assert isinstance(said, Said)
        message = Message("den", said.seq, "bob", "hello", said.at)
        await eventually(lambda: message in heard, "the message arrived")
        second.send_signal(signal.SIGTERM)
        await eventually(lambda: isinstance(heard[-1], Departed), "bob departed")
        await eventually(lambda: second.poll() is not None, "the server ended")
        output, errors = second.communicate(timeout=PATIENCE_S)
        assert (second.returncode, output, errors) == (0, "", "")
        await bob.close()
        await ann.close()

"""`lab serve --join`: what can't join is refused in one sentence, before anything is started."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import redis
from click.testing import CliRunner

from lab.chat.events import Departed, Joined, Message, RoomEvent, Said
from lab.chat.limits import Limits
from lab.cli import main
from lab.cluster.programs import free_ports, missing
from lab.cluster.redis import redis_server
from lab.contract import Capability, ConnectionClosedError, ConnectOptions
from lab.journal.contract import JournalError
from lab.journal.recover import MEMBERS_PER_START
from lab.journal.redis import scripts
from lab.journal.redis.backplane import LOST_LEASE, Backplane
from lab.journal.redis.claim import check_server, claim, shown, with_password
from tests.cli.test_serve import COMMAND, PATIENCE_S, connect, serving
from tests.conformance.client import eventually
from tests.interop.conftest import needs
from tests.journal.redis_rooms import LEASE_S, redis_for_all
from tests.transports.needs_node import needs_node
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
    with subtests.test("its nodes have started too often"):
        before = client.get("lab:starts") or b"0"
        client.set("lab:starts", scripts.MOST_STARTS)
        said = refusal("--join", url, "--node", "often")
        assert said.startswith(
            f"{url} can't join nodes: nodes have started 2,097,151 times in this "
        )
        assert not client.exists("lab:node:often")
        client.set("lab:starts", scripts.MOST_STARTS - 1)
        last = claim(url, "last", Limits(), LEASE_S)
        assert (last.start + 1) * MEMBERS_PER_START == 2**53
        client.set("lab:starts", before)
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


def started(url: str) -> bool:
    """Whether a node has left anything in a Redis server."""
    with redis.Redis.from_url(url) as client:
        return bool(client.keys("lab:*"))


async def test_a_replica_and_a_cluster_are_refused(tmp_path: Path) -> None:
    """Real ones."""
    needs(missing("redis-server"))
    for name in ("first", "replica", "cluster"):
        (tmp_path / name).mkdir()
    async with (
        redis_server(tmp_path / "first") as first,
        redis_server(tmp_path / "replica") as second,
        redis_server(tmp_path / "cluster", more={"cluster-enabled": "yes"}) as third,
    ):
        with redis.Redis.from_url(second.url) as client:
            client.replicaof("127.0.0.1", str(urlsplit(first.url).port))
        assert refusal("--join", second.url) == (
            f"{second.url} can't join nodes: it is a replica, which can't be written"
        )
        assert refusal("--join", third.url) == (
            f"{third.url} can't join nodes: it is a node of a Redis Cluster: nodes need one server"
        )
        assert not started(first.url)


class Informing(socketserver.StreamRequestHandler):
    """A Redis server that can do nothing but answer `INFO`, with this text in RESP."""

    info: bytes

    def handle(self) -> None:
        while (count := self.rfile.readline()).startswith(b"*"):
            words = [self._word() for _ in range(int(count[1:]))]
            known = words[0].upper() == b"INFO"
            self.wfile.write(self.info if known else b"-ERR unknown command\r\n")

    def _word(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]


@contextmanager
def answering(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    """A server of our own. Yields its URL."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_an_older_redis_is_refused(url: str) -> None:
    """No older one can be installed: this is what the real one says, with an older version."""
    with redis.Redis.from_url(url) as client:
        client.response_callbacks.pop("INFO")
        info: bytes = client.execute_command("INFO")
    older, count = re.subn(rb"redis_version:[\d.]+", b"redis_version:6.2.14", info)
    assert count == 1
    info = b"$%d\r\n%s\r\n" % (len(older), older)
    with answering(type("Older", (Informing,), {"info": info})) as old:
        assert refusal("--join", old) == (
            f"{old} can't join nodes: it is Redis 6.2.14: nodes need 7 or later"
        )


class Denying(socketserver.BaseRequestHandler):
    """Refuses each connection as a protected Redis does (Redis 7, networking.c)."""

    def handle(self) -> None:
        self.request.sendall(
            b"-DENIED Redis is running in protected mode because protected mode is enabled and no "
            b"password is set for the default user. In this mode connections are only accepted "
            b"from the loopback interface. If you want to connect from external computers\r\n"
        )


def test_a_protected_redis_is_refused() -> None:
    """A real one refuses other machines only."""
    with answering(Denying) as server:
        assert refusal("--join", server) == (
            f"{server} is in protected mode: give it a password, which other machines need there"
        )


async def test_a_node_that_was_away_says_so_in_one_sentence_and_ends(url: str) -> None:
    joining = ("--join", f"{url}/4", "--node")
    heard: list[RoomEvent] = []
    with (
        serving("websocket", *joining, "a") as (_, here),
        serving("websocket", *joining, "b", "--lease", "2") as (away, there),
    ):
        ann = await registry.load("websocket").connect(
            here["url"], heard.append, ConnectOptions(timeout_s=PATIENCE_S)
        )
        bob = await connect(there)
        assert isinstance(await ann.join("den", "ann"), Joined)
        assert isinstance(await bob.join("den", "bob"), Joined)
        away.send_signal(signal.SIGSTOP)
        await eventually(lambda: Departed("den", "bob", 3, "lost") in heard, "bob departed")
        away.send_signal(signal.SIGCONT)
        await eventually(lambda: away.poll() is not None, "the node ended")
        output, errors = away.communicate(timeout=PATIENCE_S)
        assert (away.returncode, output) == (1, "")
        (sentence,) = errors.splitlines()
        assert sentence.startswith("Error: the journal failed, so the server ends: ")
        assert sentence.endswith(LOST_LEASE) or "Redis has not answered for 2 s" in sentence
        await bob.close()
        said = await ann.say("den", "alone")
        assert isinstance(said, Said)
        assert said.seq == 4, "nobody departed twice"
        await ann.close()


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
        transport = registry.load(name)
        if Capability.SOCKET in transport.capabilities and not transport.can_join_nodes():
            result = CliRunner().invoke(main, ["serve", name, "--join", "redis://localhost"])
            assert result.exit_code == 2
            assert f"{name} runs a room of its own, which no other node can share" in result.output


@needs_node
def test_a_server_in_node_reads_no_parameters_of_the_url() -> None:
    url = "redis://localhost?db=2"
    result = CliRunner().invoke(main, ["serve", "node-websocket", "--join", url])
    assert result.exit_code == 2
    assert "node-websocket reads no parameters after a ? in --join" in result.output


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


@needs_node
async def test_a_server_in_node_that_loses_its_lease_says_so_and_shows_no_password(
    url: str,
) -> None:
    with redis.Redis.from_url(f"{url}/5") as client:
        client.acl_setuser(
            "ann", enabled=True, passwords=["+secret"], commands=["+@all"], keys="*", channels="*"
        )
        joining = ("--join", f"{url}/5".replace("//", "//ann:secret@"), "--node", "c")
        with serving("node-websocket", *joining) as (process, ready):
            assert not any("secret" in part for part in psutil.Process(ready["pid"]).cmdline())
            ann = await connect(ready)
            assert isinstance(await ann.join("den", "ann"), Joined)
            client.delete("lab:node:c")
            saying = asyncio.ensure_future(ann.say("den", "am I there?"))
            await eventually(lambda: process.poll() is not None, "the server ended")
            (closed,) = await asyncio.gather(saying, return_exceptions=True)
            assert isinstance(closed, ConnectionClosedError)
            output, errors = process.communicate(timeout=PATIENCE_S)
            said = f"Error: the journal failed, so the server ends: {LOST_LEASE}\n"
            assert (process.returncode, output, errors) == (1, "", said)
            await ann.close()
        # It gives its place back if it can't listen, and when it ends in order.
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            command = [*COMMAND, "node-websocket", "--port", port, *joining]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout) == (1, "")
            assert "the port is in use" in done.stderr
            assert client.get("lab:node:c") is None
        with serving("node-websocket", *joining) as (process, _):
            assert client.get("lab:node:c") is not None
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=PATIENCE_S) == ("", "")
        assert client.get("lab:node:c") is None


async def test_a_place_is_kept_while_another_program_starts(tmp_path: Path) -> None:
    """On a busy machine that outlasts a lease. The first beat begins the lease itself."""
    needs(missing("redis-server"))
    async with redis_server(tmp_path) as own:
        place = await asyncio.to_thread(claim, own.url, "slow", Limits(), LEASE_S, LEASE_S)
        backplane = Backplane(place)
        with redis.Redis.from_url(own.url) as client:
            assert client.pttl("lab:node:slow") > LEASE_S * 1000
            await backplane.beat()
            assert 0 < client.pttl("lab:node:slow") <= LEASE_S * 1000
        await backplane.leave()
        await backplane.close()

"""The control connection: links opened, slowed, cut and inspected; errors in plain words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.chat.events import Message, RoomEvent
from lab.decode.decode import decode
from lab.ledger.ledger import ledger
from lab.page import Page
from lab.page.control import LINKS_MAX
from lab.page.inspector import SHOWN_MAX
from lab.page.transports import survey
from lab.relay.capture import from_lines
from tests.page.visitor import PATIENCE_S, ServerMessage, Visitor, served, visiting
from transports import registry

TRANSPORTS = [transport.name for transport in survey() if transport.available and transport.relayed]
OWN_ROOMS = [each.name for each in survey() if each.available and each.own_rooms]


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with served(tmp_path) as found:
        yield found


@pytest.fixture
async def visitor(page: Page) -> AsyncIterator[Visitor]:
    async with visiting(page) as found:
        yield found


def texts(heard: list[RoomEvent]) -> list[str]:
    return [event.text for event in heard if isinstance(event, Message)]


def totals(received: ServerMessage) -> tuple[int, int]:
    return received["up_bytes"], received["down_bytes"]


async def test_hello_says_what_there_is(visitor: Visitor) -> None:
    hello = visitor.hello
    assert (hello["version"], hello["share"]) == (1, False)
    assert hello["limits"]["text_bytes"] == 64 * 1024
    transports = {transport["name"]: transport for transport in hello["transports"]}
    assert list(transports) == list(registry.TRANSPORTS)
    joined = {name: transport for name, transport in transports.items() if transport["available"]}
    assert [name for name, transport in joined.items() if transport["relayed"]] == TRANSPORTS
    assert {*registry.FALLBACKS} - {*TRANSPORTS} == {"flashsocket"}
    assert {*registry.CORE} - {*TRANSPORTS} == {"loopback"}
    assert {*registry.TUNED} <= {*TRANSPORTS}
    for transport in transports.values():
        assert transport["available"] == (transport["reason"] is None)
    speak = {n: (w["family"], w["websocket"], w["polling"]) for n, w in transports.items()}
    assert speak["websocket"] == ("native", True, False)
    assert speak["socketio"] == ("socketio", True, True)
    assert speak["socketio-websocket"] == ("socketio", True, False)
    assert speak["socketio-polling-tuned"] == ("socketio", False, True)
    assert speak["sse"] == ("fallback", False, True)
    assert "2021" in transports["flashsocket"]["reason"]
    assert "socket" in transports["loopback"]["reason"]
    assert transports["jsonp-polling"]["unsafe"]
    assert transports["htmlfile"]["group"] == "fallbacks"


@pytest.mark.parametrize("transport", [name for name in TRANSPORTS if name not in OWN_ROOMS])
async def test_every_transport_is_in_the_same_rooms_and_counted_exactly(
    tmp_path: Path, transport: str
) -> None:
    async with (
        served(tmp_path, offered=(transport, "websocket")) as page,
        visiting(page) as visitor,
    ):
        line, url = await visitor.link(transport)
        await visitor.request("inspect", line=line, on=True)
        mine, _ = await visitor.connect(transport, url)
        _, other_url = await visitor.link("websocket")
        other, heard = await visitor.connect("websocket", other_url)
        await mine.join("lobby", "ann")
        await other.join("lobby", "bob")
        received = await visitor.first(lambda t: t["type"] == "presence" and len(t["members"]) == 2)
        assert received["room"] == "lobby"
        assert received["members"] == [
            {"name": "ann", "transport": transport},
            {"name": "bob", "transport": "websocket"},
        ]
        texts = [f"hello {number}" for number in range(3)]
        for text in texts:
            await mine.say("lobby", text)
        await mine.close()
        await visitor.first(
            lambda t: t["type"] == "presence" and [m["name"] for m in t["members"]] == ["bob"]
        )
        assert [event.text for event in heard if isinstance(event, Message)] == texts
        received = await visitor.latest(
            "counters", line, lambda t: t["connections"]["opened"] and not t["connections"]["live"]
        )
        # Of its own arrival it hears by the reply: bob's coming and three messages are delivered.
        assert (received["commands"], received["deliveries"]) == (4, 4)
        assert received["undecoded_bytes"] == 0
        assert received["requests"] == len(
            [record for record in visitor.records(line) if record["kind"] == "request"]
        )
        await all_is_accounted(page, visitor, line)


async def all_is_accounted(page: Page, visitor: Visitor, line: str) -> None:
    """What the page gets of a link is what its relay counted, and what its records add up to."""
    [traffic] = [each.traffic for each in page.links() if each.name == line]
    up, down = traffic.up_bytes, traffic.down_bytes
    received = await visitor.latest("counters", line, lambda t: totals(t) == (up, down))
    opened = received["connections"]["opened"]
    await visitor.until(lambda: kinds(visitor, line).count("closed") == opened)
    for direction, total in (("up", up), ("down", down)):
        mine = [r for r in visitor.records(line) if r["direction"] == direction]
        assert sum(record["bytes"] for record in mine) == total


def kinds(visitor: Visitor, line: str) -> list[str]:
    return [record["kind"] for record in visitor.records(line)]


async def test_records_say_what_crossed_the_line_and_its_bytes_can_be_had(
    visitor: Visitor,
) -> None:
    line, url = await visitor.link("socketio-websocket")
    await visitor.request("inspect", line=line, on=True)
    ann, _ = await visitor.connect("socketio-websocket", url)
    await ann.join("lobby", "ann")
    await ann.say("lobby", "hello")
    record = await visitor.record(line, lambda r: any("hello" in m for m in r["meaning"]))
    assert record["meaning"] == ["Engine.IO message, Socket.IO event, ack 2, say #2 → lobby: hello"]
    assert (record["direction"], record["kind"], record["connection"]) == ("up", "frame", 1)
    assert record["title"] == "text frame, 42 B, masked"
    numbers = [each["n"] for each in visitor.records(line)]
    assert numbers == list(range(1, len(numbers) + 1))
    times = [each["at_ms"] for each in visitor.records(line)]
    assert all(time_ms > 0 for time_ms in times)
    rows = (await visitor.request("bytes", line=line, record=record["n"]))["rows"]
    earlier = [
        each
        for each in visitor.records(line)
        if each["n"] < record["n"] and each["direction"] == "up"
    ]
    assert rows[0]["offset"] == sum(each["bytes"] for each in earlier)
    assert rows[0]["meaning"] == "WebSocket framing"
    assert "".join(row["text"] for row in rows[1:]) == '422["say",{"room":"lobby","text":"hello"}]'
    assert sum(len(bytes.fromhex(row["hex"])) for row in rows) == record["bytes"]


async def test_nothing_is_kept_of_a_line_that_nobody_inspects(visitor: Visitor) -> None:
    line, url = await visitor.link("websocket")
    ann, _ = await visitor.connect("websocket", url)
    await ann.join("lobby", "ann")
    await visitor.latest("counters", line, lambda t: t["commands"] == 1)
    assert visitor.records(line) == []
    await visitor.fails("forgotten", "bytes", line=line, record=1)
    await visitor.request("inspect", line=line, on=True)
    await ann.say("lobby", "x")
    record = await visitor.record(line, lambda r: r["direction"] == "up")
    assert record["n"] > 1
    assert (await visitor.request("bytes", line=line, record=record["n"]))["rows"]
    await visitor.request("inspect", line=line, on=False)
    await visitor.fails("forgotten", "bytes", line=line, record=record["n"])


async def test_a_line_is_bent(visitor: Visitor) -> None:
    line, url = await visitor.link("websocket")
    ann, _ = await visitor.connect("websocket", url)
    await ann.join("lobby", "ann")
    network = {"delay_ms": 100, "jitter_ms": 0, "bandwidth_bit_per_s": 1_000_000}
    assert (await visitor.request("emulate", line=line, network=network))["network"] == network
    started = time.perf_counter()
    await ann.say("lobby", "slowly")
    assert time.perf_counter() - started >= 0.2
    for bad in ({"delay_ms": 1, "jitter_ms": 2}, {"delay_ms": 5001}, {"delay_ms": -1}):
        code = "bad_network" if "jitter_ms" in bad else "bad_message"
        await visitor.fails(code, "emulate", line=line, network=bad)


async def test_a_stalled_line_loses_nothing(visitor: Visitor) -> None:
    line, url = await visitor.link("websocket")
    ann, heard = await visitor.connect("websocket", url)
    await ann.join("lobby", "ann")
    await visitor.request("stall", line=line, on=True)
    saying = asyncio.ensure_future(ann.say("lobby", "held"))
    await asyncio.sleep(0)  # it is sent now, before what another link carries
    _, other_url = await visitor.link("websocket")
    bob, heard_by_bob = await visitor.connect("websocket", other_url)
    await bob.join("lobby", "bob")
    await bob.say("lobby", "in the meantime")
    await visitor.until(lambda: texts(heard_by_bob) == ["in the meantime"])
    assert not saying.done()
    assert texts(heard) == []
    await visitor.request("stall", line=line, on=False)
    await asyncio.wait_for(saying, PATIENCE_S)
    await visitor.until(lambda: texts(heard) == texts(heard_by_bob) == ["in the meantime", "held"])


@pytest.mark.parametrize("how", ["rst", "fin"])
async def test_a_line_is_cut_and_carries_the_next_connection(visitor: Visitor, how: str) -> None:
    line, url = await visitor.link("websocket")
    await visitor.request("inspect", line=line, on=True)
    ann, _ = await visitor.connect("websocket", url)
    await ann.join("lobby", "ann")
    assert (await visitor.request("cut", line=line, how=how))["cut"] == 1
    await asyncio.wait_for(asyncio.shield(ann.closed), PATIENCE_S)
    closed = await visitor.record(line, lambda r: r["kind"] == "closed")
    assert closed["title"] == f"TCP connection closed: cut here ({how.upper()})"
    again, _ = await visitor.connect("websocket", url)
    await again.join("lobby", "ann again")
    received = await visitor.latest("counters", line, lambda t: t["connections"]["opened"] == 2)
    assert received["connections"]["live"] == 1
    assert (await visitor.request("cut", line=line, how="rst"))["cut"] == 1


async def test_lines_end_with_the_page_that_has_them(page: Page) -> None:
    async with visiting(page) as staying:
        async with visiting(page) as leaving:
            _, url = await leaving.link("websocket")
            ann, _ = await leaving.connect("websocket", url)
            await ann.join("lobby", "ann")
            leaving.forget()
        # Without a close: the link ends below it.
        await asyncio.wait_for(asyncio.shield(ann.closed), PATIENCE_S)
        await staying.first(lambda t: t["type"] == "presence" and not t["members"])
        assert page.links() == []
        with pytest.raises(OSError):
            await staying.connect("websocket", url)


async def test_a_closed_line_is_no_more(visitor: Visitor) -> None:
    line, url = await visitor.link("websocket")
    ann, _ = await visitor.connect("websocket", url)
    await visitor.request("close", line=line)
    await visitor.fails("no_line", "cut", line=line, how="rst")
    await asyncio.wait_for(asyncio.shield(ann.closed), PATIENCE_S)


async def test_a_page_has_no_more_lines_than_it_can_use(visitor: Visitor) -> None:
    for _ in range(LINKS_MAX):
        await visitor.link("websocket")
    await visitor.fails("too_many_lines", "open", transport="websocket")


async def test_what_can_not_be_done_is_said_in_plain_words(visitor: Visitor) -> None:
    failed = await visitor.fails("no_transport", "open", transport="carrier-pigeon")
    assert "websocket, websocket-aiohttp" in failed.reason
    failed = await visitor.fails("unavailable", "open", transport="flashsocket")
    assert "12 January 2021" in failed.reason
    await visitor.fails("unavailable", "open", transport="loopback")
    for kind, fields in (
        ("close", {}),
        ("emulate", {"network": {"delay_ms": 0}}),
        ("stall", {"on": True}),
        ("inspect", {"on": True}),
        ("bytes", {"record": 1}),
        ("export", {"form": "har"}),
    ):
        await visitor.fails("no_line", kind, line="k9", **fields)


@pytest.mark.parametrize(
    ("text", "number", "reason"),
    [
        ("", None, "truncated"),
        ("[]", None, "object"),
        ('{"type":"dance","id":7}', 7, "dance"),
        ('{"type":"open","id":7}', 7, "transport"),
        ('{"type":"open","transport":"websocket"}', None, "id"),
        ('{"type":"open","id":-1,"transport":"websocket"}', None, "id"),
        ('{"type":"cut","id":7,"line":"k1","how":"gently"}', 7, "how"),
        ('{"type":"bytes","id":7,"line":"k1","record":0}', 7, "record"),
        ('{"type":"open","id":7,"transport":"\\ud800"}', None, ""),
        ("[" * 100_000, None, ""),
    ],
)
async def test_what_is_no_message_is_refused_and_nothing_else_happens(
    visitor: Visitor, text: str, number: int | None, reason: str
) -> None:
    await visitor.socket.send_str(text)
    answer = await visitor.answer(number)
    assert answer["code"] in ("bad_message", "no_transport")
    assert reason in answer["reason"]
    await visitor.link("websocket")


async def test_bytes_are_no_message(visitor: Visitor) -> None:
    await visitor.socket.send_bytes(b"{}")
    assert (await visitor.answer(None))["code"] == "bad_message"


async def test_a_stranger_can_not_use_a_line(page: Page, visitor: Visitor) -> None:
    line, url = await visitor.link("websocket")
    port = int(url.rstrip("/").rpartition(":")[2])
    with pytest.raises(ConnectionError):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=("127.0.0.2", 0)
        )
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await writer.drain()
        await reader.read()
        raise ConnectionResetError("it was closed in good order")
    [mine] = [each for each in page.links() if each.name == line]
    assert mine.counters().connections.opened == 0


async def test_a_thousand_messages_a_second_are_sampled_and_counted_exactly(
    visitor: Visitor,
) -> None:
    line, url = await visitor.link("websocket")
    ann, heard = await visitor.connect("websocket", url)
    await ann.join("lobby", "ann")
    await visitor.request("inspect", line=line, on=True)
    for second in range(2):
        await asyncio.gather(*(ann.say("lobby", f"{second} {n}") for n in range(1000)))
    await visitor.until(lambda: len([e for e in heard if isinstance(e, Message)]) == 2000)
    received = await visitor.latest("counters", line, lambda t: t["deliveries"] == 2000)
    assert received["commands"] == 2001
    pushes = [t for t in visitor.received if t["type"] == "records"]
    assert max(len(push["records"]) for push in pushes) <= SHOWN_MAX
    await visitor.until(
        lambda: (
            sum(
                len(t["records"]) + t["skipped"] for t in visitor.received if t["type"] == "records"
            )
            == 6000
        )
    )
    assert sum(push["skipped"] for push in pushes) > 0
    # Of those shown before the flood was over, the bytes may be forgotten; of a new one, not.
    await ann.say("lobby", "afterwards")
    last = await visitor.record(line, lambda r: any("afterwards" in m for m in r["meaning"]))
    assert (await visitor.request("bytes", line=line, record=last["n"]))["rows"]


async def test_the_unsafe_transport_is_served_once_somebody_asks(tmp_path: Path) -> None:
    said: list[str] = []
    async with served(tmp_path, say=said.append) as page, visiting(page) as visitor:
        assert said == []
        _, url = await visitor.link("jsonp-polling")
        ann, _ = await visitor.connect("jsonp-polling", url)
        await ann.join("lobby", "ann")
        await visitor.link("jsonp-polling")
    assert len(said) == 1
    assert "script elements" in said[0]


async def test_what_was_left_out_is_greyed_out(tmp_path: Path) -> None:
    async with served(tmp_path, offered=("sse",)) as page, visiting(page) as visitor:
        offered = [
            transport["name"] for transport in visitor.hello["transports"] if transport["available"]
        ]
        assert offered == ["sse"]
        failed = await visitor.fails("unavailable", "open", transport="websocket")
        assert "--transports" in failed.reason


async def test_servers_with_rooms_of_their_own_are_served_from_the_first_link_on(
    visitor: Visitor, subtests: pytest.Subtests
) -> None:
    marked = {each["name"] for each in visitor.hello["transports"] if each["own_rooms"]}
    assert {*OWN_ROOMS} <= marked
    for name in OWN_ROOMS:
        with subtests.test(name):
            line, url = await visitor.link(name)
            connection, heard = await visitor.connect(name, url)
            await connection.join("lobby", "ann")
            await connection.say("lobby", "hello")
            await visitor.until(lambda heard=heard: texts(heard) == ["hello"])  # type: ignore[misc]
            await visitor.request("close", line=line)


async def test_an_inspected_link_says_what_the_ledger_counts_and_when_bytes_have_passed(
    visitor: Visitor, subtests: pytest.Subtests
) -> None:
    for name in ("websocket", "socketio-polling"):
        with subtests.test(name):
            line, url = await visitor.link(name)
            await visitor.request("inspect", line=line, on=True)
            await visitor.request("emulate", line=line, network={"delay_ms": 20})
            connection, _ = await visitor.connect(name, url)
            await connection.join(name, "ann")
            await connection.say(name, "hello")
            news = await visitor.latest("ledger", line, lambda t: t["account"]["said"] is not None)
            account = news["account"]
            joined = account["joined"]
            assert len(joined["turns"]) == joined["counted"]["round_trips"] > 2
            assert [turn["purpose"] for turn in joined["turns"]] == joined["counted"]["purposes"]
            assert account["spent"]["message"]["count"] == 1
            said = account["said"]
            await visitor.until(lambda line=line, said=said: said["down"] in passed(visitor, line))  # type: ignore[misc]
            left = passed(visitor, line)
            records = {record["n"]: record for record in visitor.records(line)}
            for number in (said["up"], said["down"]):
                assert left[number] - records[number]["at_ms"] >= 20
                each = records[number]
                assert each["http"] + each["framing"] + each["payload"] == each["bytes"]
            clock = (await visitor.request("clock", line=line))["at_ms"]
            assert clock >= left[said["down"]]
            await visitor.request("close", line=line)


async def test_what_crossed_a_link_can_be_had_as_a_file(
    visitor: Visitor, subtests: pytest.Subtests
) -> None:
    for name in ("websocket", "socketio-polling"):
        line, url = await visitor.link(name)
        await visitor.request("inspect", line=line, on=True)
        connection, _ = await visitor.connect(name, url)
        await connection.join(name, "ann")
        await connection.say(name, "hello")
        with subtests.test(f"{name}, a capture"):
            answer = await visitor.request("export", line=line, form="capture")
            chunks, events = from_lines(answer["text"].encode())
            assert answer["complete"]
            assert {event.kind for event in events} >= {"opened", "connected"}
            assert sum(len(chunk.data) for chunk in chunks if chunk.direction == "up") > 0
            [link] = ledger(decode(chunks, events)).entries
            assert link.joined is not None
        with subtests.test(f"{name}, an archive"):
            answer = await visitor.request("export", line=line, form="har")
            entries = json.loads(answer["text"])["log"]["entries"]
            assert "hello" in answer["text"]
            assert datetime.now(UTC).isoformat()[:4] == entries[0]["startedDateTime"][:4]
        await visitor.request("close", line=line)


def passed(visitor: Visitor, line: str) -> dict[int, float]:
    """When each record of a line had passed."""
    pushed = (t for t in visitor.received if t["type"] == "records" and t["line"] == line)
    return {number: at_ms for push in pushed for number, at_ms in push["passed"]}

"""The claim `six-connections`: HTTP/2 lifts the limit of six connections for server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import captured_route
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.contract import ServerTls
from lab.interop.chromium import chromium, chromium_unavailable, driving
from lab.measure.server import ServerProcess
from lab.relay.relay import ConnectionEvent
from transports._shared.extras import missing

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

HTTP_1, HTTP_2 = "sse", "sse-h2"
LIMIT = 6
"""The connections of HTTP/1.1 that a browser opens to one server."""
STREAMS = LIMIT + 1
TABS = 2
"""The streams are shared out over tabs: the limit is that of all tabs together."""
PATIENCE_S = 20.0
WAITS_S = 1.5
"""A stream that is not open so long after the stream of another profile waits in the browser."""
HANDSHAKE = "/socket.io/1/"

SESSION = "async path => (await (await fetch(path)).text()).split(':')[0]"
OPEN = """path => {
  const stream = new EventSource(path);
  stream.onopen = () => streamOpened();
  (globalThis.streams ??= []).push(stream);
}"""
CLOSE_FIRST = "() => streams[0].close()"


class Streams(msgspec.Struct, frozen=True):
    """Of the streams that tabs of one browser asked for: how many opened.

    `opened`: at once, over so many TCP `connections`. `after_close`: in all, when one of them has
    been closed; equal to `opened` where none waited.
    """

    transport: str
    asked: int
    opened: int
    connections: int
    after_close: int

    @property
    def all_open(self) -> bool:
        """Whether no stream waits."""
        return self.opened == self.asked

    @property
    def limited(self) -> bool:
        """Whether the browser opens six, and the next one when one of them is closed."""
        return self.opened == LIMIT and self.after_close == LIMIT + 1


def judge(found: Iterable[Streams]) -> Verdict:
    """Judge whether HTTP/1.1 has the limit, and HTTP/2 has not."""
    by_name = {streams.transport: streams for streams in found}
    held = by_name[HTTP_1].limited and by_name[HTTP_2].all_open
    return Verdict.HOLDS if held else Verdict.DOES_NOT_HOLD


async def count(browser: Browser, name: str, tls: ServerTls) -> Streams:
    """Open streams in tabs of one profile, and count those that open.

    Raises:
        TimeoutError: the browser opens too few streams.
        ChromiumError: it can't load the page.
    """
    arguments = ["--unpaced", "--certificate", tls.certificate, "--key", tls.key]
    with ServerProcess(name, arguments) as server:
        async with captured_route(server.url, int(server.ready["port"])) as route:
            with driving():
                async with _profile(browser, route.entrance, TABS) as tabs:
                    await tabs.ask(name, STREAMS)
                    await tabs.wait(LIMIT)
                    await _opens_elsewhere(browser, server.url, name)
                    opened = await tabs.wait_for(STREAMS, WAITS_S)
                    connections = _connections(route.events)
                    if opened < STREAMS:
                        await tabs.pages[0].evaluate(CLOSE_FIRST)
                        await tabs.wait_for(opened + 1, PATIENCE_S)
    return Streams(name, STREAMS, opened, connections, tabs.opened)


@dataclass
class _Tabs:
    """Tabs of one profile of the browser, each on a page of the server itself.

    `opened`: how many streams have opened in them.
    """

    pages: Sequence[Page]
    opened: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def stream_opened(self) -> None:
        self.opened += 1
        self._more.set()

    async def ask(self, name: str, streams: int) -> None:
        # All sessions first: when six streams are open, a handshake waits too.
        sessions = [await self.pages[0].evaluate(SESSION, HANDSHAKE) for _ in range(streams)]
        for number, session in enumerate(sessions):
            tab = self.pages[number % len(self.pages)]
            await tab.evaluate(OPEN, f"{HANDSHAKE}{name}/{session}")

    async def wait(self, streams: int) -> None:
        """Wait until so many streams have opened. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while self.opened < streams:
                self._more.clear()
                await self._more.wait()

    async def wait_for(self, streams: int, patience_s: float) -> int:
        """Return how many streams have opened, as soon as so many have or the patience is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self.wait(streams)
        return self.opened


@asynccontextmanager
async def _profile(browser: Browser, url: str, tabs: int) -> AsyncIterator[_Tabs]:
    profile = await browser.new_context()
    try:
        found = _Tabs([await profile.new_page() for _ in range(tabs)])
        await profile.expose_function("streamOpened", found.stream_opened)
        for page in found.pages:
            await page.goto(f"{url}{HANDSHAKE}")
        yield found
    finally:
        await profile.close()


async def _opens_elsewhere(browser: Browser, url: str, name: str) -> None:
    """Open a stream in another profile: the server takes one more, so the browser holds the others.

    It does not pass the relay, whose connections are counted.
    """
    async with _profile(browser, url, 1) as tabs:
        await tabs.ask(name, 1)
        await tabs.wait(1)


def _connections(events: Iterable[ConnectionEvent]) -> int:
    return sum({"opened": 1, "closed": -1}.get(event.kind, 0) for event in events)


async def test() -> Finding:
    """Open seven streams in Chromium over HTTP/1.1, and over HTTP/2."""
    needs(chromium_unavailable(), missing("h2"), missing("trustme"))
    from lab.tls.authority import certified, key_pin  # noqa: PLC0415 - an extra

    with certified() as made:
        pinned = f"--ignore-certificate-errors-spki-list={key_pin(made.server.certificate)}"
        async with chromium(pinned) as browser:
            found = [await count(browser, name, made.server) for name in (HTTP_1, HTTP_2)]
    first, second = found
    in_short = IN_SHORT.fill(asked=STREAMS, http_1=first.opened, http_2=second.opened)
    return Finding(judge(found), in_short, tuple(map(describe, found)))


def describe(found: Streams) -> Bilingual:
    """Say how many streams opened, and what became of the others."""
    words = ALL_OPEN if found.all_open else SOME_WAIT
    return words.fill(**msgspec.structs.asdict(found), waiting=found.asked - found.opened)


IN_SHORT = Bilingual(
    "Of {asked} streams in tabs of Chromium, {http_1} open over HTTP/1.1, {http_2} over HTTP/2.",
    "Chromium 탭에서 연 스트림 {asked}개 가운데 HTTP/1.1에서는 {http_1}개, HTTP/2에서는 "
    "{http_2}개가 열립니다.",
)
ALL_OPEN = Bilingual(
    "{transport}: all {opened} streams open. TCP connections: {connections}.",
    "{transport}: 스트림 {opened}개가 모두 열립니다. TCP 연결은 {connections}개입니다.",
)
SOME_WAIT = Bilingual(
    "{transport}: {opened} of {asked} streams open, over {connections} TCP connections. Waiting: "
    "{waiting}. When one has been closed, {after_close} in all have opened.",
    "{transport}: 스트림 {asked}개 가운데 {opened}개가 TCP 연결 {connections}개로 열리고 "
    "{waiting}개는 기다립니다. 하나를 닫은 뒤까지 모두 {after_close}개가 열렸습니다.",
)

CLAIM = Claim(
    name="six-connections",
    said=Bilingual(
        "HTTP/2 lifts the limit of six connections for server-sent events.",
        "HTTP/2를 쓰면 서버 전송 이벤트(SSE)의 연결 여섯 개 제한이 사라집니다.",
    ),
    experiment=Bilingual(
        "Two tabs of Chromium open seven event streams to one server over TLS: over HTTP/1.1, and "
        "over HTTP/2. The lab counts those that open. If some wait, it closes one and counts "
        "again.",
        "Chromium의 탭 두 개가 TLS로 서버 하나에 이벤트 스트림 일곱 개를 엽니다. 한 번은 "
        "HTTP/1.1, 한 번은 HTTP/2를 씁니다. 열린 것을 셉니다. 기다리는 것이 있으면 하나를 닫고 "
        "다시 셉니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "Over HTTP/1.1 a browser opens at most six connections to one server, for all tabs "
        "together, and each stream keeps one. The seventh waits, without an error, and so does "
        "every other request to that server. Over HTTP/2 all of them are streams of one "
        "connection. Their limit is the one that the server announces, often 100 or more. A lost "
        "packet then delays all of them, as the claim `one-lost-packet` shows.",
        "HTTP/1.1에서 브라우저는 모든 탭을 합쳐 서버 하나에 연결을 여섯 개까지만 열고, 스트림마다 "
        "하나를 차지합니다. 일곱 번째는 오류도 없이 기다리고, 그 서버로 가는 다른 요청도 모두 "
        "기다립니다. HTTP/2에서는 모두 연결 하나의 스트림입니다. 그 제한은 서버가 알려 주는 "
        "값이고, 흔히 100 이상입니다. 그때는 패킷 하나가 손실되면 모두 늦어지고, "
        "`one-lost-packet`이 그것을 보여 줍니다.",
    ),
    test=test,
    common_belief=True,
    notebook="13_transports_of_today",
)

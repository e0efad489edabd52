"""The claim `client-checks`: a client refuses an answer with a wrong Sec-WebSocket-Accept."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial

import aiohttp
import msgspec

from lab.bilingual import Bilingual, joined
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict, verdict_of
from lab.interop.clients import CLIENTS
from lab.interop.outcome import Visit
from lab.interop.pages import Browsing, browse

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 section 4.2.2, 5.4."""
SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The accept value of the sample key in RFC 6455 section 1.3: right for that key only."""
RIGHT, WRONG, MISSING = "right", "wrong", "missing"
ANSWERS = (RIGHT, WRONG, MISSING)
PATIENCE_S = 5.0
AIOHTTP = "aiohttp"


def accept_of(key: str) -> str:
    """Return the right Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2, 5.4)."""
    return b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


class Check(msgspec.Struct, frozen=True):
    """What a client did: answer of the server -> whether the client reported a connection."""

    client: str
    opened: Mapping[str, bool]

    @property
    def checks(self) -> bool:
        """Whether the client takes the right answer and no other."""
        return self.opened == {answer: answer == RIGHT for answer in ANSWERS}


def judge(checks: Iterable[Check]) -> Verdict:
    """Judge whether all clients check the answer, some, or none."""
    return verdict_of(check.checks for check in checks)


@asynccontextmanager
async def answering(answer: str) -> AsyncIterator[str]:
    """Serve 101 with a right, wrong or missing accept value, and then end; yield the URL."""
    server = await asyncio.start_server(partial(_answer, answer), "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def _answer(answer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            return
        lines = (line.partition(":") for line in head.splitlines())
        headers = {name.lower(): value.strip() for name, _, value in lines}
        accept = {RIGHT: accept_of(headers["sec-websocket-key"]), WRONG: SAMPLE_ACCEPT}.get(answer)
        said = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        said += [f"Sec-WebSocket-Accept: {accept}"] if accept else []
        writer.write("\r\n".join([*said, "", ""]).encode())
        await writer.drain()
        await reader.read(1)  # the client's first byte, or its end


async def _opens(client: str, url: str, browsing: Browsing | None) -> bool:
    """Return whether the client reports an open connection."""
    if client == AIOHTTP:
        async with aiohttp.ClientSession() as http:
            try:
                async with http.ws_connect(url, timeout=aiohttp.ClientWSTimeout(ws_close=0.1)):
                    return True
            except aiohttp.ClientError:
                return False
    visit = Visit(url, "lobby", "ann", PATIENCE_S)
    report = await CLIENTS[client].attempt(visit, browsing)
    return report.opened_ms is not None


async def test() -> Finding:
    """Let every WebSocket client connect to a server with each answer."""
    native = [name for name, client in CLIENTS.items() if client.family == "native"]
    there = [name for name in native if CLIENTS[name].unavailable() is None]
    async with AsyncExitStack() as stack:
        browsing = None
        if any(CLIENTS[name].in_browser for name in there):
            browsing = await stack.enter_async_context(browse())
        urls = {answer: await stack.enter_async_context(answering(answer)) for answer in ANSWERS}
        checks = []
        for client in (*there, AIOHTTP):
            opened = await asyncio.gather(*(_opens(client, url, browsing) for url in urls.values()))
            checks.append(Check(client, dict(zip(urls, opened, strict=True))))
    if not checks:
        raise NotTestable("no WebSocket client can run here")
    in_short = IN_SHORT.fill(checks=sum(it.checks for it in checks), clients=len(checks))
    return Finding(judge(checks), in_short, tuple(map(_describe, checks)))


IN_SHORT = Bilingual(
    "{checks} of {clients} clients take the right Sec-WebSocket-Accept, and refuse a wrong and a "
    "missing one.",
    "클라이언트 {clients}개 중 {checks}개가 올바른 Sec-WebSocket-Accept만 받아들이고, 틀리거나 "
    "없는 것은 거절합니다.",
)
SEEN = Bilingual("{client}: {each}, of 3 answers.", "{client}: 응답 3가지 중 {each}.")
EACH = {
    (RIGHT, True): Bilingual("opens with the right value", "올바른 값은 받아들임"),
    (RIGHT, False): Bilingual("does not open with the right value", "올바른 값도 거절함"),
    (WRONG, True): Bilingual("opens with a wrong value", "틀린 값도 받아들임"),
    (WRONG, False): Bilingual("refuses a wrong value", "틀린 값은 거절함"),
    (MISSING, True): Bilingual("opens without a value", "값이 없어도 받아들임"),
    (MISSING, False): Bilingual("refuses a missing value", "값이 없으면 거절함"),
}


def _describe(check: Check) -> Bilingual:
    return SEEN.fill(
        client=check.client, each=joined(", ", (EACH[it] for it in check.opened.items()))
    )


CLAIM = Claim(
    name="client-checks",
    said=Bilingual(
        "The client checks the server's answer, and only then the handshake is done.",
        "클라이언트가 서버의 응답을 확인해야 핸드셰이크가 끝납니다.",
    ),
    experiment=Bilingual(
        "A server answers each client with 101, once with the right Sec-WebSocket-Accept, once "
        "with a wrong one, once without it.",
        "서버가 각 클라이언트에 101로 응답하면서 올바른 Sec-WebSocket-Accept를, 틀린 것을, 그리고 "
        "아무것도 넣지 않고 보냅니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "The value is a hash of the key that the client sent, so a right one shows that the "
        "server has read this handshake and speaks WebSocket. RFC 6455 section 4.1 requires the "
        "client to fail the connection otherwise, and every client here does.",
        "이 값은 클라이언트가 보낸 키의 해시이므로, 올바른 값은 서버가 이 핸드셰이크를 읽었고 "
        "WebSocket을 말한다는 것을 보여 줍니다. RFC 6455 4.1절에 따라 클라이언트는 그렇지 않으면 "
        "연결을 실패로 처리해야 하고, 여기의 모든 클라이언트가 그렇게 합니다.",
    ),
    test=test,
    notebook="01_handshake",
)

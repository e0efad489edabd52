"""The claim `html5-standard`: WebSocket came with HTML5, and is a standard of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import captured_route, requests_of
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.interop.chromium import chromium, chromium_unavailable
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess

PATIENCE_S = 30.0
RFC_6455 = "13"
"""The version of the protocol that RFC 6455 section 4.1 gives its number."""
SCOPES = ("html4", "worker")
ASK = """async (url) => {
  document.open();
  document.write('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" ' +
    '"http://www.w3.org/TR/html4/strict.dtd"><title>HTML 4.01</title>');
  document.close();
  const ask = (url) => new Promise((resolve) => {
    const ws = new WebSocket(url);
    ws.onopen = () => ws.send(JSON.stringify({ type: "rooms", id: 1 }));
    ws.onmessage = (event) => { resolve(JSON.parse(event.data).type); ws.close(); };
    ws.onerror = () => resolve("no connection");
  });
  const source =
    `const ask = ${ask}; onmessage = async ({ data }) => postMessage(await ask(data));`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])));
  const inWorker = new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve("no worker");
  });
  worker.postMessage(url);
  return { doctype: document.doctype.publicId, html4: await ask(url), worker: await inWorker };
}"""
"""Runs in a page: turns it into HTML 4.01, and requests the list of rooms there and in a worker."""


class Scope(msgspec.Struct, frozen=True):
    """Where WebSocket was used: a page of HTML 4.01, or a worker without a document."""

    name: str
    answered: bool


def judge(scopes: Iterable[Scope], versions: Iterable[str]) -> Verdict:
    """Judge whether WebSocket, in RFC 6455's version, is independent of HTML5."""
    standard = set(versions) == {RFC_6455}
    return verdict_of(scope.answered and standard for scope in scopes)


async def observe() -> tuple[list[Scope], list[str], Capture]:
    """Use the room from a page of HTML 4.01 and from a worker; return the versions requested."""
    with ServerProcess("websocket") as server:
        async with (
            captured_route(server.url, int(server.ready["port"])) as route,
            chromium() as browser,
            asyncio.timeout(PATIENCE_S),
        ):
            page = await browser.new_page()
            await page.goto(route.entrance.replace("ws:", "http:"))
            said: dict[str, Any] = await page.evaluate(ASK, route.entrance)
            capture = route.capture
    assert "HTML 4.01" in said["doctype"]
    headers = [dict(request.headers) for request in requests_of(capture)]
    versions = [it["sec-websocket-version"] for it in headers if "sec-websocket-version" in it]
    return [Scope(name, said[name] == "listing") for name in SCOPES], versions, capture


async def test() -> Finding:
    """Look for WebSocket where there is no HTML5."""
    needs(chromium_unavailable())
    scopes, versions, capture = await observe()
    counted = {"used": sum(it.answered for it in scopes), "scopes": len(scopes)}
    version = ", ".join(sorted(set(versions)))
    evidence = (
        *(SEEN[scope.name].fill(used=USED if scope.answered else NOT_USED) for scope in scopes),
        VERSIONS.fill(version=version, count=len(versions)),
        TEXTS,
    )
    return Finding(
        judge(scopes, versions),
        IN_SHORT.fill(**counted, version=version),
        evidence,
        {"a page of HTML 4.01, and a worker": capture},
    )


IN_SHORT = Bilingual(
    "{used} of {scopes} places without HTML5 used WebSocket in Chromium, in version {version} of "
    "the protocol (RFC 6455).",
    "Chromium에서 HTML5가 없는 {scopes}곳 중 {used}곳이 WebSocket을 사용했고, 프로토콜 버전은 "
    "{version}입니다 (RFC 6455).",
)
SEEN = {
    "html4": Bilingual(
        "A page of HTML 4.01 {used} the room over WebSocket.",
        "HTML 4.01 페이지에서 WebSocket으로 방을 {used}.",
    ),
    "worker": Bilingual(
        "A worker, which has no document at all, {used} the room over WebSocket.",
        "문서가 없는 워커에서 WebSocket으로 방을 {used}.",
    ),
}
USED, NOT_USED = Bilingual("used", "사용했습니다"), Bilingual("did not use", "사용하지 못했습니다")
VERSIONS = Bilingual(
    "{count} handshakes requested version {version} of the protocol, that of RFC 6455.",
    "핸드셰이크 {count}개가 RFC 6455의 버전 {version}을 요청했습니다.",
)
TEXTS = Bilingual(
    "Read, not measured: early drafts of HTML5 had WebSocket; today the protocol is RFC 6455 of "
    "2011, and the interface is WHATWG's WebSockets Standard.",
    "잰 것이 아니라 읽은 것: HTML5의 초기 초안에 WebSocket이 있었고, 지금 프로토콜은 2011년의 RFC "
    "6455, 인터페이스는 WHATWG의 WebSockets Standard입니다.",
)

CLAIM = Claim(
    name="html5-standard",
    said=Bilingual(
        "WebSocket is a standard that came with HTML5, and it is a living standard of its own.",
        "WebSocket은 HTML5와 함께 나온 표준이고, 지금은 따로 유지되는 표준입니다.",
    ),
    experiment=Bilingual(
        "In Chromium, a page of HTML 4.01 and a worker without a document use the room over "
        "WebSocket. The lab reads which version of the protocol they request.",
        "Chromium에서 HTML 4.01 페이지와 문서가 없는 워커가 WebSocket으로 방을 사용합니다. 요청한 "
        "프로토콜의 버전을 읽습니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "That it came with HTML5 is history: its drafts had WebSocket until it got texts of its "
        "own, and no experiment can show that. That it is a standard of its own can be tested. A "
        "browser has WebSocket where there is no HTML5, and requests the version of RFC 6455.",
        "HTML5와 함께 나왔다는 것은 역사입니다. HTML5 초안에 있다가 따로 떨어져 나왔고, 이것은 "
        "실험으로 보일 수 없습니다. 따로 있는 표준이라는 것은 시험할 수 있습니다. 브라우저는 "
        "HTML5가 없는 곳에서도 WebSocket을 쓰고, RFC 6455의 버전을 요청합니다.",
    ),
    test=test,
)

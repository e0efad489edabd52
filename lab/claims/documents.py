"""The sentences of the documents in the lab's words, and the claim that tests each.

The documents are a learner's post on building a chat website with WebSocket and Socket.IO, and the
post that follows it. Nothing is quoted. docs/documents.md and docs/documents.ko.md show the list.
"""

from __future__ import annotations

import msgspec

from lab.bilingual import Bilingual


class Sentence(msgspec.Struct, frozen=True):
    """A sentence, and the name of its claim."""

    claim: str
    said: Bilingual


SENTENCES = (
    Sentence(
        "realtime-events",
        Bilingual(
            "Socket.IO is a library for communication between browser and server in real time, in "
            "both directions, and by events.",
            "Socket.IO는 브라우저와 서버가 이벤트로 실시간 양방향 통신을 하게 해 주는 "
            "라이브러리입니다.",
        ),
    ),
    Sentence(
        "server-and-client",
        Bilingual(
            "It consists of a server for Node and of a JavaScript client, which runs in Node too.",
            "Node 서버와 JavaScript 클라이언트로 이루어져 있고, 클라이언트는 Node에서도 "
            "실행됩니다.",
        ),
    ),
    Sentence(
        "html5-standard",
        Bilingual(
            "WebSocket is a standard that came with HTML5.",
            "WebSocket은 HTML5와 함께 나온 표준입니다.",
        ),
    ),
    Sentence(
        "browser-and-server",
        Bilingual(
            "It is basically a protocol between a browser and a server.",
            "기본적으로 브라우저와 서버 사이의 프로토콜입니다.",
        ),
    ),
    Sentence(
        "no-library",
        Bilingual(
            "For WebSocket there is nothing to install.", "WebSocket은 따로 설치할 것이 없습니다."
        ),
    ),
    Sentence(
        "no-library",
        Bilingual(
            "Socket.IO helps you to use WebSocket, and it has to be installed.",
            "Socket.IO는 WebSocket을 쉽게 쓰도록 돕지만 설치해야 합니다.",
        ),
    ),
    Sentence(
        "many-transports",
        Bilingual(
            "Socket.IO also has FlashSocket, AJAX long polling, AJAX multipart streaming, an "
            "iframe and JSONP polling, so it works in many browsers.",
            "Socket.IO에는 FlashSocket, AJAX 롱 폴링, AJAX 멀티파트 스트리밍, IFrame, JSONP "
            "폴링도 있어서 많은 브라우저에서 동작합니다.",
        ),
    ),
    Sentence(
        "convenient",
        Bilingual(
            "Code for Socket.IO is more intuitive and more convenient.",
            "Socket.IO의 코드가 더 직관적이고 편리합니다.",
        ),
    ),
    Sentence(
        "rooms",
        Bilingual(
            "Socket.IO has rooms, so you can send a message to one room.",
            "Socket.IO에는 방이 있어서 방별로 메시지를 보낼 수 있습니다.",
        ),
    ),
    Sentence(
        "never-across",
        Bilingual(
            "Socket.IO uses WebSocket where it can, yet neither kind of client can connect to the "
            "other kind of server.",
            "Socket.IO는 가능하면 WebSocket을 쓰지만, 어느 쪽 클라이언트도 다른 쪽 서버에 연결할 "
            "수 없습니다.",
        ),
    ),
    Sentence(
        "fixed-partner",
        Bilingual(
            "So each client has its fixed partner.", "그래서 클라이언트마다 정해진 짝이 있습니다."
        ),
    ),
    Sentence(
        "handshake",
        Bilingual(
            "WebSocket's handshake goes over HTTP: with right headers the server sends a "
            "handshake response.",
            "WebSocket의 핸드셰이크는 HTTP로 이루어지고, 헤더가 올바르면 서버가 핸드셰이크 응답을 "
            "보냅니다.",
        ),
    ),
    Sentence(
        "handshake",
        Bilingual(
            "Otherwise it sends a 4xx error, and the socket is closed.",
            "그렇지 않으면 4xx 오류를 보내고 소켓을 닫습니다.",
        ),
    ),
    Sentence(
        "wrong-types",
        Bilingual(
            "Data of the wrong type in the handshake gets a 4xx error too.",
            "핸드셰이크에 잘못된 형식의 데이터가 있어도 4xx 오류를 받습니다.",
        ),
    ),
    Sentence(
        "client-checks",
        Bilingual(
            "The client checks the answer, and then the handshake is done.",
            "클라이언트가 응답을 확인하면 핸드셰이크가 끝납니다.",
        ),
    ),
    Sentence(
        "fast-lines",
        Bilingual(
            "WebSocket sends and receives fast.", "WebSocket은 데이터를 빠르게 주고받습니다."
        ),
    ),
    Sentence(
        "fast-lines",
        Bilingual("Each connection has a line of its own.", "연결마다 독립된 회선을 사용합니다."),
    ),
    Sentence(
        "shared-line",
        Bilingual(
            "Therefore two WebSockets never share a line.",
            "따라서 두 WebSocket이 한 회선을 함께 쓰는 일은 없습니다.",
        ),
    ),
    Sentence(
        "client-first",
        Bilingual("The client side is set up first.", "클라이언트 쪽을 먼저 준비합니다."),
    ),
    Sentence(
        "built-apart",
        Bilingual(
            "A socket server in Node and a page in React are built apart and talk in both "
            "directions in real time.",
            "Node 소켓 서버와 React 페이지를 따로 만들고, 둘은 실시간으로 양방향 통신을 합니다.",
        ),
    ),
)
"""In the order of the documents. A claim may test several sentences."""

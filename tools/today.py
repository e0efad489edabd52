"""The parts of docs/today.md in both languages, and what other pages say in short of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from lab.bilingual import Bilingual, Language
from lab.contract import Capability
from lab.measure.replicas import original, over_tls
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import against, summarise
from lab.report.text.answer import provenance
from lab.report.text.ratios import rivals, table
from tools.measured import LOSS_RUNS, ROOT, newest, paragraphs
from transports import registry

MSGPACK_RUNS = PurePosixPath("results/msgpack")
TODAY_RUNS = PurePosixPath("results/today")

OVER_TLS = "websocket+tls"
"""What the transports of today are compared with: all of them speak TLS."""
CONNECT, RTT, CPU = "connect_p50_ms", "rtt_p50_us", "server_cpu_us_per_delivery_100"
CONNECTING = {
    CONNECT: Bilingual("connect, p50, ms", "연결 p50, ms"),
    "connect_server_cpu_ms": Bilingual("server CPU to connect, ms", "연결의 서버 CPU, ms"),
    "connect_bytes": Bilingual("handshake, B", "핸드셰이크, B"),
    "tcp_connections": Bilingual("TCP connections", "TCP 연결"),
}
CHATTING = {
    RTT: Bilingual("RTT p50, µs", "왕복 시간 p50, µs"),
    "rtt_p99_us": Bilingual("RTT p99, µs", "왕복 시간 p99, µs"),
    CPU: Bilingual("server CPU per delivery, room of 100, µs", "전달의 서버 CPU(100명의 방), µs"),
    "message_bytes": Bilingual("say and said, B", "say와 said, B"),
    "delivery_bytes": Bilingual("one delivery, B", "전달 하나, B"),
}
AS_A_MULTIPLE = {
    CONNECT: Bilingual("connect", "연결"),
    RTT: Bilingual("RTT p50", "왕복 시간 p50"),
    CPU: Bilingual("server CPU per delivery", "전달의 서버 CPU"),
}
PARSERS = [(f"{on}socketio-msgpack", f"{on}socketio-websocket") for on in ("", "node-")]
"""Pairs of transports that differ in the parser alone."""
PARSED_BYTES = {
    "connect_bytes": Bilingual("handshake, B", "핸드셰이크, B"),
    "message_bytes": Bilingual("say and said, B", "say와 said, B"),
    "delivery_bytes": Bilingual("one delivery, B", "전달 하나, B"),
}
PARSED = {
    RTT: Bilingual("RTT, p50, µs", "왕복 시간 p50, µs"),
    "last_of_10_p50_us": Bilingual(
        "until the last of 10 has it, p50, µs", "10명 가운데 마지막이 받을 때까지 p50, µs"
    ),
    "server_cpu_us_per_delivery_10": Bilingual(
        "server CPU per delivery, room of 10, µs", "전달의 서버 CPU(10명의 방), µs"
    ),
    CPU: Bilingual("room of 100, µs", "100명의 방, µs"),
}

NO_RUN = Bilingual("No such run is committed yet.\n", "저장소에 이런 실행이 아직 없습니다.\n")
FULL_HANDSHAKE = Bilingual(
    "To connect, with a full handshake of TLS 1.3:", "연결할 때, TLS 1.3의 전체 핸드셰이크로:"
)
IN_THE_ROOM = Bilingual(
    "Then, in the room. The RTT has one message in flight, and the server CPU 16:",
    "그다음 방에서. 보내는 중인 메시지가 왕복 시간에서는 하나, 서버 CPU에서는 16개입니다:",
)
MULTIPLE = Bilingual(
    "As a multiple of WebSocket over TLS, paired by pass:",
    "TLS 위의 WebSocket에 대한 배율(패스마다 짝지음):",
)
PARSERS_MULTIPLE = Bilingual(
    "The same as a multiple of the default parser's:", "같은 것을 기본 파서에 대한 배율로:"
)
STREAM = Bilingual(
    "a stream that a page requests with headers of its own",
    "페이지가 헤더를 직접 정해서 요청하는 스트림",
)
TABS = Bilingual(
    "more than six streams or tabs to one server", "서버 하나에 스트림이나 탭을 여섯 개 넘게 열기"
)
LOSSES = Bilingual(
    "short waits where packets are lost", "패킷을 잃는 네트워크에서 오래 기다리지 않기"
)
CHOICES: tuple[tuple[Bilingual, str, tuple[str, ...]], ...] = (
    (STREAM, "`http-stream`", ("http-stream+tls",)),
    (TABS, "[`sse-h2`, `websocket-h2`](http2.md)", ("sse-h2+tls", "websocket-h2+tls")),
    (LOSSES, "[`webtransport`](webtransport.md)", ("webtransport",)),
)
"""What is needed, the transports that have it, and their labels."""
STAY = Bilingual(
    "**In short.** Stay with WebSocket or Socket.IO, unless you need what only one of these has:",
    "**짧게 말하면,** 다음 가운데 하나가 꼭 필요하지 않다면 WebSocket이나 Socket.IO를 그대로 "
    "쓰십시오.",
)
HEAD = Bilingual(
    "| you need | take | connect | round trip |\n|---|---|---:|---:|",
    "| 필요한 것 | 쓸 것 | 연결 | 왕복 |\n|---|---|---:|---:|",
)
AGAINST = Bilingual(
    "The multiples are those of WebSocket over TLS on one machine, where nothing is lost. Msgpack "
    "in place of JSON changes little: a delivery of Socket.IO takes {packed} B instead of {plain} "
    "B, and a round trip {parsed} the time.",
    "배율은 아무것도 잃지 않는 한 컴퓨터에서, TLS 위의 WebSocket에 대한 것입니다. JSON 대신 "
    "msgpack을 써도 달라지는 것은 적습니다. Socket.IO의 전달 하나가 {plain} B에서 {packed} B가 "
    "되고, 왕복 시간은 {parsed}입니다.",
)
HTTP2 = (
    "**In short.** Over HTTP/2 a browser holds more than six streams to one server, on one TCP "
    "connection. A single WebSocket gains nothing from it. Compared with `websocket` over TLS, "
    "`websocket-h2` takes {connect} the time to connect, {rtt} the time of a round trip, and {cpu} "
    "the server's CPU for a delivery ([figures](today.md#what-they-cost)).\n"
)
WEBTRANSPORT = (
    "**In short.** WebTransport is for networks that lose packets. Where 5 % of the packets are "
    "lost, the slowest messages (p99) take {quic} ms, and {tcp} ms on WebSocket "
    "([figures](link.md#measure-across-it)). Where nothing is lost it is slower here, on a library "
    "written in Python: compared with `websocket` over TLS, it takes {connect} the time to "
    "connect, {rtt} the time of a round trip, and {cpu} the server's CPU for a delivery "
    "([figures](today.md#what-they-cost)).\n"
)
FROM = Bilingual(
    "{english}",
    "실행 [`{run}`]({where}/run.json): {passes}패스. 대괄호는 패스에 걸친 95% 구간입니다.",
)
SLOWEST = "loss_5_p99_ms"


def short(language: Language) -> str:
    """Which transport of today to take for what, with what it costs."""
    if not (has_run(TODAY_RUNS) and has_run(MSGPACK_RUNS)):
        return NO_RUN.of(language)
    run, parsed = newest(TODAY_RUNS), newest(MSGPACK_RUNS)
    rows = (f"| {need.of(language)} | {take} | {_cells(run, *of)} |" for need, take, of in CHOICES)
    sizes = summarise(parsed).medians("delivery_bytes")
    changed, default = PARSERS[0]
    against_json = AGAINST.fill(
        packed=formatting.number(sizes[changed]),
        plain=formatting.number(sizes[default]),
        parsed=_times(parsed, RTT, changed, default),
    )
    table_ = "\n".join([HEAD.of(language), *rows])
    return paragraphs(STAY.of(language), table_, against_json.of(language))


def _cells(run: Run, *labels: str) -> str:
    """Connect and round trip as multiples of WebSocket over TLS, each with those of all labels."""
    return " | ".join(
        ", ".join(_times(run, key, label) for label in labels) for key in (CONNECT, RTT)
    )


def _times(run: Run, key: str, label: str, other: str = OVER_TLS) -> str:
    if label not in run.transports:
        return "–"
    found = against(run, key, label, other)
    return "–" if found is None else formatting.ratio(found)


def http2() -> str:
    """What a WebSocket over HTTP/2 costs, beside one over HTTP/1.1."""
    if not has_run(TODAY_RUNS):
        return NO_RUN.english
    return HTTP2.format(**_compared(newest(TODAY_RUNS), "websocket-h2+tls"))


def webtransport() -> str:
    """What WebTransport costs, and what it saves where packets are lost."""
    if not has_run(TODAY_RUNS):
        return NO_RUN.english
    slowest = summarise(newest(LOSS_RUNS)).medians(SLOWEST)
    return WEBTRANSPORT.format(
        quic=formatting.number(slowest["webtransport"]),
        tcp=formatting.number(slowest["websocket"]),
        **_compared(newest(TODAY_RUNS), "webtransport"),
    )


def _compared(run: Run, label: str) -> dict[str, str]:
    keys = {"connect": CONNECT, "rtt": RTT, "cpu": CPU}
    return {name: _times(run, key, label) for name, key in keys.items()}


def cost(language: Language) -> str:
    """What the transports of today cost, each over TLS."""
    if not has_run(TODAY_RUNS):
        return NO_RUN.of(language)
    run = newest(TODAY_RUNS)
    labels = [label for label in run.transports if _speaks_tls(label)]
    pairs = [(label, OVER_TLS) for label in labels if label != OVER_TLS]
    return paragraphs(
        FULL_HANDSHAKE.of(language),
        _table(run, CONNECTING, language, labels),
        IN_THE_ROOM.of(language),
        _table(run, CHATTING, language, labels),
        MULTIPLE.of(language),
        _rivals(run, pairs, AS_A_MULTIPLE, language),
        _provenance(run, TODAY_RUNS, language),
    )


def _speaks_tls(label: str) -> bool:
    """Whether its clients begin with a full handshake of TLS, chosen or not."""
    always = Capability.TLS_ALWAYS in registry.load(original(label)).capabilities
    return always or over_tls(label) == "full"


def msgpack(language: Language) -> str:
    """What the msgpack parser costs beside the default one, on Python's server and on Node's."""
    if not has_run(MSGPACK_RUNS):
        return NO_RUN.of(language)
    run = newest(MSGPACK_RUNS)
    return paragraphs(
        _table(run, PARSED_BYTES, language),
        _table(run, PARSED, language),
        PARSERS_MULTIPLE.of(language),
        _rivals(run, PARSERS, PARSED, language),
        _provenance(run, MSGPACK_RUNS, language),
    )


def has_run(folder: PurePosixPath) -> bool:
    """Whether a run of this folder is committed."""
    return any((ROOT / folder).glob("*/run.json"))


def _heads(columns: Mapping[str, Bilingual], language: Language) -> dict[str, str]:
    return {key: head.of(language) for key, head in columns.items()}


def _table(
    run: Run,
    columns: Mapping[str, Bilingual],
    language: Language,
    labels: Sequence[str] | None = None,
) -> str:
    return _named(table(run, _heads(columns, language), labels), language)


def _rivals(
    run: Run,
    pairs: Sequence[tuple[str, str]],
    columns: Mapping[str, Bilingual],
    language: Language,
) -> str:
    return _named(rivals(run, pairs, _heads(columns, language)), language)


def _named(text: str, language: Language) -> str:
    """The table, with the heads of its first columns in the language."""
    if language is Language.ENGLISH:
        return text
    return text.replace("| transport |", "| 전송 방식 |").replace("| against |", "| 기준 |")


def _provenance(run: Run, folder: PurePosixPath, language: Language) -> str:
    where = ".." / folder / run.id
    english = provenance(run, where)
    passes = summarise(run).passes
    return FROM.fill(english=english, run=run.id, where=where, passes=passes).of(language)

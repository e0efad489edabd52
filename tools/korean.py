"""The parts of README.ko.md that quote the committed runs: the answer in Korean."""

from __future__ import annotations

from collections.abc import Iterator

from lab.answer import reference
from lab.answer.blocks import DEFAULT, PLAIN, VARIANTS
from lab.answer.model import Answer, Block, Row
from lab.report.model import formatting
from lab.report.text.blocks import cell
from lab.report.text.ratios import table
from tools.measured import REFERENCE, newest

TITLES = {"protocol": "프로토콜만", "node": "Node", "python": "Python"}
BLOCKS = {
    "protocol": "라이브러리가 없는 서버",
    "node": "`ws`와 `socket.io`",
    "python": "`websockets`와 python-socketio",
}
HEADS = ("WebSocket", "Socket.IO 기본", "Socket.IO, WebSocket만", "Socket.IO, 롱 폴링만")
CLIENTS = {"python": "Python", "browser": "브라우저", "node": "Node"}
ROWS = {
    "round_trips": "보낼 수 있을 때까지의 왕복",
    "connect": "연결, 네트워크 지연 없음, ms",
    "connect_50": "왕복 시간이 50 ms일 때의 연결, ms",
    "rtt": "왕복 시간의 중앙값(p50), µs",
    "message_bytes": "메시지와 그 응답의 바이트",
    "delivery_bytes": "메시지 전달 한 번의 바이트",
    "cpu_1": "전달 한 번의 서버 CPU(보내는 중인 메시지 1개), µs",
    "cpu_16": "전달 한 번의 서버 CPU(보내는 중인 메시지 16개), µs",
    "memory": "쉬는 연결 하나의 서버 메모리, KiB",
}
"""Row of the answer -> its title."""
COLUMNS = {
    "round_trips_new_connect": "연결까지의 왕복",
    "connect_p50_ms": "연결, ms",
    "rtt_p50_us": "왕복 시간 p50, µs",
    "rtt_p99_us": "왕복 시간 p99, µs",
    "delivery_bytes": "전달의 바이트",
    "server_cpu_us_per_delivery_100": "전달의 서버 CPU(100명의 방), µs",
}
"""Figure -> heading."""


def short() -> str:
    """The answer in a paragraph and a list."""
    found = reference.load().answer()
    first = (
        "**짧게 말하면,** Socket.IO의 비용은 누가 만든 Socket.IO인지에 달려 있습니다. "
        "전달 한 번에 드는 서버 CPU를 WebSocket만 쓸 때와 비교하면 다음과 같습니다."
    )
    last = (
        "그 대신 Socket.IO에는 방, 수신 확인, 끊긴 뒤의 재연결이 있습니다. "
        "[docs/code.ko.md](docs/code.ko.md)는 그 덕분에 줄어드는 코드를 셉니다."
    )
    lines = [*_costs(found), *_trips(found), *_bytes(found)]
    return "\n".join([first, "", *(f"- {line}" for line in lines), "", last, ""])


def _costs(found: Answer) -> Iterator[str]:
    for block in found.blocks:
        row = block.row("cpu_16")
        ratio = row.sides[block.variant].ratio if row else None
        if ratio:
            yield f"{TITLES[block.key]}({BLOCKS[block.key]}): {formatting.ratio(ratio)}"


def _trips(found: Answer) -> Iterator[str]:
    for client, named in CLIENTS.items():
        rows = [(block, row) for block in found.blocks if (row := block.row("round_trips", client))]
        counts = [f"{TITLES[block.key]} {_both(row)}" for block, row in rows]
        if counts:
            yield (
                f"{named} 클라이언트가 보낼 수 있을 때까지의 왕복(WebSocket → Socket.IO 기본): "
                f"{', '.join(counts)}"
            )


def _bytes(found: Answer) -> Iterator[str]:
    row = found.blocks[0].row("delivery_bytes")
    if row:
        yield f"전달 한 번의 바이트(WebSocket → Socket.IO): {_both(row)}"


def _both(row: Row) -> str:
    values = (row.sides[variant].value for variant in (PLAIN, DEFAULT))
    return " → ".join(formatting.exact(value.median) if value else "–" for value in values)


def answer() -> str:
    """The three blocks as one table."""
    lines = [f"| | {' | '.join(HEADS)} |", "|---|" + "---:|" * len(HEADS)]
    for block in reference.load().answer().blocks:
        lines.append(_named(block))
        lines += [_line(row) for row in block.rows if row.measured]
    return "\n".join(lines) + "\n"


def transports() -> str:
    """The table of every transport of the reference run."""
    return table(newest(REFERENCE), COLUMNS).replace("| transport |", "| 전송 방식 |") + "\n"


def _named(block: Block) -> str:
    names = " | ".join(f"`{block.rows[0].sides[variant].transport}`" for variant in VARIANTS)
    return f"| **{TITLES[block.key]}**: {BLOCKS[block.key]} | {names} |"


def _line(row: Row) -> str:
    where = f", {CLIENTS[row.client]} 클라이언트" if row.key == "round_trips" else ""
    cells = " | ".join(cell(variant, row.sides[variant]) for variant in VARIANTS)
    return f"| {ROWS[row.key]}{where} | {cells} |"

"""The lesson of 09_which_client: the same servers, measured from Python and from a browser."""

from __future__ import annotations

from dataclasses import dataclass

from lab.notebook import clients
from lab.notebook.clients import Runs
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose
from lab.report.model import formatting
from lab.report.model.summary import summarise

PYTHON, PAGE = "Python", "a browser"
PANELS = {
    "connect_p50_ms": "Until a command can be sent",
    "rtt_p50_us": "RTT, p50",
    "rtt_p99_us": "RTT, p99",
}

SAME_SERVER = Expected(
    "client",
    "What do the two runs share, and what is the only difference?",
    "두 실행에서 같은 것은 무엇이고, 유일하게 다른 것은 무엇입니까?",
)


@dataclass(frozen=True)
class Clients:
    """Client -> its committed run."""

    runs: Runs

    def median(self, key: str, client: str, transport: str) -> float:
        """Return a figure's median over passes, in its unit. Raises KeyError: not measured."""
        return clients.medians(self.runs, key)[client][transport]

    def message_ms(self, client: str, transport: str = "websocket") -> float:
        """Return how long a message and its reply take, in ms."""
        return self.median("rtt_p50_us", client, transport) / 1000

    def longer(self, client: str, transport: str) -> float:
        """Return by how many ms a round trip is longer than on websocket."""
        return self.message_ms(client, transport) - self.message_ms(client)

    def ratio(self, client: str, transport: str) -> float:
        """Return how many times as long as on websocket a message takes."""
        return self.message_ms(client, transport) / self.message_ms(client)

    def picture(self) -> Picture:
        """Draw the times of both clients."""
        title = (
            f"A round trip on websocket: {self.message_ms(PYTHON):.2f} ms with Python, "
            f"{self.message_ms(PAGE):.1f} ms with a browser"
        )
        return clients.by_client(self.runs, PANELS, title)

    def ratios(self) -> Prose:
        """Return a table of each client's ratios to its own websocket."""
        keys = {"connect_p50_ms": "connect", "rtt_p50_us": "RTT p50"}
        return clients.against_baseline(self.runs, keys)

    def polling_ms(self) -> Expected:
        """Expect by how many ms polling lengthens a message in the page."""
        return Expected(
            self.longer(PAGE, "socketio-polling"),
            "Take the page's bar of socketio-polling, and subtract its bar of websocket.",
            "페이지의 socketio-polling 막대에서 페이지의 websocket 막대를 빼십시오.",
            within=0.2,
        )

    def answer(self) -> Prose:
        """Say what each client takes, what is added, and where the browser's core was full."""
        connects = [
            formatting.number(self.median("connect_p50_ms", client, "websocket"))
            for client in (PYTHON, PAGE)
        ]
        messages = [formatting.number(self.message_ms(client)) for client in (PYTHON, PAGE)]
        packets, polls = (
            [formatting.number(self.longer(client, name)) for client in (PYTHON, PAGE)]
            for name in ("socketio-websocket", "socketio-polling")
        )
        connecting, talking = self._full("connect_p50_ms"), self._full("rtt_p50_us")
        return Prose(
            f"On `websocket` Python takes {connects[0]} ms to connect and {messages[0]} ms for a "
            f"message. The page takes {connects[1]} ms and {messages[1]} ms. Socket.IO's packets "
            f"add **{packets[0]} ms** in Python and **{packets[1]} ms** in the page. Polling adds "
            f"**{polls[0]} ms** in Python and **{polls[1]} ms** in the page. The browser used all "
            f"of its core while it connected on {connecting}, and while it exchanged messages on "
            f"{talking}.",
            f"`websocket`에서 Python은 연결에 {connects[0]} ms, 메시지 하나에 {messages[0]} ms가 "
            f"걸립니다. 페이지는 {connects[1]} ms와 {messages[1]} ms가 걸립니다. Socket.IO의 "
            f"패킷은 "
            f"Python에서 **{packets[0]} ms**, 페이지에서 **{packets[1]} ms**를 더합니다. 폴링은 "
            f"Python에서 **{polls[0]} ms**, 페이지에서 **{polls[1]} ms**를 더합니다. 브라우저는 "
            f"연결할 "
            f"때 {connecting}에서, 메시지를 주고받을 때 {talking}에서 코어를 모두 썼습니다.",
        )

    def _full(self, key: str) -> str:
        """Name the transports on which the browser had no CPU left in most passes."""
        figure = summarise(self.runs[PAGE]).figure(key)
        cells = figure.cells.values() if figure else ()
        names = [f"`{one.transport}`" for one in cells if (one.saturated or "").startswith("load")]
        return ", ".join(names) or "–"


def recorded() -> Clients:
    """Read the lab's own runs. Raises RecordError: a client has no run."""
    return Clients(clients.committed())

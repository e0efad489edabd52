"""Keep the ledger of one client while its bytes come: what `ledger` says of the whole, at any time.

    live = LiveLedger()
    live.opened(number, connection, at_ns)      # a TCP connection
    live.take(number, found)                    # a node of the live decoder

`number` is the caller's own for what came, and is given back where a step or a packet was in it.
The handshake is counted by the code that counts that of a capture. Packets are charged as soon as
what carries them is whole, and then only their sums are kept.
"""

from __future__ import annotations

__pure__ = True

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from lab.decode.live import FoundNode
from lab.decode.tree import (
    Connection,
    EarlyPacket,
    EngineIoPacket,
    Frame,
    HttpRequest,
    HttpResponse,
    Node,
    Trace,
)
from lab.ledger.conversations import Exchange, conversations
from lab.ledger.ledger import Handshake, handshake_to
from lab.ledger.purposes import Turn, turns_to
from lab.ledger.round_trips import RoundTrips, count_round_trips
from lab.ledger.session import Step
from lab.ledger.shares import Assembly, ByteCost, ChargedPacket, items_in
from lab.ledger.upgrade import Upgrade, upgrade_of

HANDSHAKE_NODES_MAX = 200
"""The handshake is read from so many of the first nodes of a session: the longest has 30."""
WAITING_MAX = 1_000
"""Commands that wait for their reply, or replies whose command is not charged yet."""

Purpose = Literal["message", "delivery", "heartbeat", "typing", "command", "poll", "handshake"]
"""What bytes were spent for. message: a `say` with its reply. delivery: any event that is no reply.
command: any other command with its reply. poll: an HTTP exchange that brought nothing. handshake:
the rest, which is what opens, moves and closes the connection."""


class Spent(msgspec.Struct, frozen=True):
    """How many there were of a purpose, and what they cost together."""

    count: int = 0
    cost: ByteCost = ByteCost()

    def plus(self, count: int, cost: ByteCost) -> Spent:
        """This and some more."""
        return Spent(self.count + count, self.cost.plus(cost))


class LedgerTurn(msgspec.Struct, frozen=True):
    """A round trip of a handshake, by the numbers of what was sent and of what came last.

    `up` and `down` of a TCP connection are both the number of its opening.
    """

    purpose: str
    up: int
    down: int


class CountedHandshake(msgspec.Struct, frozen=True):
    """A handshake, and its round trips in order."""

    counted: Handshake
    turns: tuple[LedgerTurn, ...]


class Said(msgspec.Struct, frozen=True):
    """A `say` with its reply: the numbers of what carried them, and their cost."""

    id: int
    up: int
    down: int
    cost: ByteCost


class Account(msgspec.Struct, frozen=True):
    """The ledger so far. `said` is the latest `say` that was answered."""

    connect: CountedHandshake | None
    joined: CountedHandshake | None
    upgrade: Upgrade | None
    spent: dict[Purpose, Spent]
    said: Said | None


_Handshakes = tuple[CountedHandshake | None, CountedHandshake | None, Upgrade | None]


class _Charge(msgspec.Struct, frozen=True):
    number: int
    cost: ByteCost


class LiveLedger:
    """The ledger of the newest session: with no connection left, the next one begins another."""

    def __init__(self) -> None:
        self._live: set[int] = set()
        self._begin()

    def _begin(self) -> None:
        self._opened: dict[int, int] = {}
        self._nodes: dict[int, list[Node]] = defaultdict(list)
        self._numbers: dict[int, int] = {}
        self._openings: dict[int, int] = {}
        self._handshakes: _Handshakes = (None, None, None)
        self._changed = False
        self._requests: dict[tuple[int, int], tuple[int, HttpRequest]] = {}
        self._frames: dict[tuple[int, int, str], Assembly] = defaultdict(Assembly)
        self._spent: dict[Purpose, Spent] = dict.fromkeys(get_args(Purpose), Spent())
        self._commands: OrderedDict[int, _Charge] = OrderedDict()
        self._replies: OrderedDict[int, _Charge] = OrderedDict()
        self._names: OrderedDict[int, str] = OrderedDict()
        self._said: Said | None = None

    def opened(self, number: int, connection: int, at_ns: int) -> None:
        """A TCP connection was accepted."""
        if not self._live:
            self._begin()
        self._live.add(connection)
        self._opened[connection] = at_ns
        self._openings[connection] = number

    def closed(self, connection: int) -> None:
        """A TCP connection has ended."""
        self._live.discard(connection)

    def take(self, number: int, found: FoundNode) -> None:
        """Something came whole."""
        if len(self._numbers) < HANDSHAKE_NODES_MAX:
            self._nodes[found.connection].append(found.node)
            self._numbers[id(found.node)] = number
            self._changed = True
        for carrier in self._carriers(number, found):
            self._charge(*carrier)

    def account(self) -> Account:
        """The ledger of all that came so far."""
        if self._changed:
            self._changed = False
            self._handshakes = self._count()
        return Account(*self._handshakes, dict(self._spent), self._said)

    # The handshake.

    def _count(self) -> _Handshakes:
        trace = Trace(tuple(self._connection(number) for number in self._opened))
        counted = [count_round_trips(each) for each in conversations(trace)]
        found = max(counted, key=_progress, default=RoundTrips([], None, None))
        connect, joined = self._counted(found, found.ready), self._counted(found, found.joined)
        return connect, joined, upgrade_of(found)

    def _connection(self, number: int) -> Connection:
        nodes = self._nodes[number]
        return Connection(
            connection=number,
            opened_ns=self._opened[number],
            closed_ns=None,
            up=tuple(node for node in nodes if node.direction == "up"),
            down=tuple(node for node in nodes if node.direction == "down"),
            up_bytes=b"",
            down_bytes=b"",
        )

    def _counted(self, counted: RoundTrips, last: Step | None) -> CountedHandshake | None:
        handshake = handshake_to(counted, last)
        if handshake is None or last is None:
            return None
        return CountedHandshake(handshake, tuple(map(self._turn, turns_to(last))))

    def _turn(self, turn: Turn) -> LedgerTurn:
        return LedgerTurn(turn.purpose, self._number(turn.question), self._number(turn.answers[-1]))

    def _number(self, step: Step) -> int:
        if not step.nodes:
            return self._openings[step.connection]
        return self._numbers[id(step.nodes[0])]

    # The bytes.

    def _carriers(
        self, number: int, found: FoundNode
    ) -> Iterable[tuple[dict[str, int], list[Node]]]:
        """What is whole now, with the numbers of its directions."""
        node, connection = found.node, found.connection
        if isinstance(node, HttpRequest):
            self._requests[connection, node.exchange] = (number, node)
        elif isinstance(node, HttpResponse) and (node.status == 101 or node.status >= 200):
            asked, request = self._requests.pop((connection, node.exchange), (number, None))
            yield {"up": asked, "down": number}, [node] if request is None else [request, node]
        elif isinstance(node, Frame):
            whole = self._frames[connection, node.exchange, node.direction].add(node)
            if whole:
                yield {node.direction: number}, whole
        else:
            yield {node.direction: number}, [node]

    def _charge(self, numbers: dict[str, int], carrier: list[Node]) -> None:
        for item in items_in(carrier):
            if item.kind == "command" and item.id is not None and item.name != "typing":
                self._pair(item, numbers, self._commands)
            elif item.kind == "reply" and item.id is not None:
                self._pair(item, numbers, self._replies)
            else:
                purpose = _purpose_of(item, carrier)
                self._spent[purpose] = self._spent[purpose].plus(1, item.cost)

    def _pair(
        self, item: ChargedPacket, numbers: dict[str, int], waiting: OrderedDict[int, _Charge]
    ) -> None:
        assert item.id is not None
        if item.kind == "command":
            self._names[item.id] = item.name
        # One of a former connection that was never answered had the same id.
        waiting[item.id] = _Charge(numbers[item.node.direction], item.cost)
        if item.id in self._commands and item.id in self._replies:
            self._settle(item.id)
        for each in (self._commands, self._replies, self._names):
            while len(each) > WAITING_MAX:
                each.popitem(last=False)

    def _settle(self, key: int) -> None:
        command, reply = self._commands.pop(key), self._replies.pop(key)
        cost = command.cost.plus(reply.cost)
        says = self._names.pop(key, "") == "say"
        purpose: Purpose = "message" if says else "command"
        self._spent[purpose] = self._spent[purpose].plus(1, cost)
        if says:
            self._said = Said(key, command.number, reply.number, cost)


def _progress(counted: RoundTrips) -> int:
    return (counted.ready is not None) + (counted.joined is not None)


def _purpose_of(item: ChargedPacket, carrier: list[Node]) -> Purpose:
    if item.name == "typing":
        return "typing"
    if item.kind in ("delivery", "reply"):
        return "delivery"
    if item.kind == "command":
        return "command"
    if isinstance(item.node, EarlyPacket | EngineIoPacket) and item.node.name == "noop":
        return "poll"
    if item.kind == "heartbeat":
        return "heartbeat"
    return "poll" if _is_empty_poll(carrier) else "handshake"


def _is_empty_poll(carrier: list[Node]) -> bool:
    if not isinstance(carrier[0], HttpRequest) or any(node.children for node in carrier):
        return False
    exchange = Exchange(0, 0, [carrier[0]])
    upgraded = any(isinstance(node, HttpResponse) and node.status == 101 for node in carrier)
    return bool(exchange.session) and not upgraded

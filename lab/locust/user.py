"""The greenlets' side: a Locust user, and the events that Locust counts."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any, ClassVar

import gevent
from gevent.event import AsyncResult, Event
from gevent.threadpool import ThreadPool
from locust import User
from locust.env import Environment

from lab.contract import ConnectOptions, Settings
from lab.load.texts import incompressible
from lab.locust.clients import Client, Clients, Measured
from lab.measure.clock import now_ns
from transports import registry

_numbers = itertools.count()


class Bridge:
    """Between the clients' thread and the greenlets: work in one direction, measures in the other.

    Only `run_callback_threadsafe` of gevent's loop may be called in the clients' thread.
    """

    def __init__(self, environment: Environment) -> None:
        self.clients = Clients(self._measured)
        self._environment = environment
        self._loop = gevent.get_hub().loop
        self._waiting: deque[Measured] = deque()
        self._some = Event()
        self._ready = Event()
        ThreadPool(1).spawn(self.clients.run, self._here(self._ready.set))
        gevent.spawn(self._fire_all)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the clients' thread, and let this greenlet wait. Raises its exception."""
        self._ready.wait()
        result = AsyncResult()
        self.clients.submit(work, self._here(result.set))
        if isinstance(found := result.get(), Exception):
            raise found

    def _here(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, to be called in the clients' thread and to run in this one."""
        return partial(self._loop.run_callback_threadsafe, function)

    def _measured(self, measured: Measured) -> None:
        self._waiting.append(measured)
        self._here(self._some.set)()

    def _fire_all(self) -> None:
        while True:
            self._some.wait()
            self._some.clear()
            while self._waiting:
                self._fire(self._waiting.popleft())

    def _fire(self, measured: Measured) -> None:
        events: Any = self._environment.events  # without types
        events.request.fire(
            request_type=measured.kind,
            name=measured.name,
            response_time=measured.ms,
            response_length=measured.length,
            exception=measured.error,
            context={},
        )


@cache
def _bridge_of(environment: Environment) -> Bridge:
    """The bridge of all users of this process."""
    return Bridge(environment)


class ChatUser(User):
    """A member of a chat room on any transport of the lab. `host`: the URL of the transport.

    It counts `join` (connect and enter), `say` (until the room has answered), and `delivery`, once
    for each member of this process that receives a message of this process. A refused command, a
    broken connection and a message that never comes back are failures.
    """

    abstract = True

    transport: ClassVar[str] = "websocket"
    settings: ClassVar[Settings] = "equal"
    room: ClassVar[str] = "locust"
    text_bytes: ClassVar[int] = 64

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._number = next(_numbers)
        self._seeds = itertools.count()
        self._bridge = _bridge_of(environment)
        chosen = registry.load(self.transport)
        self.client = Client(self._bridge.clients, chosen, str(self.host), self.room)

    def on_start(self) -> None:
        """Join the room."""
        options = ConnectOptions(settings=self.settings)
        self._bridge.do(self.client.join(f"{os.getpid()}-{self._number}", options))

    def on_stop(self) -> None:
        """Close the connection in the transport's own way."""
        self._bridge.do(self.client.close())

    def say(self) -> None:
        """Say a text that no other user says, and wait for the answer."""
        begun = now_ns()
        seed = hash((os.getpid(), self._number, next(self._seeds)))
        (text,) = incompressible(self.text_bytes, 1, seed)
        self._bridge.do(self.client.say(text, begun))

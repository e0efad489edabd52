"""Serves a transport for a benchmark whose client is JavaScript."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

from benchmarks.javascript.bench import Bench, spoken
from benchmarks.javascript.runtime import Runtime
from benchmarks.served_transports import DYING_S, ServedTransport
from lab.contract import Settings, Transport
from lab.load.fan_out import FanOut
from lab.load.profiles import ClientKind, Profile
from lab.measure.process import CorePlan, CpuUse, cpu_ns

RUN_IN_HANDSHAKES = 20
RUN_IN_MESSAGES = 160
"""What a bench does before anything is measured: its first handshakes and messages are slower."""

T = TypeVar("T")


class ServedToJavaScript(ServedTransport):
    """One served transport, and the bench that loads it. A context manager."""

    def __init__(
        self,
        transport: Transport,
        settings: Settings,
        profile: Profile,
        cores: CorePlan,
        planted_ns: int,
        runtime: Runtime,
    ) -> None:
        super().__init__(transport, settings, profile, cores, planted_ns, runtime.origin)
        self.client: ClientKind = runtime.client
        self.place = runtime.place
        self._runtime = runtime
        self._bench: Bench | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            self._bench = self.run(self._runtime.open(self.transport))
            self.run(self.load(self.address.url))
            self.run(self._run_in(self._bench))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._bench is not None:
                self._runtime.run(self._bench.close())
        finally:
            super().__exit__()

    def run(self, work: Awaitable[T]) -> T:
        """Run to its end on the runtime's loop. Raises as `ServedTransport.run` does."""
        try:
            return self._runtime.run(work)
        except Exception:
            self.check(within_s=DYING_S)
            raise

    @property
    def bench(self) -> Bench:
        """The bench. It exists only between entry and exit."""
        assert self._bench is not None
        return self._bench

    async def load(self, url: str) -> None:
        """Let the bench load the server at this URL from now on."""
        await self.bench.use(spoken(self.transport), url)

    def round_meter(self) -> JavaScriptMeter:
        """See `ServedTransport`. The bench loads the server, and times itself."""
        return JavaScriptMeter(self._runtime, self.bench, self.server_pid)

    @contextmanager
    def full(self, room: str, size: int) -> Iterator[JavaScriptRoom]:
        """A room with `size` members, all in the bench."""
        self.run(self.bench.fill(room, size))
        try:
            yield JavaScriptRoom(self, size)
        finally:
            self.run(self.bench.empty())

    async def _run_in(self, bench: Bench) -> None:
        await bench.times_to_join("run-in", RUN_IN_HANDSHAKES)
        await bench.fill("run-in", 2)
        await bench.fan_out(self.texts(RUN_IN_MESSAGES), self.profile.window)
        await bench.empty()


class JavaScriptRoom:
    """See `benchmarks.populated_rooms.PopulatedRoom`. The bench holds the members."""

    def __init__(self, served: ServedToJavaScript, size: int) -> None:
        self.served = served
        self.client = served.client
        self.size = size

    def meter(self) -> JavaScriptMeter:
        """See `PopulatedRoom`."""
        return self.served.round_meter()

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `PopulatedRoom`."""
        return await self.served.bench.fan_out(texts, window)


class JavaScriptMeter:
    """The CPU time of all processes of the runtime, as the load's. The bench measures wall time.

    If a process ends meanwhile, its share is lost. Those of a hidden frame may end.
    """

    def __init__(self, runtime: Runtime, bench: Bench, server_pid: int | None) -> None:
        self._runtime = runtime
        self._bench = bench
        self._server_pid = server_pid
        self._load_ns: dict[int, int] = {}
        self._server_ns = 0

    def start(self) -> None:
        """Begin, or begin again."""
        self._bench.begin()
        self._server_ns = self._server()
        self._load_ns = self._runtime.cpu_ns()

    def stop(self) -> CpuUse:
        """What was used since `start`."""
        server = self._server() - self._server_ns
        load = sum(ns - self._load_ns.get(pid, 0) for pid, ns in self._runtime.cpu_ns().items())
        return CpuUse(max(self._bench.wall_ns, 1), load, server)

    def _server(self) -> int:
        assert self._server_pid is not None, "what JavaScript loads has a process of its own"
        return cpu_ns(self._server_pid)

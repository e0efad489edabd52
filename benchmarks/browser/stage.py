"""The stage of a benchmark in a browser: a wire's server, and a page that loads it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

from benchmarks.browser.chromium import Chromium
from benchmarks.browser.tab import Tab, spoken
from benchmarks.stage import DYING_S, Stage
from lab.contract import Settings, Transport
from lab.load.fan_out import FanOut
from lab.load.profiles import Asker, Profile
from lab.measure.process import CorePlan, CpuUse, cpu_ns
from lab.measure.twins import original

FRAMED = {"htmlfile", "jsonp-polling"}
"""They put documents of the server into the page. In a page that is isolated each gets a process of
its own, which makes JSONP several times as slow, and which a page that chats does not pay. So these
are measured in one that is not, by a clock of 100 µs."""

T = TypeVar("T")


class PageStage(Stage):
    """One wire, served, and loaded by a page of the browser. A context manager."""

    def __init__(
        self,
        wire: Transport,
        settings: Settings,
        profile: Profile,
        cores: CorePlan,
        planted_ns: int,
        browser: Chromium,
    ) -> None:
        super().__init__(wire, settings, profile, cores, planted_ns, browser.origin)
        self._browser = browser
        self._tab: Tab | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            framed = original(self.wire.name) in FRAMED
            self._tab = self.run(self._browser.open(isolated=not framed))
            self.run(self._tab.use(spoken(self.wire), self.address.url))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._tab is not None:
                self._browser.run(self._tab.close())
        finally:
            super().__exit__()

    def run(self, work: Awaitable[T]) -> T:
        """Run to its end on the browser's loop; raises as `Stage.run` does."""
        try:
            return self._browser.run(work)
        except Exception:
            self.check(within_s=DYING_S)
            raise

    @property
    def tab(self) -> Tab:
        """The page. Only between entry and exit."""
        assert self._tab is not None
        return self._tab

    def round_meter(self) -> PageMeter:
        """See `Stage`: the page loads, and times itself."""
        return PageMeter(self._browser, self.tab, self.server_pid)

    @contextmanager
    def full(self, room: str, size: int) -> Iterator[PageHall]:
        """A room with `size` members, all of them in the page."""
        self.run(self.tab.fill(room, size))
        try:
            yield PageHall(self, size)
        finally:
            self.run(self.tab.empty())


class PageHall:
    """See `benchmarks.halls.Hall`: members that a page holds."""

    client: Asker = "browser"

    def __init__(self, stage: PageStage, size: int) -> None:
        self.stage = stage
        self.size = size

    def meter(self) -> PageMeter:
        """See `Hall`."""
        return self.stage.round_meter()

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `Hall`."""
        return await self.stage.tab.fan_out(texts, window)


class PageMeter:
    """The CPU time of all of the browser's processes, as the load's; the wall time by the page.

    A process that ends on the way, which those of a hidden frame may, takes its share with it.
    """

    def __init__(self, browser: Chromium, tab: Tab, server_pid: int | None) -> None:
        self._browser = browser
        self._tab = tab
        self._server_pid = server_pid
        self._load_ns: dict[int, int] = {}
        self._server_ns = 0

    def start(self) -> None:
        """Begin; again, to begin anew."""
        self._tab.begin()
        self._server_ns = self._server()
        self._load_ns = self._browser.cpu_ns()

    def stop(self) -> CpuUse:
        """What was used since `start`."""
        server = self._server() - self._server_ns
        load = sum(ns - self._load_ns.get(pid, 0) for pid, ns in self._browser.cpu_ns().items())
        return CpuUse(max(self._tab.wall_ns, 1), load, server)

    def _server(self) -> int:
        assert self._server_pid is not None, "what a browser loads has a process of its own"
        return cpu_ns(self._server_pid)

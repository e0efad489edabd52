"""A fleet: the Dask workers on which a bench places rooms, and what is checked before it does."""

from __future__ import annotations

import secrets
import socket
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from types import TracebackType
from typing import Any, Self, TypeVar

from lab.contract import Address, Transport
from lab.load.fan_out import FanOut
from lab.load.hosts import remote
from lab.load.hosts.names import label_all
from lab.load.hosts.reports import Reported, busiest_share, merge
from lab.load.raw import RawError
from lab.measure.clock import now_ns
from lab.measure.process import CpuUse, cpu_ns

DISTRIBUTION = "transport-lab"
CONNECT_S = 10.0
ANSWER_S = 300.0
"""After this time without an answer, a worker is lost. Dask itself waits as long for one that is
cut off; one that has ended is noticed at once."""
LOOK_S = 0.5
GONE_S = 10.0
"""How long a worker that gives no answer may still be listed."""

T = TypeVar("T")


class FleetError(RuntimeError):
    """The fleet can't be used. The message says what to do, without an address."""


class WorkerLostError(FleetError):
    """A worker has gone. The message has its label."""


class Fleet:
    """The workers of the Dask scheduler at `HOST:PORT`. A context manager.

    `listen`: the address of this machine that the workers must reach. `expected`: the labels of the
    workers that must be there; empty: whatever is there.

    Raises (on entry): FleetError if there is no scheduler or no worker, or if a worker has another
    version of the lab or can't reach `listen`; WorkerLostError if an expected worker is missing.
    """

    def __init__(self, scheduler: str, listen: str, expected: Sequence[str] = ()) -> None:
        self._scheduler = scheduler
        self._listen = listen
        self._expected = expected
        self._client: Any = None
        self._labels: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._client = _connect(self._scheduler)
        try:
            self._labels = label_all(_workers(self._client))
            self._check_there()
            self._check_versions()
            self._check_reach()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    @property
    def labels(self) -> list[str]:
        """The label of each worker."""
        return list(self._labels.values())

    @contextmanager
    def rooms(
        self, transport: Transport, address: Address, name: str, size: int
    ) -> Iterator[FleetRooms]:
        """Fill one room of `size` in each worker.

        Raises:
            RawError: a server refused a member, or can't be reached.
            WorkerLostError: a worker has gone.
        """
        rooms: dict[str, Any] = {}
        try:
            for worker, label in self._labels.items():
                # One after the other, because a listen backlog is soon full.
                room = self._client.submit(
                    remote.RemoteRoom,
                    transport,
                    address,
                    f"{name}, {label}",
                    size,
                    actor=True,
                    workers=[worker],
                    allow_other_workers=False,
                    pure=False,
                )
                rooms[worker] = self._answer(worker, room)
            yield FleetRooms(rooms, self._answers)
        finally:
            for worker, room in rooms.items():
                if worker in self._client.nthreads():
                    self._answer(worker, room.close())

    def _answers(self, asked: Mapping[str, Any]) -> list[Any]:
        """Wait for the answer of each worker. Raises as `rooms` does."""
        return [self._answer(worker, future) for worker, future in asked.items()]

    def _answer(self, worker: str, future: Any) -> Any:
        deadline = time.monotonic() + ANSWER_S
        while True:
            try:
                return future.result(timeout=LOOK_S)
            except TimeoutError:
                if worker not in self._client.nthreads() or time.monotonic() > deadline:
                    raise self._lost(worker) from None
            except RawError as error:
                raise RawError(f"{self._labels[worker]}: {error}") from error
            except Exception as error:
                if self._is_gone(worker):
                    raise self._lost(worker) from error
                raise RawError(f"{self._labels[worker]}: {error!r}") from error

    def _is_gone(self, worker: str) -> bool:
        """Whether a worker that failed is lost. Its scheduler may notice a moment later."""
        deadline = time.monotonic() + GONE_S
        while worker in self._client.nthreads():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S / 5)
        return True

    def _lost(self, worker: str) -> WorkerLostError:
        return WorkerLostError(f"the worker {self._labels[worker]} of the fleet is lost")

    def _check_there(self) -> None:
        if not self._labels:
            raise FleetError("the fleet has no workers: start one on each host by `dask worker`")
        if missing := sorted(set(self._expected) - set(self._labels.values())):
            raise WorkerLostError(f"the fleet has no worker {', '.join(missing)} any more")
        if self._expected and len(self._labels) > len(self._expected):
            raise FleetError("the fleet has more workers than when the run began")

    def _check_versions(self) -> None:
        installed = self._ask(metadata.version, DISTRIBUTION)
        lacking = [self._labels[w] for w, found in installed.items() if not isinstance(found, str)]
        if lacking:
            raise FleetError(f"there is no lab on {_listed(lacking)}: install this version there")
        ours = remote.fingerprint()
        theirs = self._ask(remote.fingerprint)
        if others := [self._labels[w] for w, found in theirs.items() if found != ours]:
            raise FleetError(
                f"another version of the lab is on {_listed(others)}: install this one there"
            )

    def _check_reach(self) -> None:
        """Let every worker call this process: a word, so that no other program answers."""
        word = secrets.token_hex(8).encode()
        with _listening(self._listen) as listener:
            port = listener.getsockname()[1]
            called = self._ask(remote.call, self._listen, port, word)
            failed = {worker for worker, found in called.items() if found is not None}
            listener.settimeout(CONNECT_S)
            heard = [_first_bytes(listener, len(word)) for _ in range(len(called) - len(failed))]
        if failed or heard.count(word) < len(self._labels):
            labels = [self._labels[worker] for worker in failed] or self.labels
            raise FleetError(
                f"this machine's servers can't be reached from {_listed(labels)}: give an address "
                "of it by --listen ADDRESS --share"
            )

    def _ask(self, function: Callable[..., T], *arguments: object) -> dict[str, T | Exception]:
        found: dict[str, T | Exception] = self._client.run(
            function, *arguments, workers=list(self._labels), on_error="return"
        )
        return found


class FleetRooms:
    """A full room in each worker. All are loaded at the same time."""

    def __init__(
        self, rooms: Mapping[str, Any], answers: Callable[[Mapping[str, Any]], list[Reported]]
    ) -> None:
        self._rooms = rooms
        self._answers = answers
        self.reports: list[Reported] = []
        """Of all batches since they were cleared."""

    def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """Say every text in every room, at most `window` in flight in each.

        Raises:
            RawError: a text was refused, or a connection ended.
            WorkerLostError: a worker has gone.
        """
        asked = {worker: room.fan_out(texts, window) for worker, room in self._rooms.items()}
        reports = self._answers(asked)
        self.reports += reports
        return merge(reports)


class FleetMeter:
    """CPU of the server's process here, and of the rooms as the workers report it. See `Meter`.

    The time is that of this process, and has the way to the workers and back. So that a busy worker
    is still seen, the busiest counts by its share of its own time.
    """

    def __init__(self, rooms: FleetRooms, server_pid: int | None) -> None:
        self._rooms = rooms
        self._server_pid = server_pid
        self._begun: tuple[int, int | None] = (0, None)

    def start(self) -> None:
        """Begin, or begin again. Raises ProcessLookupError if the server is gone."""
        self._rooms.reports.clear()
        self._begun = self._read()

    def stop(self) -> CpuUse:
        """What was used since `start`."""
        (wall, server), (wall_end, server_end) = self._begun, self._read()
        used = None if server is None or server_end is None else server_end - server
        reports, wall_ns = self._rooms.reports, max(wall_end - wall, 1)
        return CpuUse(
            wall_ns=wall_ns,
            load_cpu_ns=sum(each.cpu_ns for each in reports),
            server_cpu_ns=used,
            busiest_ns=round(busiest_share(reports) * wall_ns),
        )

    def _read(self) -> tuple[int, int | None]:
        return now_ns(), None if self._server_pid is None else cpu_ns(self._server_pid)


def _connect(scheduler: str) -> Any:
    from distributed import Client  # noqa: PLC0415 - an extra

    dask: Any = Client  # without types
    with warnings.catch_warnings():
        # Dask warns of workers with other versions of libraries; ours is what is checked.
        warnings.simplefilter("ignore")
        try:
            return dask(f"tcp://{scheduler}", timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            raise FleetError(f"there is no Dask scheduler at dask://{scheduler}") from error


def _workers(client: Any) -> dict[str, object]:
    """Address -> Dask's name of each worker."""
    info = client.scheduler_info(n_workers=-1)["workers"]
    return {str(address): each["name"] for address, each in info.items()}


@contextmanager
def _listening(host: str) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, 0), family=family, backlog=128)
    except OSError as error:
        raise FleetError(f"--listen {host}: {error.strerror}") from error
    with listener:
        yield listener


def _first_bytes(listener: socket.socket, count: int) -> bytes:
    try:
        dialled, _ = listener.accept()
        with dialled:
            dialled.settimeout(CONNECT_S)
            return dialled.recv(count, socket.MSG_WAITALL)
    except OSError:
        return b""


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(sorted(labels))

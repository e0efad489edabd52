"""The options of `lab bench`, as the command line gives them."""

from __future__ import annotations

import msgspec

from lab.cli.network import CONDITIONS, network_of
from lab.compression import Compression
from lab.contract import Settings
from lab.link.path import Network
from lab.load.open_loop.schedule import Arrivals
from lab.load.profiles import Client, Driver


class BenchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line. None, or no experiments: the profile's default."""

    profile: str = "quick"
    transports: list[str] | None = None
    experiments: tuple[str, ...] = ()
    passes: int | None = None
    rounds: int | None = None
    clients: int | None = None
    settings: Settings = "equal"
    arrivals: Arrivals | None = None
    driver: Driver | None = None
    client: Client = "python"
    seed: int | None = None
    aa: bool = False
    plant: float | None = None
    tls: bool = False
    compressions: tuple[Compression, ...] = ()
    fleet: str | None = None
    listen: str | None = None
    share: bool = False
    network: str | None = None
    delay: int | None = None
    jitter: int | None = None
    loss: float | None = None
    burst: float | None = None
    reorder: float | None = None
    rate: float | None = None
    queue: int | None = None

    def link(self, seed: int) -> Network | None:
        """The network between the client and the server. Raises UsageError."""
        given = {name: getattr(self, name) for name in CONDITIONS}
        return network_of(self.network, seed, given)

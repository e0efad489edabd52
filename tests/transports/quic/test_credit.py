"""A session sends a packet for credit only where credit is due."""

from __future__ import annotations

from typing import Any

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

from transports._quic.flow import Credited
from transports._quic.session import Session

STREAM = 0


class Counting:
    """A connection that counts how often it is to send."""

    def __init__(self) -> None:
        configuration = QuicConfiguration(is_client=True, max_stream_data=1000)
        self.quic = Credited.take_over(QuicConnection(configuration=configuration))
        self.quic.send_stream_data(STREAM, b"")  # which opens the stream
        self.sending = 0

    def transmit_soon(self) -> None:
        self.sending += 1

    def send_close(self, *_: Any) -> None:
        """Nothing is closed here."""

    def close_soon(self) -> None:
        """Nothing is closed here."""


def test_credit_is_due_once_half_of_the_window_is_handled() -> None:
    carrier = Counting()
    session = Session(carrier, STREAM, lambda _: None)
    session.handled(400)  # of no stream yet
    session.use(STREAM)
    session.handled(300)
    session.handled(199)
    assert carrier.sending == 0
    session.handled(1)
    assert carrier.sending == 1

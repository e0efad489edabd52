"""Read one response as it comes, whether it stays open or not."""

from __future__ import annotations

__pure__ = True

from lab.decode.live.directions import Sides
from lab.decode.live.open import OpenResponse
from lab.decode.live.pressed import PressedResponse
from lab.decode.live.window import Incoming
from lab.decode.messages import Purpose, codings_of, form_of, http_nodes


class Answer:
    """The response that `incoming` brings. Its nodes are reported to `sides`."""

    def __init__(self, sides: Sides, incoming: Incoming, exchange: int, purpose: Purpose) -> None:
        self.incoming = incoming
        self.purpose = purpose
        self._sides = sides
        self._exchange = exchange
        self._open: OpenResponse | PressedResponse | None = None
        self._form_known = False
        """Whether it has been looked up how the response is written."""

    @property
    def stays_open(self) -> bool:
        """Whether it is read write by write."""
        return self._open is not None

    def read(self) -> bool:
        """Go on; whether it is over, in good order or not."""
        over = self.incoming.read()
        self._look_up_form()
        if over:
            self._finish()
        elif self._open is not None and (read := self._open.read()):
            self._sides.report(self.incoming.window.base, *read)
            self.incoming.drop(read[1][-1].end)
        return over

    def _look_up_form(self) -> None:
        head = self.incoming.message.head
        if head is None or self._form_known:
            return
        self._form_known = True
        form = form_of(head, self.purpose)
        beginning = (self.incoming, self._exchange, self.purpose)
        if form is not None and (codings := codings_of(head)):
            self._open = PressedResponse(*beginning, form, *codings)
        elif form is not None:
            self._open = OpenResponse(*beginning, form)

    def _finish(self) -> None:
        message, window = self.incoming.message, self.incoming.window
        if self._open is not None:
            stream, nodes = self._open.finish()
            self._sides.report(window.base, stream, nodes)
            window.drop(len(stream.data))
            return
        self._sides.take(
            window.direction,
            len(window.data) if message.problem else message.end,
            lambda stream: http_nodes(stream, message, self._exchange, self.purpose),
        )

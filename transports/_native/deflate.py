"""permessage-deflate of the library `websockets` (RFC 7692), for its server and its client."""

from __future__ import annotations

from typing import Any

from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

from lab.compression import chosen
from lab.contract import ConnectOptions, ServeOptions


def deflate(
    options: ServeOptions | ConnectOptions,
    factory: type[ServerPerMessageDeflateFactory] | type[ClientPerMessageDeflateFactory],
) -> dict[str, Any]:
    """The library's arguments for the compression that was chosen; none for its own default."""
    used = chosen(options.compression, options.settings)
    if used.kind == "stock":
        return {}
    made = factory(
        server_no_context_takeover=not used.takeover,
        client_no_context_takeover=not used.takeover,
        server_max_window_bits=used.window,
        client_max_window_bits=used.window,
        compress_settings={"level": used.level},
    )
    return {"compression": None, "extensions": [made] if used.wanted else None}

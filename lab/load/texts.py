"""Makes the texts that the load says: of an exact size, and incompressible."""

from __future__ import annotations

__pure__ = True

import base64
import random


def incompressible(size_bytes: int, count: int, seed: int = 0) -> list[str]:
    """`count` different ASCII texts of `size_bytes` each; the same for the same seed.

    Repetitive texts would make a transport that compresses look cheap. Base64 has 6 random bits in
    each byte, so compression can save a quarter at most. It needs no escaping in JSON.

    Raises:
        ValueError: there are fewer texts of that size, or the seed did not yield enough.
    """
    rng = random.Random(seed)
    texts = [
        base64.b64encode(rng.randbytes(size_bytes))[:size_bytes].decode() for _ in range(count)
    ]
    if len(set(texts)) < count:
        raise ValueError(f"{count} different texts need more than {size_bytes} bytes each")
    return texts

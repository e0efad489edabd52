"""What the load says: texts of an exact size, as random as their alphabet allows. Pure."""

from __future__ import annotations

import base64
import random


def incompressible(size_bytes: int, count: int, seed: int = 0) -> list[str]:
    """`count` ASCII texts of `size_bytes` each, different from each other, the same for a seed.

    Repetition would make a wire that compresses look cheap by the choice of the text. Base64 has
    6 random bits in each byte, so that a quarter is the most that can be saved, and needs no
    escaping in JSON.

    Raises:
        ValueError: there are not so many texts of that size, or the seed did not yield them.
    """
    rng = random.Random(seed)
    texts = [
        base64.b64encode(rng.randbytes(size_bytes))[:size_bytes].decode() for _ in range(count)
    ]
    if len(set(texts)) < count:
        raise ValueError(f"{count} different texts need more than {size_bytes} bytes each")
    return texts

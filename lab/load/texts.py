"""What the load says: texts of an exact size that no compression can shrink. Pure."""

from __future__ import annotations

import base64
import random


def incompressible(size_bytes: int, count: int, seed: int = 0) -> list[str]:
    """`count` ASCII texts of `size_bytes` each, different from each other, the same for a seed.

    Compression would make a wire that has it look cheap by the choice of the text. Base64 leaves
    6 random bits in each byte, and needs no escaping in JSON.
    """
    rng = random.Random(seed)
    return [base64.b64encode(rng.randbytes(size_bytes))[:size_bytes].decode() for _ in range(count)]

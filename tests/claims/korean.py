"""Whether a text is Korean: with Hangul, without an English sentence or a foreign spelling."""

from __future__ import annotations

import re

CODE = re.compile(r"`[^`]*`")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z']+ ){3,}[a-z']{2,}\b")
"""Four words in a row: names, units and code are shorter."""


def is_korean(text: str) -> bool:
    """Return whether a text is Korean; names, code and units may be in Latin letters.

    Names are spelled as their standards spell them.
    """
    plain = CODE.sub("", text)
    return bool(HANGUL.search(text)) and not ENGLISH_SENTENCE.search(plain) and "웹소켓" not in text

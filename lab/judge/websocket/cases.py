"""Every case of RFC 6455, in the order of its sections."""

from __future__ import annotations

from lab.judge.websocket import (
    closing,
    control,
    fragments,
    lengths,
    openings,
    reserved,
    sent,
    utf8,
)

CASES = (
    *openings.CASES,
    *lengths.CASES,
    *reserved.CASES,
    *fragments.CASES,
    *control.CASES,
    *utf8.CASES,
    *closing.CASES,
    *sent.CASES,
)

"""What is compressed comes out again, and is what `websockets` and zlib make."""

from __future__ import annotations

import gzip
import zlib
from itertools import product

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from lab.weigh.compression import Compression, deflate_bytes, inflate_bytes
from lab.weigh.framing import CARRIERS, websocket_head
from lab.weigh.model import Way
from lab.weigh.samples import KINDS, make

MESSAGES = [
    each
    for kind in KINDS
    for size in (64, 127, 300, 70_000)
    for each in make(kind, size, 1 if size > 300 else 5, seed=1)
]
NATIVE = next(carrier for carrier in CARRIERS if carrier.name == "websocket")
PAYLOADS = Way("json", NATIVE, None).payloads(MESSAGES)
SETTINGS = [
    Compression(kind, kept, window, level, mem_level)
    for kind, kept, window, level, mem_level in product(
        ("deflate", "gzip"), (True, False), (9, 12, 15), (1, 6, 9), (1, 8)
    )
]


@pytest.mark.parametrize("kind", ["deflate", "gzip"])
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "fresh"])
def test_what_is_compressed_comes_out_again(kind: str, kept: bool) -> None:
    for compression in SETTINGS:
        if (compression.kind, compression.kept) == (kind, kept):
            compress, decompress = compression.compressor(), compression.decompressor()
            assert [decompress(compress(each)) for each in PAYLOADS] == PAYLOADS


@pytest.mark.parametrize("codec", ["json", "msgpack"])
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "fresh"])
def test_the_bytes_are_those_that_websockets_sends(codec: str, kept: bool) -> None:
    payloads = Way(codec, NATIVE, None).payloads(MESSAGES)
    opcode = Opcode.TEXT if codec == "json" else Opcode.BINARY
    for window, level, mem_level in product((9, 12, 15), (1, 6), (5, 8)):
        way = Way(codec, NATIVE, Compression("deflate", kept, window, level, mem_level))
        settings = {"level": level, "memLevel": mem_level}
        peer = PerMessageDeflate(not kept, not kept, window, window, settings)
        for payload, sent in zip(payloads, way.compressed(payloads), strict=True):
            theirs = Frame(opcode, payload).serialize(mask=False, extensions=[peer])
            assert theirs[websocket_head(len(sent)) :] == sent


def test_a_gzipped_response_is_gzip() -> None:
    compress = Compression("gzip", False, 15, 6, 8).compressor()
    assert [gzip.decompress(compress(each)) for each in PAYLOADS] == PAYLOADS


def test_a_gzipped_stream_is_one_gzip_stream() -> None:
    compress = Compression("gzip", True, 15, 6, 8).compressor()
    stream = b"".join(compress(each) for each in PAYLOADS)
    assert zlib.decompressobj(16 + 15).decompress(stream) == b"".join(PAYLOADS)


def test_a_context_takes_what_zlib_documents() -> None:
    assert deflate_bytes(15, 8) == 256 << 10, "zconf.h: 128K for the window, 128K for memLevel 8"
    assert inflate_bytes(15) == (32 + 7) << 10, "zconf.h: 32K and about 7 kilobytes"
    assert Compression("deflate", True, 15, 6, 8).context_bytes == (256 + 39) << 10
    assert Compression("gzip", True, 15, 6, 8).context_bytes == 256 << 10
    assert Compression("deflate", False, 15, 6, 8).context_bytes == 0

"""Streams of which the most part is compressed once: what is filled in stands between compressed pieces.

A zlib stream is a sequence of blocks that end at any bit (RFC 1951). A piece compressed by itself and flushed
in full ends at a byte and refers to nothing before it, so that it can stand between blocks of plain bytes.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

#: A piece that is shorter is not worth a block of its own, nor one that is stored longer than a block may be.
_SHORT, _LONGEST_STORED = 96, 65535

_HEADER = b"\x78\x9c"
_LAST_BLOCK = b"\x03\x00"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that stay the same, and their compressed form; none for short ones."""

    plain: bytes
    packed: bytes = b""


def piece_of(plain: bytes) -> Piece:
    """Return bytes as a piece."""
    if len(plain) < _SHORT:
        return Piece(plain)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return Piece(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH))


def deflated(parts: list[Piece | bytes]) -> bytes:
    """Return pieces and plain bytes as one zlib stream."""
    out = [_HEADER]
    held: list[bytes] = []
    check = 1
    for part in parts:
        if isinstance(part, bytes):
            held.append(part)
        elif not part.packed:
            held.append(part.plain)
        else:
            if held:
                check = _store(b"".join(held), out, check)
                held = []
            out.append(part.packed)
            check = zlib.adler32(part.plain, check)
    if held:
        check = _store(b"".join(held), out, check)
    out += (_LAST_BLOCK, check.to_bytes(4, "big"))
    return b"".join(out)


def _store(plain: bytes, out: list[bytes], check: int) -> int:
    for start in range(0, len(plain), _LONGEST_STORED):
        block = plain[start : start + _LONGEST_STORED]
        size = len(block)
        out += (b"\x00", size.to_bytes(2, "little"), (size ^ 0xFFFF).to_bytes(2, "little"), block)
    return zlib.adler32(plain, check)

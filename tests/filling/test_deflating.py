"""Streams put together of compressed pieces are what zlib unpacks."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from symbackprop.filling.deflating import Piece, deflated, piece_of

BYTES = st.binary(max_size=400) | st.builds(
    lambda part, times: part * times, st.binary(max_size=9), st.integers(0, 9999)
)


@given(st.lists(st.tuples(st.booleans(), BYTES), max_size=12))
def test_zlib_unpacks_what_was_put_together(parts: list[tuple[bool, bytes]]) -> None:
    packed = deflated([piece_of(plain) if kept else plain for kept, plain in parts])
    assert zlib.decompress(packed) == b"".join(plain for _, plain in parts)


def test_long_pieces_are_compressed_once_and_short_ones_not_at_all() -> None:
    assert piece_of(b"short").packed == b""
    long = piece_of(b"0.5 0 0 1 re " * 100)
    assert len(long.packed) < 100
    assert deflated([long, b"x", long]).count(long.packed) == 2


def test_plain_bytes_may_be_longer_than_a_block() -> None:
    plain = bytes(range(256)) * 700
    assert zlib.decompress(deflated([Piece(b"before "), plain])) == b"before " + plain

"""The stream of draws, held against SHA-256 itself and against counting."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from itertools import permutations

import pytest

from symbackprop.variants.stream import VERSION, WORD, Stream


class Given(Stream):
    """A stream of given words."""

    def __init__(self, *words: int) -> None:
        super().__init__()
        self.left = list(words)

    def word(self) -> int:
        return self.left.pop(0)


def test_words_are_sha_256_of_the_key_and_a_counter() -> None:
    own = sha256(json.dumps([VERSION, "2026", "sheet", "\u0141ukasz"]).encode()).digest()
    blocks = b"".join(sha256(own + number.to_bytes(8, "big")).digest() for number in range(3))
    expected = [int.from_bytes(blocks[at : at + 8], "big") for at in range(0, 96, 8)]
    stream = Stream("2026", "sheet", "\u0141ukasz")
    assert [stream.word() for _ in range(12)] == expected


def test_the_parts_of_a_key_are_kept_apart() -> None:
    assert Stream("ab", "c").word() != Stream("a", "bc").word()
    assert Stream("a,b").word() != Stream("a", "b").word()


def test_a_word_beyond_the_last_full_round_is_drawn_again() -> None:
    # 2^64 = 3 * 6148914691236517205 + 1: the largest word alone would favour 0
    assert Given(WORD - 1, 5).below(3) == 2
    assert Given(WORD - 2).below(3) == (WORD - 2) % 3 == 2
    assert Given(WORD - 1).below(2) == 1  # a power of two has no rest
    assert Given(WORD - 1).below(WORD) == WORD - 1


@pytest.mark.parametrize("count", [0, -1, WORD + 1])
def test_counts_that_have_no_draw(count: int) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        Stream("x").below(count)


def test_all_numbers_are_equally_likely() -> None:
    """Chi squared with 9 degrees of freedom: below 27.9 with a probability of 99.9 %."""
    stream = Stream("uniform")
    counts = Counter(stream.below(10) for _ in range(20_000))
    assert set(counts) == set(range(10))
    assert sum((count - 2000) ** 2 / 2000 for count in counts.values()) < 27.9


def test_all_orders_are_equally_likely() -> None:
    """Chi squared with 23 degrees of freedom: below 49.7 with a probability of 99.9 %."""
    stream = Stream("orders")
    counts = Counter(tuple(stream.permutation(4)) for _ in range(24_000))
    assert set(counts) == set(permutations(range(4)))
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 49.7

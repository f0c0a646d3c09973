"""A stream of draws that is the same on every machine: SHA-256 of a key and a counter.

Nothing of it depends on Python's hashing, on its random module or on NumPy. Two streams with different keys
have nothing to do with each other, so that a student's numbers depend on no other student.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

#: Said to every stream: a change of how numbers are drawn changes it, and with it all variants.
VERSION = "symbackprop variants 1"

WORD = 1 << 64
Item = TypeVar("Item")


class Stream:
    """Draws from the words of 64 bits that SHA-256 makes of a key and 0, 1, 2, ..."""

    def __init__(self, *key: str) -> None:
        """Start the stream of a key; its parts are kept apart."""
        self._key = sha256(json.dumps([VERSION, *key]).encode("ascii")).digest()
        self._count = 0
        self._words: list[int] = []

    def word(self) -> int:
        """Return the next word: a whole number from 0 to below two to the 64."""
        if not self._words:
            block = sha256(self._key + self._count.to_bytes(8, "big")).digest()
            self._count += 1
            self._words = [int.from_bytes(block[at : at + 8], "big") for at in (24, 16, 8, 0)]
        return self._words.pop()

    def below(self, count: int) -> int:
        """Return a whole number from 0 to below the count, each exactly as likely as the others.

        Raises:
            ValueError: the count is not from 1 to two to the 64.
        """
        if not 0 < count <= WORD:
            raise ValueError(f"no whole number from 0 to below {count} in 64 bits")
        limit = WORD - WORD % count
        while True:  # what lies beyond the last full round of the count is drawn again
            word = self.word()
            if word < limit:
                return word % count

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of some items, each as likely as the others."""
        return items[self.below(len(items))]

    def permutation(self, count: int) -> list[int]:
        """Return the whole numbers below a count in random order (Fisher and Yates)."""
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

"""The columns of a file of answers: ids, names, codes, and the items by number or by quantity key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...roster.headings import IDS, kind
from ...spec.suggest import near_name

_CODE = frozenset(("code", "check code", "checkcode", "sheet code", "kontrollcode", "prüfcode"))
_ITEM = frozenset(
    ("item", "items", "question", "box", "quantity", "key", "no", "frage", "aufgabe", "größe", "pregunta")
)
_ANSWER = frozenset(
    ("answer", "answers", "value", "response", "result", "antwort", "wert", "respuesta", "réponse")
)

#: "Q3", "Item 3", "Response 3", "(3)", "3.", with or without the quantity after it: "3 grad.w5".
_NUMBERED = re.compile(
    r"(?:q|question|item|answer|response|box|no\.?|nr\.?|frage|aufgabe|antwort)?\.? ?"
    r"[#(]?(?P<number>\d+[a-z]?)[).:]?(?:[ :,;-]+(?P<rest>\S.*))?",
    re.IGNORECASE,
)


#: What looks like the key of a quantity: grad.w5, act.o1#2.
_KEY = re.compile(r"(?:\d+:)?[A-Za-z_]+\.[A-Za-z_]\w*(?:[|#@~]\w+)*")


@dataclass(frozen=True)
class Labels:
    """The names that the items of a class go by: their numbers, and their quantity keys.

    items: the numbers. keys: the keys, which may be another item in another student's paper.
    """

    items: frozenset[str]
    keys: frozenset[str]

    def of(self, heading: str) -> str | None:
        """Return the number or key that a heading stands for, None where it stands for none."""
        text = _plain(heading)
        if text in self.items or text in self.keys:
            return text
        numbered = _NUMBERED.fullmatch(text)
        if numbered is not None and numbered["number"] in self.items:
            rest = numbered["rest"]
            return numbered["number"] if rest is None or rest in self.keys else None
        return None

    def resembles(self, heading: str) -> bool:
        """Return whether a heading that stands for no item was meant for one: a number, a key, nearly one."""
        text = _plain(heading)
        numbered = _NUMBERED.fullmatch(text)
        if (numbered is not None and numbered["rest"] is None) or _KEY.fullmatch(text):
            return True
        return near_name(text, sorted(self.keys)) is not None


def labels_of(papers: Iterable[Mapping[str, str]]) -> Labels:
    """Return the labels of a class, from each paper's quantity keys by item number."""
    items: dict[str, None] = {}
    keys: dict[str, None] = {}
    for paper in papers:
        items.update(dict.fromkeys(paper))
        keys.update(dict.fromkeys(paper.values()))
    return Labels(frozenset(items), frozenset(keys))


@dataclass(frozen=True)
class Columns:
    """Which column holds what, by position; -1 where there is none.

    items: of a wide table, by position the number or key of the item. unknown: columns headed by what was
    meant for an item and is none; any others, such as notes, do no harm. Of a long table `item` and `answer`
    are set.
    """

    id: int
    name: tuple[int, ...]
    code: int
    item: int
    answer: int
    items: Mapping[int, str]
    unknown: tuple[int, ...]

    @property
    def long(self) -> bool:
        """Whether the table has a line for each answer, and not for each student."""
        return self.item >= 0 and self.answer >= 0

    @property
    def usable(self) -> bool:
        """Whether the table says whose the answers are, and what they answer."""
        return (self.id >= 0 or self.code >= 0) and (self.long or bool(self.items))


def columns_of(cells: Sequence[str], labels: Labels) -> Columns:
    """Return which column holds what, by the headings."""
    words = [_plain(cell).casefold().rstrip(":.") for cell in cells]
    item, answer = _first(words, _ITEM), _first(words, _ANSWER)
    code = _first(words, _CODE)
    long = item >= 0 and answer >= 0
    found: dict[int, str] = {}
    if not long:
        item = answer = -1
        found = {place: label for place, cell in enumerate(cells) if (label := labels.of(cell)) is not None}
    kinds = {place: kind(cell) for place, cell in enumerate(cells) if place not in found}
    id_ = next((place for wanted in IDS for place, one in kinds.items() if one == wanted), -1)
    taken = {id_, code, item, answer, *found}
    names = tuple(
        place for place, one in kinds.items() if place not in taken and one not in (None, "running", *IDS)
    )
    known = taken | {place for place, one in kinds.items() if one is not None}
    unknown = tuple(
        place for place, cell in enumerate(cells) if cell and place not in known and labels.resembles(cell)
    )
    return Columns(id_, names, code, item, answer, found, unknown)


def recognised(cells: Sequence[str], labels: Labels) -> int:
    """Return how many cells are known headings."""
    found = columns_of(cells, labels)
    single = (found.id, found.code, found.item, found.answer)
    return len(found.items) + len(found.name) + sum(place >= 0 for place in single)


def _first(words: Sequence[str], wanted: frozenset[str]) -> int:
    return next((place for place, word in enumerate(words) if word in wanted), -1)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())

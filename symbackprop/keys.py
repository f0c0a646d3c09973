"""Quantity keys: one name per number (`net.h1`, `grad.w1|o1`, `act.o1#2@1`)."""

from __future__ import annotations

import re
from typing import NamedTuple, TypedDict


class Key(NamedTuple):
    """A quantity key, taken apart.

    kind: "net", "act", "grad", ...; "" for a parameter, input or target-less name by itself.
    subject: a unit, output or parameter. through: the output whose error a part comes through.
    sample: counted from 1, None where there is one sample. passes: updates made before (`@k`).
    again: the suffix of a quantity displayed a second time (`~4`).
    """

    kind: str
    subject: str
    through: str = ""
    sample: int | None = None
    passes: int = 0
    again: str = ""

    def __str__(self) -> str:
        """Return the key as text."""
        text = f"{self.kind}.{self.subject}" if self.kind and self.subject else self.kind or self.subject
        text += suffix(self.through, self.sample, self.passes)
        return f"{text}~{self.again}" if self.again else text


class At(TypedDict):
    """Where a quantity stands: which sample, after how many updates."""

    sample: int | None
    passes: int


#: The kinds of quantity that belong to a unit, before the dot of a key.
UNIT_KINDS = (
    "net",
    "act",
    "dact_dnet",
    "error",
    "dE_dact",
    "dE_dnet",
    "dE_dtarget",
    "delta",
    "residual",
    "target",
)

#: The kinds that a key is most often of: taken apart without a search.
_KINDS = frozenset(
    [
        *UNIT_KINDS,
        "grad",
        "step",
        "new",
        "velocity",
        "m",
        "v",
        "m_hat",
        "v_hat",
        "accumulator",
        "clipped",
        "decayed",
        "optimizer",
    ]
)
_KEY = re.compile(
    r"(?:(?P<kind>[A-Za-z_]+)\.)?(?P<subject>[^.|#@~]+)(?:\|(?P<through>[^#@~]+))?"
    r"(?:#(?P<sample>\d+))?(?:@(?P<passes>\d+))?(?:~(?P<again>.+))?"
)


def parse_key(text: str) -> Key:
    """Take a quantity key apart.

    Raises:
        ValueError: the text is not a quantity key.
    """
    if text.isidentifier():  # the two usual forms need no search: a name, or a kind and a name
        return Key("", text)
    kind, _, subject = text.partition(".")
    if kind in _KINDS and subject.isidentifier():
        return Key(kind, subject)
    match = _KEY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity key such as net.h1, grad.w5 or act.o1#2@1")
    return Key(
        match["kind"] or "",
        match["subject"],
        match["through"] or "",
        int(match["sample"]) if match["sample"] else None,
        int(match["passes"] or 0),
        match["again"] or "",
    )


def plain(text: str) -> str:
    """Return the key under which a quantity stands: `new.w1@1`, after one update, is `new.w1`."""
    return text[:-2] if text.startswith("new.") and text.endswith("@1") else text


def key(kind: str, subject: str, *, through: str = "", sample: int | None = None, passes: int = 0) -> str:
    """Return the text of a key; faster than building a `Key` first."""
    text = f"{kind}.{subject}" if subject else kind
    return text + suffix(through, sample, passes) if through or sample is not None or passes else text


def suffix(through: str = "", sample: int | None = None, passes: int = 0) -> str:
    """Return the end of a key, the same for many subjects: `|o1`, `#2`, `@1`."""
    text = f"|{through}" if through else ""
    if sample is not None:
        text += f"#{sample}"
    if passes:
        text += f"@{passes}"
    return text

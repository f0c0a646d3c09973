"""Frozen dataclasses that are quick to build and to walk.

A network of five thousand parameters has several hundred thousand nodes in its formulas, each built,
walked and rebuilt a few times. What `dataclasses` generates sets every field of a frozen class through
`object.__setattr__`, and a walk by `dataclasses.fields` asks every node for its fields again. `compiled`
writes both out once per class, as `dataclasses` itself does with its methods: from source text made of
nothing but the names of the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import MISSING, fields
from operator import is_not
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)

#: How a field that holds sub-terms is annotated: how it is read as a tuple of them, how it is rebuilt,
#: and how it is seen that something has changed.
_HOLDERS = {
    "Term": ("self.{0},", "change(self.{0})", "new_{0} is not self.{0}"),
    "Term | None": (
        "*(() if self.{0} is None else (self.{0},)),",
        "None if self.{0} is None else change(self.{0})",
        "new_{0} is not self.{0}",
    ),
    "tuple[Term, ...]": (
        "*self.{0},",
        "tuple([change(item) for item in self.{0}])",  # a list first: quicker than a generator
        "any(map(is_not, new_{0}, self.{0}))",
    ),
    "tuple[tuple[Term, ...], ...]": (
        "*(item for row in self.{0} for item in row),",
        "tuple([tuple([change(item) for item in row]) for row in self.{0}])",
        "any(any(map(is_not, new, old)) for new, old in zip(new_{0}, self.{0}))",
    ),
}
#: The terms so far, by name: what an annotation is searched for.
_TERMS = {"Term"}


def compiled(cls: Class) -> Class:
    """Give a frozen dataclass with slots a quicker `__init__` and, for sub-terms, `parts` and `rebuilt`.

    Raises:
        TypeError: a field that holds terms is not annotated as `Term`, `Term | None` or
            `tuple[Term, ...]`, so that a walk would pass it by.
    """
    if hasattr(cls, "rebuilt"):
        _TERMS.add(cls.__name__)
    annotations = {field.name: str(field.type) for field in fields(cls)}
    holders = {name: kind for name, kind in annotations.items() if _holds_terms(cls, name, kind)}
    space: dict[str, Any] = {"cls": cls, "is_not": is_not}
    source = _initializer(cls, space) + (_walkers(cls, holders) if holders else "")
    return _with_methods(cls, source, space, ("__init__", "parts", "rebuilt")[: 3 if holders else 1])


def built_quickly(cls: Class) -> Class:
    """Give a frozen dataclass with slots a quicker `__init__`, whatever its fields hold."""
    space: dict[str, Any] = {"cls": cls}
    return _with_methods(cls, _initializer(cls, space), space, ("__init__",))


def _with_methods(cls: Class, source: str, space: dict[str, Any], names: Iterable[str]) -> Class:
    exec(source, space)
    for name in names:
        method = space[name]
        method.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)
    return cls


def _holds_terms(cls: type, name: str, annotation: str) -> bool:
    if annotation in _HOLDERS:
        return True
    if _TERMS.intersection(re.findall(r"\w+", annotation)):
        expected = ", ".join(_HOLDERS)
        raise TypeError(f"{cls.__name__}.{name}: annotate it as one of {expected}, not {annotation}")
    return False


def _initializer(cls: type, space: dict[str, Any]) -> str:
    """Return the source of an `__init__` that sets each slot by its descriptor."""
    parameters, body = [], []
    for field in fields(cls):
        space[f"set_{field.name}"] = getattr(cls, field.name).__set__
        body.append(f"    set_{field.name}(self, {field.name})")
        if field.default is MISSING:
            parameters.append(field.name)
        else:
            space[f"default_{field.name}"] = field.default
            parameters.append(f"{field.name}=default_{field.name}")
    return f"def __init__({', '.join(['self', *parameters])}):\n" + "\n".join(body or ["    pass"]) + "\n"


def _walkers(cls: type, holders: dict[str, str]) -> str:
    """Return the source of `parts` and `rebuilt`."""
    if list(holders.values()) == ["tuple[Term, ...]"]:
        (only,) = holders
        read = f"self.{only}"
    else:
        read = "(" + " ".join(_HOLDERS[kind][0].format(name) for name, kind in holders.items()) + ")"
    made = [f"    new_{name} = {_HOLDERS[kind][1].format(name)}" for name, kind in holders.items()]
    changed = " or ".join(_HOLDERS[kind][2].format(name) for name, kind in holders.items())
    arguments = ", ".join(f"{'new_' if f.name in holders else 'self.'}{f.name}" for f in fields(cls))
    return "\n".join(
        [
            "def parts(self):",
            f"    return {read}",
            "def rebuilt(self, change):",
            *made,
            f"    if {changed}:",
            f"        return cls({arguments})",
            "    return self\n",
        ]
    )

"""Audit files: a problem and the figures that somebody has printed for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..collector import collector_paused
from ..derivation.solving import CERTIFIED_EPOCHS
from ..errors import ProblemError
from ..keys import Key, parse_key
from ..numbers.rounding import RoundingPolicy
from ..spec import load_problem
from ..spec.faults import Written as Fields
from ..spec.problem import Problem
from ..spec.suggest import did_you_mean, listed
from ..spec.text.reader import parse_text, read_text
from .printed import NotANumber, Printed, read_printed

#: The fields of an audit file; those of a figure that are not named here are for its author.
FIELDS = ("problem", "figures", "title", "source")

#: The most figures that one file may hold.
MOST_FIGURES = 5000


@dataclass(frozen=True)
class Figure:
    """A printed figure: the key as it is written (`loss@1~4`), the quantity it is about, and the number.

    written: the number as its author wrote it.
    """

    name: str
    key: str
    printed: Printed
    written: str = ""


@dataclass(frozen=True)
class AuditRequest:
    """What is to be audited.

    again: whether a figure's quantity was printed before. file: for messages.
    """

    problem: Problem
    figures: tuple[Figure, ...]
    title: str = ""
    source: str = ""
    file: str = ""
    written: Fields = field(default_factory=lambda: Fields({}))


def load_audit(path: str | os.PathLike[str]) -> AuditRequest:
    """Return what an audit file asks for.

    Raises:
        ProblemError: it cannot be used; the text says where and why.
    """
    file = os.fspath(path)
    with collector_paused():
        return build_audit(parse_text(read_text(file), file))


def build_audit(fields: Fields) -> AuditRequest:
    """Return what is asked for by plain data with its lines.

    Raises:
        ProblemError: it cannot be used.
    """
    data = fields.data
    assert isinstance(data, dict)
    for name in data:
        if name not in FIELDS:
            raise fields.error(
                (str(name),),
                "no such field in an audit file",
                expected=f"one of {', '.join(FIELDS)}",
                hint=did_you_mean(str(name), FIELDS),
            )
    for name in ("problem", "figures"):
        if name not in data:
            raise fields.error(
                (name,),
                "missing",
                expected="a built-in example's name, a file or a whole problem"
                if name == "problem"
                else "a list such as [{quantity: grad.w7, printed: 0.186047383}]",
            )
    figures = tuple(_figures(fields))
    problem = _problem(fields)
    return AuditRequest(
        for_audit(problem, (figure.key for figure in figures)),
        figures,
        _text(fields, "title") or problem.title,
        _text(fields, "source"),
        fields.file,
        fields,
    )


def for_audit(problem: Problem, quantities: Any) -> Problem:
    """Return a problem as it is solved for an audit: in full, by chain rules, with no rounding of its own."""
    passes = max((updates_before(parse_key(name)) for name in quantities), default=0)
    options = {**problem.notation.options, "form": "chain", "delta_sign": "loss"}
    descent = problem.descent
    if problem.learning_rate is not None:
        descent = replace(descent, updates=min(max(passes, 1), CERTIFIED_EPOCHS))
    return replace(
        problem,
        descent=descent,
        rounding=RoundingPolicy(),
        notation=replace(problem.notation, options=options),
        show=(),
        listing="",
    )


def updates_before(parts: Key) -> int:
    """Return how many updates it takes before a quantity can be computed."""
    return max(parts.passes, 1) if parts.kind in ("new", "step") else parts.passes


def _text(fields: Fields, name: str) -> str:
    found = fields.at((name,))
    if found is not None and not isinstance(found, str):
        raise fields.error((name,), "not a text", given=found)
    return found or ""


def _problem(fields: Fields) -> Problem:
    given = fields.at(("problem",))
    if isinstance(given, str):
        beside = Path(fields.file).parent / given if fields.file else Path(given)
        if beside.suffix and beside.is_file():
            return load_problem(beside)
        try:
            return load_problem(given)
        except ProblemError as error:
            if error.file or error.line:
                raise
            raise fields.error(
                ("problem",), error.message, given=given, expected=error.expected, hint=error.hint
            ) from None
    if not isinstance(given, dict):
        raise fields.error(
            ("problem",),
            "neither a name nor a problem",
            given=given,
            expected="a built-in example's name, a file or a whole problem",
        )
    from ..spec.build import build_problem

    lines = {path[1:]: line for path, line in fields.lines.items() if path[:1] == ("problem",)}
    name = Path(fields.file).stem if fields.file else ""
    return build_problem(Fields(given, fields.file, lines), name)


def _figures(fields: Fields) -> list[Figure]:
    given = fields.at(("figures",))
    if not isinstance(given, list) or not given:
        raise fields.error(
            ("figures",),
            "no list of figures" if given else "no figures",
            given=given,
            expected="a list such as [{quantity: grad.w7, printed: 0.186047383}]",
        )
    if len(given) > MOST_FIGURES:
        raise fields.error(
            ("figures",), "too many figures", given=f"{len(given)}", expected=f"at most {MOST_FIGURES}"
        )
    return [_figure(fields, place, item) for place, item in enumerate(given)]


def _figure(fields: Fields, place: int, item: object) -> Figure:
    path = ("figures", place)
    if not isinstance(item, Mapping) or "quantity" not in item or "printed" not in item:
        raise fields.error(
            path,
            "not a figure",
            given=item,
            expected="the fields quantity and printed, as in {quantity: grad.w7, printed: 0.186047383}",
            hint=_near_field(item),
        )
    name, text = item["quantity"], item["printed"]
    if not isinstance(name, str):
        raise fields.error((*path, "quantity"), "not a quantity key", given=name, expected="such as grad.w7")
    if not isinstance(text, str):
        raise fields.error((*path, "printed"), "not a number", given=text, expected="the printed digits")
    try:
        parse_key(name)
    except ValueError:
        raise fields.error(
            (*path, "quantity"),
            "not a quantity key",
            given=name,
            expected="such as net.h1, grad.w5 or loss@1~4",
        ) from None
    try:
        printed = read_printed(text)
    except NotANumber as error:
        hint = str(error) if "may be" in str(error) else ""
        raise fields.error(
            (*path, "printed"),
            "not a number" if not hint else "a number that can be read in two ways",
            given=text,
            expected="the printed digits, such as 0.186, -2.6e-4 or 4.83 x 10^-4",
            hint=hint,
        ) from None
    return Figure(name, quantity_of(name), printed, text.strip())


def quantity_of(name: str) -> str:
    """Return the key of the quantity that a figure is about: without its second-print mark."""
    from ..keys import plain

    return plain(name.partition("~")[0])


def _near_field(item: object) -> str:
    if not isinstance(item, Mapping):
        return ""
    unknown = [str(name) for name in item if name not in ("quantity", "printed")]
    return did_you_mean(unknown[0], ("quantity", "printed")) if unknown else ""


def unknown_quantity(request: AuditRequest, figure: Figure, keys: list[str], place: int) -> ProblemError:
    """Build the error about a figure whose quantity the problem does not have."""
    from difflib import get_close_matches

    near = get_close_matches(figure.key, keys, 4, 0.5)
    passes = updates_before(parse_key(figure.key))
    hint = f"Did you mean {listed(near)}?" if near else ""
    if passes > CERTIFIED_EPOCHS:
        hint = f"An audit goes no further than {CERTIFIED_EPOCHS} updates."
    elif passes and request.problem.learning_rate is None:
        hint = "The problem has no learning rate, so nothing is updated."
    return request.written.error(
        ("figures", place, "quantity"),
        "the problem has no such quantity",
        given=figure.name,
        expected="a quantity key of the problem, such as " + ", ".join((near or keys)[:3]),
        hint=hint,
    )

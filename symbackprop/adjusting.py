"""A problem changed by what was asked for on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .errors import SymbackpropError
from .formats import CODE_FORMATS, FORMATS
from .numbers.rounding import Rounding, RoundingPolicy
from .showing import UnknownName, selection_of, words_of
from .spec.problem import Bias, Problem

if TYPE_CHECKING:
    from .spec.worksheet import Task, Worksheet

PAPERS = ("a4", "letter")


def parse_formats(text: str, output: str = "") -> tuple[str, ...]:
    """Return the formats of a comma-separated list.

    Raises:
        SymbackpropError: an unknown format, or several for standard output.
    """
    wanted = parse_list("--format", text, tuple(FORMATS))
    if output == "-" and len(wanted) > 1:
        raise SymbackpropError("-o -: standard output takes one format; given " + ", ".join(wanted))
    return wanted


def parse_list(option: str, text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a comma-separated list of formats, each once.

    Raises:
        SymbackpropError: an unknown word, or none.
    """
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in wanted:
        if name not in allowed:
            raise SymbackpropError(f"{option}: no format {name!r}; expected some of {', '.join(allowed)}")
    if not wanted:
        raise SymbackpropError(f"{option}: nothing given; expected some of {', '.join(allowed)}")
    return wanted


def adjusted(
    problem: Problem,
    *,
    digits: int | None = None,
    rounding: str | None = None,
    notation: str | None = None,
    epochs: int | None = None,
    update_biases: bool | None = None,
    show: str | None = None,
    listing: str | None = None,
    paper: str = "a4",
    engine: str = "auto",
) -> Problem:
    """Return the problem with the options of the command line applied.

    Raises:
        SymbackpropError: an option that has no meaning; the text names it and what was expected.
    """
    from .engines import CHOICES

    one_of("--paper", paper, PAPERS)
    one_of("--engine", engine, CHOICES)
    if rounding is not None:
        problem = replace(problem, rounding=parse_rounding(rounding, problem.rounding))
    if digits is not None:
        problem = replace(problem, rounding=_with_digits(problem.rounding, digits))
    if notation is not None:
        from .notation.notation import NotationChoice
        from .notation.presets import PRESETS

        one_of("--notation", notation, tuple(PRESETS))
        problem = replace(problem, notation=NotationChoice(notation))
    if epochs is not None:
        problem = _with_epochs(problem, epochs)
    if listing is not None:
        one_of("--listing", listing, CODE_FORMATS)
        problem = replace(problem, listing=listing)
    if show is not None:
        problem = _with_show(problem, show)
    if update_biases is not None:
        names = {bias.name for bias in problem.biases if isinstance(bias, Bias)}
        frozen = problem.frozen - names if update_biases else problem.frozen | names
        problem = replace(problem, frozen=frozenset(frozen))
    return problem


def one_of(option: str, given: str, allowed: Sequence[str]) -> None:
    """Refuse a value of an option that is none of those allowed.

    Raises:
        SymbackpropError: the text names the option, what was given and what was expected.
    """
    if given not in allowed:
        raise SymbackpropError(f"{option}: given {given!r}; expected one of {', '.join(allowed)}")


def _with_show(problem: Problem, show: str) -> Problem:
    words = words_of(show)
    if not words:
        raise SymbackpropError("--show: nothing given; expected parameters such as w5,b3, or representative")
    problem = replace(problem, show=words)
    try:
        selection_of(problem)
    except UnknownName as error:
        raise SymbackpropError(f"--show: {error}") from None
    return problem


def _with_epochs(problem: Problem, epochs: int) -> Problem:
    if epochs < 1:
        raise SymbackpropError(f"--epochs: given {epochs}; expected a whole number above zero")
    if problem.learning_rate is None:
        raise SymbackpropError("--epochs: the problem has no learning rate, so nothing is updated")
    return replace(problem, epochs=epochs, descent=replace(problem.descent, updates=None))


def _with_digits(policy: RoundingPolicy, digits: int) -> RoundingPolicy:
    """Return the policy with the same number of digits for every quantity; roles are dropped."""
    least = 0 if policy.default.kind == "places" else 1
    if not least <= digits <= 50:
        raise SymbackpropError(f"--digits: given {digits}; expected a whole number from {least} to 50")
    return replace(policy, default=replace(policy.default, digits=digits), roles={}, again={})


_WORDS: dict[str, tuple[str, str]] = {
    "places": ("kind", "places"),
    "significant": ("kind", "significant"),
    "half_even": ("mode", "half_even"),
    "half_up": ("mode", "half_up"),
    "truncate": ("mode", "truncate"),
    "exact": ("carry", "exact"),
    "shown": ("carry", "shown"),
}
_FIELDS: dict[str, tuple[str, ...] | None] = {
    "digits": None,
    "readout": None,
    "scientific_below": None,
    "kind": ("places", "significant"),
    "mode": ("half_even", "half_up", "truncate"),
    "carry": ("exact", "shown"),
    "zeros": ("keep", "drop", "exact"),
}


def parse_rounding(text: str, policy: RoundingPolicy) -> RoundingPolicy:
    """Return the policy changed by a list such as `places,truncate,digits=5,carry=shown`.

    Roles are dropped: what is asked for on the command line holds for every quantity.

    Raises:
        SymbackpropError: a word or value that is not part of a rounding.
    """
    changes: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            if name not in _WORDS:
                raise _unknown(part)
            name, value = _WORDS[name]
        changes[name] = _checked(name, value, part)
    carry = changes.pop("carry", policy.carry)
    default: Rounding = replace(policy.default, **changes)
    changed = RoundingPolicy(default=default, carry=carry)
    return _with_digits(changed, default.digits)


def _checked(name: str, value: str, part: str) -> Any:
    if name not in _FIELDS:
        raise _unknown(part)
    allowed = _FIELDS[name]
    if allowed is not None:
        if value not in allowed:
            raise SymbackpropError(f"--rounding: {name}={value}; expected one of {', '.join(allowed)}")
        return value
    if value in ("none", "never") and name != "digits":
        return None
    try:
        return int(value)
    except ValueError:
        raise SymbackpropError(f"--rounding: {name}={value}; expected a whole number") from None


def _unknown(part: str) -> SymbackpropError:
    known = ", ".join(
        [*_WORDS, *(f"{name}=..." for name in ("digits", "readout", "zeros", "scientific_below"))]
    )
    return SymbackpropError(f"--rounding: {part!r} is not part of a rounding; expected some of {known}")


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What the command line says of a sheet: it holds for each of its problems."""

    ask: str | None = None
    degree: str | None = None
    fade: str | None = None
    room: str | None = None
    diagram: str | None = None
    formula_sheet: bool = False
    hints: bool = False
    large_print: bool = False


def adjusted_sheet(worksheet: Worksheet, options: SheetOptions) -> Worksheet:
    """Return a worksheet with the options of the command line applied.

    Raises:
        SymbackpropError: an option that has no meaning; the text names it and what was expected.
    """
    from .spec.worksheet import DEGREES, FADING, PICTURES, RULINGS, Origin
    from .spec.worksheets import as_asked, words_of_ask

    changes: dict[str, object] = {}
    if options.ask is not None:
        words = words_of_ask([options.ask])
        if not words:
            raise SymbackpropError(
                "--ask: nothing given; expected a set such as everything, or keys such as grad.w5"
            )
        changes |= {"ask": words, "asked_in": Origin("--ask")}
    if options.degree is not None:
        one_of("--as", options.degree, DEGREES)
        changes |= {"degree": options.degree, "fade": ()}
    if options.fade is not None:
        one_of("--fade", options.fade, tuple(FADING))
        changes["fade"] = FADING[options.fade]
    if options.room is not None:
        one_of("--room", options.room, RULINGS)
        changes["ruling"] = options.room
    if options.diagram is not None:
        one_of("--diagram", options.diagram, PICTURES)
        changes["picture"] = options.diagram
    tasks: tuple[Task, ...] = tuple(replace(task, **changes) for task in worksheet.tasks)  # type: ignore[arg-type]
    tasks = tuple(replace(task, problem=as_asked(task.problem, task.ask)) for task in tasks)
    return replace(
        worksheet,
        tasks=tasks,
        formula_sheet=options.formula_sheet or worksheet.formula_sheet,
        hints=options.hints or worksheet.hints,
        large_print=options.large_print or worksheet.large_print,
    )

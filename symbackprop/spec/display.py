"""The rounding and notation a problem file chooses."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ..formulas.names import Name
from ..keys import UNIT_KINDS
from ..notation import update_names
from ..notation.notation import LETTERS, NotationChoice
from ..numbers.rounding import Rounding, RoundingPolicy
from .display_forms import NameForm, NotationForm, RoundingChange, RoundingForm
from .faults import Fault, Path, Written
from .options import check_option, check_preset
from .suggest import did_you_mean, listed

#: Kinds of quantity that belong to a parameter, and those that stand alone.
PARAMETER_KINDS = ("grad", "step", "new", *update_names.PARAMETER_KINDS)
SINGLE_KINDS = ("loss", "reported_loss", "learning_rate", "activation", *update_names.SINGLE_KINDS)

_ROUNDING_FIELDS = ("digits", "kind", "mode", "readout", "zeros", "exponent", "scientific_below")


def build_rounding(
    form: RoundingForm | None, units: Collection[str], parameters: Collection[str], written: Written
) -> RoundingPolicy:
    """Return the rounding policy.

    Raises:
        ProblemError: a role fits no quantity, or significant digits are fewer than one.
    """
    if form is None:
        return RoundingPolicy()
    here: Path = ("rounding",)
    default = Rounding(**{key: getattr(form, key) for key in _ROUNDING_FIELDS})
    for pattern in form.roles:
        _check_key(pattern, (*here, "roles", pattern), units, parameters, written)
    for key in form.again:
        if "~" not in key:
            raise written.error(
                (*here, "again", key),
                "no mark that tells the second display from the first",
                given=key,
                expected=f"a key such as {key}~2",
            )
        _check_key(key.partition("~")[0], (*here, "again", key), units, parameters, written)
    policy = RoundingPolicy(
        default,
        form.carry,
        {pattern: _changes(change) for pattern, change in form.roles.items()},
        {key: _changes(change) for key, change in form.again.items()},
    )
    _check_digits(policy, here, written)
    return policy


def _changes(form: RoundingChange) -> dict[str, Any]:
    return {key: getattr(form, key) for key in _ROUNDING_FIELDS if key in form.model_fields_set}


def _check_digits(policy: RoundingPolicy, path: Path, written: Written) -> None:
    places: list[tuple[Path, dict[str, Any]]] = [(path, {})]
    places += [((*path, "roles", key), dict(change)) for key, change in policy.roles.items()]
    places += [((*path, "again", key), dict(change)) for key, change in policy.again.items()]
    for place, change in places:
        kind = change.get("kind", policy.default.kind)
        if kind == "significant" and change.get("digits", policy.default.digits) < 1:
            raise written.error(
                (*place, "digits"), "no significant digit is left", given="0", expected="at least 1"
            )


def _check_key(
    pattern: str, path: Path, units: Collection[str], parameters: Collection[str], written: Written
) -> None:
    """Refuse a quantity key or pattern that can fit nothing."""
    stem = re.split(r"[@#|]", pattern)[0]
    kind, dot, name = stem.partition(".")
    if any(mark in kind for mark in "*?["):
        return
    kinds = {**dict.fromkeys(UNIT_KINDS, units), **dict.fromkeys(PARAMETER_KINDS, parameters)}
    if not dot and kind in SINGLE_KINDS:
        return
    if kind not in kinds or not dot:
        moments = update_names.PARAMETER_KINDS
        known = [*(f"{k}.*" for k in kinds if k not in moments), *SINGLE_KINDS[:2]]
        near = did_you_mean(kind, [*kinds, *SINGLE_KINDS[:2]])
        raise written.error(
            path, "unknown quantity", given=pattern, expected=f"one of {listed(known)}", hint=near
        )
    if not any(mark in name for mark in "*?[") and name not in kinds[kind]:
        what = "parameter" if kind in PARAMETER_KINDS else "unit"
        raise written.error(
            path,
            f"unknown {what} in this key",
            given=pattern,
            expected=f"one of {listed(kinds[kind])}",
            hint=did_you_mean(name, kinds[kind]),
        )


def build_notation(
    form: NotationForm | None, units: Collection[str], parameters: Collection[str], written: Written
) -> NotationChoice:
    """Return the chosen notation.

    Raises:
        ProblemError: an option, a preset, a quantity or a printed name is not usable.
    """
    if form is None:
        return NotationChoice()
    here: Path = ("notation",)
    try:
        preset = check_preset(form.preset) if form.preset is not None else NotationChoice().preset
    except Fault as fault:
        raise _placed(fault, (*here, "preset"), written) from None
    names = {}
    for key, value in form.names.items():
        path = (*here, "names", key)
        if key not in units and key not in parameters:
            _check_key(key, path, units, parameters, written)
        names[key] = _name(value, path, written)
    letters = {}
    for family, value in form.letters.items():
        path = (*here, "letters", family)
        if family not in LETTERS:
            raise written.error(
                path,
                "unknown family of quantities",
                given=family,
                expected=f"one of {listed(LETTERS, 20)}",
                hint=did_you_mean(family, LETTERS),
            )
        letters[family] = _name(value, path, written)
    options = {}
    for key, value in form.options.items():
        try:
            options[key] = check_option(key, value)
        except Fault as fault:
            raise _placed(fault, (*here, key), written) from None
    return NotationChoice(preset, names, options, letters)


def _placed(fault: Fault, path: Path, written: Written) -> Exception:
    return written.error(
        path, fault.message, given=written.at(path), expected=fault.expected, hint=fault.hint
    )


def _name(value: str | NameForm, path: Path, written: Written) -> Name:
    form = "a base with an optional subscript and superscript, as in w_5, w_1,1, hat y_1 or a^2_1"
    if isinstance(value, str):
        text, name = value, None
    else:
        sub, sup = ((piece,) if isinstance(piece, str) else tuple(piece) for piece in (value.sub, value.sup))
        name = Name(value.base, sub, sup, value.accent, value.primes)
        text = str(name)
    try:
        parsed = Name.parse(text)
    except ValueError:
        raise written.error(path, "not a printable name", given=text, expected=form) from None
    if name is not None and parsed != name:
        raise written.error(path, "not a printable name", given=text, expected=form)
    return parsed

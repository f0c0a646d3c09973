"""The notation presets and options that a problem file may choose."""

from __future__ import annotations

from ..notation.notation import OPTIONS
from ..notation.presets import PRESETS
from .faults import Fault
from .suggest import did_you_mean, listed


def check_preset(value: object) -> str:
    """Return the preset's name; raise Fault if it is unknown."""
    if isinstance(value, str) and value in PRESETS:
        return value
    hint = did_you_mean(value, PRESETS) if isinstance(value, str) else ""
    raise Fault("unknown notation preset", expected=f"one of {listed(PRESETS)}", hint=hint)


def check_option(key: str, value: object) -> object:
    """Return the option's value; raise Fault if the option or the value is unknown."""
    if key not in OPTIONS:
        raise Fault(
            "unknown notation option",
            expected=f"preset, names, letters, or one of {listed(OPTIONS, 40)}",
            hint=did_you_mean(key, [*OPTIONS, "preset", "names", "letters"]),
        )
    allowed = OPTIONS[key]
    if isinstance(allowed, tuple):
        if isinstance(value, str) and value in allowed:
            return value
        quoted = ", ".join(text or "''" for text in allowed)
        word = value if isinstance(value, str) else ""
        hint = did_you_mean(word, allowed)
        raise Fault("unknown value of a notation option", expected=f"one of {quoted}", hint=hint)
    if allowed is bool and not isinstance(value, bool):
        raise Fault("not a yes-or-no value", expected="true or false")
    return value

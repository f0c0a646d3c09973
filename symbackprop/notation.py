"""Notation: what quantities are called and how a derivation is laid out in a course."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from .keys import Key
from .names import Name

#: What an author may set under `notation:` beside `preset` and `names`, with the allowed values.
OPTIONS: Mapping[str, tuple[str, ...] | type] = {
    "form": ("chain", "components", "delta", "delta_rule"),
    "updated": ("sub", "sup", "prefix"),
    "second_pass": ("prime", "sup"),
    "bias_factor": bool,
    "weight_first": bool,
    "input_sign": ("", "dot", "times", "star"),
    "factor_sign": ("", "dot", "times", "star"),
    "number_sign": ("dot", "times", "star"),
    "factor_brackets": bool,
    "exp": ("power", "call"),
    "decimal": (".", ","),
}


@dataclass(frozen=True, slots=True)
class NotationChoice:
    """The author's notation: a preset and what differs from it.

    names: by quantity key: `x1`, `w5`, `net.h1`, `act.h1`, `target.o1`, `error.o1`, `delta.h1`,
    `residual.o1`, and `loss`, `learning_rate`, `activation` (the function's letter).
    options: fields of `Notation` other than names, as `OPTIONS` lists them.
    """

    preset: str = "z-a"
    names: Mapping[str, Name] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notation:
    """A course's notation, complete.

    form: how gradients are presented. "chain": each parameter by its whole chain rule;
    "components": factor by factor, hidden parameters by one chain per output error, then summed;
    "delta": error terms delta = dE/dz introduced and reused; "delta_rule": delta = -dE/dz with
    steps that are added.
    net, activation_output, ...: the base letters; a unit's own name follows as subscript.
    updated: how the new value of a parameter is marked: w_5(new), w_5^new or new w_5.
    second_pass: how the pass after the update is marked: z' or z^(1).
    bias_factor: the bias is written 1 b. weight_first: w x instead of x w.
    input_sign, factor_sign: what stands between input and weight, and between factors of a chain.
    """

    title: str
    form: str = "chain"
    net: str = "z"
    hidden: str = "a"
    output: str = "hat y"
    target: str = "y"
    loss: str = "E"
    error: str = "E"
    delta: str = "delta"
    residual: str = "e"
    learning_rate: str = "eta"
    by_number: bool = False  # outputs and targets carry their number, not their unit's name
    updated: str = "sup"
    second_pass: str = "prime"
    bias_factor: bool = False
    weight_first: bool = False
    input_sign: str = ""
    factor_sign: str = "dot"
    number_sign: str = "times"
    factor_brackets: bool = False
    exp: str = "power"
    decimal: str = "."
    sample_mark: str = "({})"  # what marks the sample of a batch, as a superscript
    names: Mapping[str, Name] = field(default_factory=dict)


#: The presets, by the name that `preset:` and `--notation` take.
PRESETS: Mapping[str, Notation] = {
    "z-a": Notation("z, a and y hat, full chain rule", by_number=True),
    "net-out": Notation(
        "net, out and target, full chain rule",
        net="net", hidden="out", output="out", target="target", loss="E_total",
    ),
    "sum-output": Notation(
        "sum, output and target; component by component, one chain per output error",
        form="components", net="sum", hidden="output", output="output", target="target",
        loss="E_total", learning_rate="n", updated="prefix", input_sign="dot",
        factor_sign="dot", factor_brackets=True,
    ),
    "h-a": Notation(
        "h and a, with error terms delta",
        form="delta", net="h", hidden="a", output="a", target="y",
    ),
    "delta-rule": Notation(
        "a and y, delta rule with added steps",
        form="delta_rule", net="a", hidden="y", output="y", target="t", weight_first=True,
    ),
}  # fmt: skip


def notation_of(choice: NotationChoice) -> Notation:
    """Return the complete notation of an author's choice.

    Raises:
        KeyError: no preset of that name.
    """
    options: Mapping[str, Any] = choice.options
    return replace(PRESETS[choice.preset], names=dict(choice.names), **options)


_LAYERED = re.compile(r"(?P<base>[A-Za-z]+?)(?P<layer>\d+)_(?P<to>\d+)(?:_(?P<source>\d+))?")
_NUMBERED = re.compile(r"(?P<base>.*?[^0-9_])_?(?P<number>\d+)")


@lru_cache(maxsize=1 << 16)
def own_name(name: str) -> Name:
    """Return how a unit or parameter is printed by itself: w5 as w with subscript 5.

    The layered default names w2_1_3 and h1_2 carry their layer as a superscript in brackets and
    the receiving unit before the sending one.
    """
    layered = _LAYERED.fullmatch(name)
    if layered:
        base, layer, to, source = layered.groups()
        joined = (to,) if source is None else (to + source,) if len(to + source) == 2 else (to, source)
        return Name(base, joined, (f"({layer})",))
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        return Name(numbered["base"].replace("_", " ").strip(), (numbered["number"],))
    return Name(name.replace("_", " "))


def quantity_name(key: Key, notation: Notation, outputs: Mapping[str, int]) -> Name:
    """Return the name of a quantity that has one of its own (derivatives have none).

    `outputs` gives each output unit's number, counted from 1.
    """
    name = notation.names.get(str(Key(key.kind, key.subject))) if notation.names else None
    if name is None:
        name = _default(key, notation, outputs)
    if key.kind == "new":
        name = _updated(name, notation, key.passes)
    elif key.passes and key.kind != "step":
        name = (
            name.primed() if key.passes == 1 and notation.second_pass == "prime" else
            name.with_sup(f"({key.passes})")
        )  # fmt: skip
    if key.sample is not None:
        name = name.with_sup(notation.sample_mark.format(key.sample))
    return name


def _default(key: Key, notation: Notation, outputs: Mapping[str, int]) -> Name:
    kind, subject = key.kind, key.subject
    if kind in ("new", ""):
        if subject in ("loss", "reported_loss", "learning_rate"):
            letters = {"loss": notation.loss, "reported_loss": "L", "learning_rate": notation.learning_rate}
            return Name.parse(letters[subject])
        return notation.names.get(subject) or own_name(subject)
    if kind == "step":
        inner = notation.names.get(subject) or own_name(subject)
        return replace(inner, base=f"Delta {inner.base}")
    number = outputs.get(subject)
    letter = {
        "net": notation.net,
        "act": notation.hidden if number is None else notation.output,
        "target": notation.target,
        "error": notation.error,
        "delta": notation.delta,
        "residual": notation.residual,
    }[kind]
    base = Name.parse(letter)
    if number is not None and (notation.by_number or kind == "error") and kind != "net":
        if len(outputs) == 1 and kind != "error":
            return base
        return base.with_sub(str(number))
    own = own_name(subject)
    return replace(base.with_sub(own.base + "".join(own.sub)), sup=base.sup + own.sup)


def _updated(name: Name, notation: Notation, passes: int) -> Name:
    if passes > 1:
        return name.with_sup(f"({passes})")
    if notation.updated == "prefix":
        return replace(name, base=f"new {name.base}")
    if notation.updated == "sub":
        return replace(name, sub=(*name.sub[:-1], (name.sub[-1] if name.sub else "") + "(new)"))
    return name.with_sup("new")


def is_derivative(kind: str) -> bool:
    """Return whether quantities of this kind are derivatives, printed as such."""
    return kind in ("dE_dact", "dE_dnet", "dact_dnet", "grad")

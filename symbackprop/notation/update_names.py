"""What the quantities of an update are called: moments, rates, clipped gradients, settings."""

from __future__ import annotations

from collections.abc import Mapping

from ..formulas.names import Name
from ..keys import Key

#: Quantities that are remembered or made in an update and counted by it: `m.w5@2` belongs to the second.
#: The value at the start has no `@`.
COUNTED: Mapping[str, Name] = {
    "velocity": Name("v"),
    "m": Name("m"),
    "v": Name("v"),
    "m_hat": Name("m", accent="hat"),
    "v_hat": Name("v", accent="hat"),
    "accumulator": Name("G"),
    "buffer": Name("b"),
    "u": Name("u"),
    "change": Name("d"),
}

#: Quantities of a pass, made before the update: `clipped.w5@1` is made from `grad.w5@1`.
OF_PASS: Mapping[str, Name] = {
    "clipped": Name("g", accent="tilde"),
    "decayed": Name("g", accent="bar"),
}

#: The letters of both.
LETTERS: Mapping[str, Name] = {**COUNTED, **OF_PASS}

#: Numbers that are set once.
_SETTINGS: Mapping[str, Name] = {
    "optimizer.beta1": Name("beta", ("1",)),
    "optimizer.beta2": Name("beta", ("2",)),
    "optimizer.epsilon": Name("epsilon"),
    "optimizer.momentum": Name("mu"),
    "optimizer.rho": Name("rho"),
    "optimizer.dampening": Name("tau"),
    "optimizer.weight_decay": Name("lambda"),
    "schedule.gamma": Name("gamma"),
    "schedule.decay": Name("d"),
    "schedule.over": Name("T"),
    "schedule.every": Name("s"),
    "regularisation.l1": Name("lambda", ("1",)),
    "regularisation.l2": Name("lambda", ("2",)),
    "clip.bound": Name("c"),
    "clip.epsilon": Name("epsilon"),
}

#: Kinds of quantity that belong to a parameter, and those that stand alone.
PARAMETER_KINDS = (*COUNTED, *OF_PASS, "ahead", "learning_rate", "start_rate")
SINGLE_KINDS = ("data_loss", "penalty", "epoch_loss", "squared_norm", "gradient_norm", "clip_factor")

_ALL = frozenset((*PARAMETER_KINDS, *(text.partition(".")[0] for text in _SETTINGS)))


def is_of_update(key: Key) -> bool:
    """Return whether a quantity has its name from here."""
    return key.kind in _ALL if key.kind else key.subject in SINGLE_KINDS


def update_name(key: Key, rate: Name, loss: Name, own: Name, again: str, chosen: Name | None = None) -> Name:
    """Return the name of a quantity of an update.

    Args:
        key: the quantity.
        rate: the name of the learning rate.
        loss: the name of the loss.
        own: the name of the parameter that the quantity belongs to.
        again: how a second pass is marked, "prime" or "sup".
        chosen: the author's own name for it, still without a pass.
    """
    if chosen is not None:
        counted = key.kind in COUNTED
        return at_update(chosen, str(key.passes)) if counted else passed(chosen, key.passes, again)
    if not key.kind:
        return passed(_single(key.subject, loss), key.passes, again)
    if key.kind in COUNTED:
        return at_update(of_parameter(COUNTED[key.kind], own), str(key.passes))
    if key.kind == "ahead":
        return passed(Name(own.base, own.sub, own.sup, "tilde", own.primes), key.passes, again)
    if key.kind in OF_PASS:
        return passed(of_parameter(OF_PASS[key.kind], own), key.passes, again)
    if key.kind == "learning_rate":
        return passed(of_parameter(rate, own), key.passes, again)
    if key.kind == "start_rate":
        return of_parameter(rate.with_sub("0"), own)
    if key.kind == "schedule" and key.subject in ("start", "end"):
        return rate.with_sub("0" if key.subject == "start" else "end")
    return _SETTINGS[f"{key.kind}.{key.subject}"]


def of_parameter(letter: Name, own: Name) -> Name:
    """Return a letter with a parameter's name as its index."""
    index = own.base + ",".join(own.sub)
    return Name(letter.base, (*letter.sub, index), (*letter.sup, *own.sup), letter.accent, letter.primes)


def at_update(name: Name, update: str) -> Name:
    """Return a name with the number of the update: above, or below where the layer stands above."""
    return name.with_sub(f"t={update}") if name.sup else name.with_sup(f"({update})")


def passed(name: Name, passes: int, again: str) -> Name:
    """Return a name as it stands after so many updates."""
    if not passes:
        return name
    return name.primed() if passes == 1 and again == "prime" else at_update(name, str(passes))


def _single(subject: str, loss: Name) -> Name:
    return {
        "data_loss": loss.with_sub("data"),
        "penalty": Name("R"),
        "epoch_loss": loss.with_sub("all"),
        "squared_norm": Name("norm", sup=("2",)),
        "gradient_norm": Name("norm"),
        "clip_factor": Name("kappa"),
    }[subject]

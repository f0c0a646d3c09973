"""Another quantity's value read: net input for activation, new weight for old, a neighbour's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..formulas.terms import Term, keys
from .editing import swapped, swapped_all
from .mistake import Mistake, Rule, Step, Variant

#: Kinds of the backward pass, in which the weights are those of the pass before.
BACKWARD = frozenset({"dE_dact", "dE_dnet", "delta", "grad", "dE_dtarget"})

#: Kinds of the quantities of a unit that one may take for another's.
_OF_UNITS = frozenset(
    {"net", "act", "dact_dnet", "error", "dE_dact", "dE_dnet", "delta", "residual", "target"}
)


def _one_or_all(step: Step, instead: Callable[[str], str]) -> Iterator[Variant]:
    """Yield the formula with each quantity replaced that `instead` has another for, then with all of them."""
    found = {
        used: other for used in keys(step.formula) if (other := instead(used)) and step.sweep.known(other)
    }
    for used, other in found.items():
        changed = swapped(step.formula, used, step.sweep.term(other))
        yield Variant(changed, (used, other), partly=len(found) > 1)
    if len(found) > 1:
        terms = {used: step.sweep.term(other) for used, other in found.items()}
        yield Variant(swapped_all(step.formula, terms.get))


def _net_for_activation(step: Step) -> Iterator[Variant]:
    sweep, parts = step.sweep, step.parts
    if parts.kind in ("dact_dnet", "act"):
        return

    def net(used: str) -> str:
        found = sweep.parts(used)
        return str(found._replace(kind="net")) if found.kind == "act" else ""

    yield from _one_or_all(step, net)


def _updated_weight(step: Step) -> Iterator[Variant]:
    if step.kind in BACKWARD:
        yield from _one_or_all(step, step.sweep.updated)


def _stale(step: Step) -> Iterator[Variant]:
    if step.kind in ("new", "step", "grad", "m", "v", "velocity") and not step.parts.passes:
        return
    yield from _one_or_all(step, step.sweep.earlier)


def _each_neighbour(step: Step, fits: Callable[[str], bool]) -> Iterator[Variant]:
    for used in keys(step.formula):
        if fits(used):
            for other in step.sweep.neighbours(used):
                yield Variant(swapped(step.formula, used, step.sweep.term(other)), (used, other))


def _another_weight(step: Step) -> Iterator[Variant]:
    sweep = step.sweep
    yield from _each_neighbour(step, lambda used: bool(sweep.parameter_of(used)))
    if step.kind == "new":  # the value of another, already updated, as the old one
        for used in keys(step.formula):
            if sweep.parameter_of(used) == step.parts.subject:
                for other in sweep.neighbours(used):
                    later = sweep.updated(other)
                    if later:
                        yield Variant(swapped(step.formula, used, sweep.term(later)), (used, later))


def _weights_transposed(step: Step) -> Iterator[Variant]:
    sweep = step.sweep

    def mirrored(used: str) -> Term | None:
        other = sweep.mirrored.get(sweep.parameter_of(used))
        return None if other is None else sweep.term(sweep.at_pass(other, sweep.pass_of(used)))

    if step.kind != "new":
        changed = swapped_all(step.formula, mirrored)
        if changed != step.formula:
            yield Variant(changed)


def _another_input(step: Step) -> Iterator[Variant]:
    sweep = step.sweep
    yield from _each_neighbour(
        step, lambda used: not sweep.parts(used).kind and sweep.parts(used).subject in sweep.inputs
    )


def _another_unit(step: Step) -> Iterator[Variant]:
    yield from _each_neighbour(step, lambda used: step.sweep.parts(used).kind in _OF_UNITS)


def _another_gradient(step: Step) -> Iterator[Variant]:
    kinds = ("grad", "step", "m", "v", "m_hat", "v_hat", "velocity", "optimizer")
    if step.kind in ("new", "step", "m", "v", "m_hat", "v_hat", "velocity"):
        yield from _each_neighbour(step, lambda used: step.sweep.parts(used).kind in kinds)


def _another_sample(step: Step) -> Iterator[Variant]:
    sweep = step.sweep
    count = len(sweep.problem.samples)
    if count < 2 or step.parts.sample is None:
        return
    for number in range(1, count + 1):
        if number == step.parts.sample:
            continue

        def moved(used: str, number: int = number) -> str:
            found = sweep.parts(used)
            return str(found._replace(sample=number)) if found.sample == step.parts.sample else ""

        yield from _one_or_all(step, moved)


def _uncorrected(step: Step) -> Iterator[Variant]:
    sweep = step.sweep

    def plain(used: str) -> str:
        found = sweep.parts(used)
        return str(found._replace(kind=found.kind[0])) if found.kind in ("m_hat", "v_hat") else ""

    yield from _one_or_all(step, plain)


def _gradient_for_moment(step: Step) -> Iterator[Variant]:
    """Yield the update by the gradient itself where the rule has a moment made of it."""
    sweep = step.sweep

    def gradient(used: str) -> str:
        found = sweep.parts(used)
        if found.kind not in ("velocity", "m", "m_hat", "buffer", "clipped", "decayed"):
            return ""
        passes = found.passes - 1 if found.kind in ("velocity", "m", "m_hat", "buffer") else found.passes
        return str(found._replace(kind="grad", passes=max(passes, 0)))

    if step.kind == "new":
        yield from _one_or_all(step, gradient)


def _mistake(
    name: str, title: str, student: str, instructor: str, applies: str, often: float, rule: Rule
) -> Mistake:
    one_alone = name.startswith("another_")
    return Mistake(name, title, student, instructor, applies, often, rule, not one_alone)


MISREADINGS = (
    _mistake(
        "pre_activation_used",
        "pre-activation used as activation",
        "You went on with the net input z where the activation a = f(z) belongs: the unit sends out a.",
        "The net input stands where the activation belongs.",
        "whatever uses what a unit sends out",
        4.0,
        _net_for_activation,
    ),
    _mistake(
        "updated_weight_used",
        "already updated weight used",
        "You used a weight that was updated already; the derivatives of this pass are taken at the "
        "weights that made it.",
        "The backward pass reads new weights where the old ones belong.",
        "derivatives that are passed back through a weight",
        5.0,
        _updated_weight,
    ),
    _mistake(
        "stale_value",
        "a stale earlier value",
        "You used a value from before the update; this pass goes with the new ones.",
        "A value of an earlier pass, or an earlier version of a number, was used.",
        "passes after an update, and numbers that were changed",
        4.0,
        _stale,
    ),
    _mistake(
        "another_weight",
        "another weight's value",
        "You used the value of another weight; follow the edge and see which weight lies on it.",
        "A neighbouring parameter was read for the right one.",
        "whatever uses a weight or a bias",
        4.0,
        _another_weight,
    ),
    _mistake(
        "weights_transposed",
        "weights transposed",
        "The weights are read by columns where they stand by rows: row and column have changed places.",
        "The weight matrix was transposed.",
        "square layers",
        2.0,
        _weights_transposed,
    ),
    _mistake(
        "another_input",
        "another input",
        "You used another input; the derivative by a weight is what comes in along that very weight.",
        "Another input was read for the right one.",
        "whatever uses an input",
        4.0,
        _another_input,
    ),
    _mistake(
        "another_unit",
        "another unit's value",
        "You used the value of another unit of the layer.",
        "A neighbouring unit's value was read for the right one.",
        "whatever uses a unit's quantities, or a target",
        3.0,
        _another_unit,
    ),
    _mistake(
        "another_gradient",
        "another parameter's gradient",
        "You used the gradient, the step or a moment of another parameter.",
        "A neighbouring parameter's gradient or moment was read for the right one.",
        "updates",
        2.0,
        _another_gradient,
    ),
    _mistake(
        "another_sample",
        "another sample's value",
        "You used a value of another sample.",
        "A value of another sample was read for the right one.",
        "batches",
        2.0,
        _another_sample,
    ),
    _mistake(
        "bias_correction_forgotten",
        "bias correction forgotten",
        "You used the moment itself; Adam divides it first, by one minus its beta to the power t, "
        "because it started at zero.",
        "Adam's moments were used without the correction of their start.",
        "Adam",
        3.0,
        _uncorrected,
    ),
    _mistake(
        "gradient_for_moment",
        "the gradient instead of the moment",
        "You updated by the gradient itself; this rule goes by what it has collected: velocity or moment.",
        "The update ignores the momentum, the moment or the clipping.",
        "updates with momentum, moments, clipping or decay",
        2.0,
        _gradient_for_moment,
    ),
)

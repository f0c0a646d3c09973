"""The conditions of one structure, measured on the problem's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from ..formulas.terms import Term
from ..keys import key, parse_key
from ..network.operations import Activation, LayerActivation, UnitActivation
from ..numbers.digits import as_double
from ..numbers.evaluate import NoValue, Reals, RealTable, evaluate_real
from ..rules import activation_rule
from ..rules.derivation import slot
from ..spec.data import values_of
from .answers import Answers, Digits, EqualAnswers
from .condition import Check, share
from .drawn import EqualSamples, allowed, equal_samples, signs_of
from .kinks import Branches, Kinks, branches, cases_of, distances, kinks_of
from .plan import Plan
from .quality import Quality
from .screen import Screen
from .stream import Stream
from .units import LivingAndDead, Saturation, life, steepness

#: So many draws show whether a ReLU layer can have dead units at all, and so many of them have to.
PROBES, ENOUGH = 48, 3

#: So large a share of the answers may be 0 where dead units pass nothing on.
MOST_DEAD = Fraction(1, 2)

#: Where some units are saturated, or near a kink, with the problem's own numbers, others may be half as
#: flat or near.
FLATTER = 0.5


@dataclass(frozen=True)
class Checks:
    """What is asked of a draw: of its numbers alone, then of all values."""

    numbers: tuple[Check, ...]
    values: tuple[Check, ...]

    def reason(self, numbers: Reals) -> str | None:
        """Return why the numbers of a draw are not wanted, None if they are."""
        return next((check.reason for check in self.numbers if check.rejects(numbers)), None)


def checks_of(screen: Screen, plan: Plan, quality: Quality, main: Screen) -> Checks:
    """Return the conditions of a structure; `main` is the problem's own, against which they are measured."""
    return Checks(tuple(_of_numbers(screen, plan, quality)), tuple(_of_values(screen, plan, quality, main)))


def _of_numbers(screen: Screen, plan: Plan, quality: Quality) -> Iterator[Check]:
    """Yield what can be seen from the numbers alone."""
    if quality.effort is not None:
        yield signs_of(plan, quality.effort)
    problem = screen.problem
    tested = allowed(problem, plan)
    if tested is not None:
        yield tested
    if quality.distinct and len(problem.samples) > 1:
        samples = tuple(
            tuple(key(unit, "", sample=sample) for unit in data.inputs)
            for sample, data in enumerate(problem.samples, start=1)
        )
        given = {text: screen.own[text] for sample in samples for text in sample}
        yield EqualSamples(samples, given, equal_samples(samples, given))


def _of_values(screen: Screen, plan: Plan, quality: Quality, main: Screen) -> Iterator[Check]:
    """Yield what is seen in the forward pass, and then in the answers."""
    if quality.saturation is not None:
        least = float(quality.saturation)
        own = steepness(_slopes(main), main.own)
        flat = [slope for slope in own if slope < least]
        yield Saturation(
            _slopes(screen), least, share(len(flat), len(own)), FLATTER * min(flat, default=least)
        )
    if quality.living_and_dead is not None:
        layers = _rectified(screen)
        if layers:
            yield _living_and_dead(layers, screen, plan, quality.living_and_dead, main)
    if quality.kink is not None:
        least = float(quality.kink)
        own = distances(_kinks(main), main.own)
        near = [distance for distance in own if distance < least]
        yield Kinks(_kinks(screen), least, share(len(near), len(own)), FLATTER * min(near, default=least))
    if quality.effort is not None:
        cases = cases_of({text: f for text, f in screen.formulas.items() if _is_case(text)})
        found = cases_of({text: f for text, f in main.formulas.items() if _is_case(text)})
        if cases:
            yield Branches(cases, {text: branches(each, main.own) for text, each in found.items()})
    answers, theirs = (
        Answers(screen.asked, screen.problem.rounding),
        Answers(main.asked, main.problem.rounding),
    )
    yield from answers_of(answers, quality, theirs, main.own, dead=bool(_rectified(screen)))


def answers_of(
    answers: Answers, quality: Quality, main: Answers, own: Reals, *, dead: bool
) -> Iterator[Check]:
    """Yield the conditions on answers, measured on those of the problem itself.

    dead: there may be dead units, whose zeros are no vanishing answers.
    """
    rounded = main.rounded(own)
    if quality.digits is not None:
        counts = main.digits(own)
        spared = max(MOST_DEAD, share(counts.count(None), len(counts))) if dead else Fraction(0)
        few = [digits or 0 for digits in counts if not (dead and digits is None)]
        shares = (share(sum(d <= most for d in few), len(counts)) for most in range(quality.digits))
        yield Digits(answers, quality.digits, tuple(shares), spared)
    if quality.distinct_answers:
        yield EqualAnswers(answers, share(main.doubles(rounded), len(rounded)))


def _is_case(text: str) -> bool:
    """Return whether a quantity is one whose cases make more or less work: of clipping, or of a loss."""
    parts = parse_key(text)
    return parts.kind in ("clipped", "error") or parts.subject in ("clip_factor", "loss")


def _kinks(screen: Screen) -> tuple[tuple[Term, ...], ...]:
    forward = ("net", "act", "error", "clipped")
    return kinks_of(
        formula
        for text, formula in screen.formulas.items()
        if parse_key(text).kind in forward or parse_key(text).subject in ("loss", "clip_factor")
    )


# --- slopes ----------------------------------------------------------------------------------------


def _slopes(screen: Screen) -> dict[str, float]:
    """Return, by key, the slope of each activation that is bounded on both sides, and its steepest."""
    found: dict[str, float] = {}
    for operation in screen.graph.operations:
        if not isinstance(operation, UnitActivation | LayerActivation):
            continue
        text = key("dact_dnet", operation.unit, sample=operation.sample)
        steepest = _steepest(operation.activation)
        if steepest and text in screen.formulas:
            found[text] = steepest
    return found


def _steepest(activation: Activation) -> float:
    """Return the steepest slope of an activation that has values on one side and on the other: that at 0.

    0 for an activation that is not bounded on both sides, and for the step, which has no slope.
    """
    low, high, _ = values_of(activation)
    if activation.name == "softmax":
        return 0.25
    if low is None or high is None or activation.name == "step":
        return 0.0
    rule, settings = activation_rule(activation), activation.settings
    nothing = RealTable({"z": fmpq(0)})
    middle = evaluate_real(rule.formula(slot("z"), settings), nothing)
    slope = evaluate_real(
        rule.derivative(slot("z"), slot("a"), settings), RealTable({"z": fmpq(0), "a": middle})
    )
    return abs(as_double(slope))


# --- living and dead units -------------------------------------------------------------------------


def _rectified(screen: Screen) -> dict[str, tuple[str, ...]]:
    """Return the keys of the activations of each layer of ReLUs, by the layer."""
    place: dict[str, str] = {}
    if screen.problem.architecture is None:
        place = {unit: f"layer {layer.name}" for layer in screen.problem.layers for unit in layer.units}
    else:
        stages = screen.problem.architecture.stages
        place = {o.key: stage.title for stage in stages for o in stage.operations}
    layers: dict[str, list[str]] = {}
    for operation in screen.graph.operations:
        if isinstance(operation, UnitActivation) and operation.activation.name == "relu":
            where = place.get(operation.unit) or place.get(operation.key, "")
            layers.setdefault(where, []).append(operation.key)
    return {where: tuple(texts) for where, texts in layers.items()}


def _living_and_dead(
    layers: Mapping[str, tuple[str, ...]], screen: Screen, plan: Plan, enough: int, main: Screen
) -> LivingAndDead:
    """Return the condition: dead units are asked of layers that have some, and of those with enough units.

    If there are hardly any in some draws, always the same ones, the ranges do not allow them.
    """
    own = {where: life(texts, main.own) for where, texts in _rectified(main).items()}
    living: list[bool] = []
    dead: list[bool] = []
    relaxed: list[str] = []
    for where, texts in layers.items():
        alive, flat = own.get(where, (1, 0))
        large = len({parse_key(text).subject for text in texts}) >= enough
        wanted = bool(alive) and (bool(flat) or large)
        possible = wanted and _probed(texts, screen, plan) >= ENOUGH
        if wanted and not possible:
            relaxed.append(where)
        living.append(bool(alive))
        dead.append(possible)
    text = f"hardly any draw has both living and dead units: {', '.join(relaxed)}" if relaxed else ""
    return LivingAndDead(tuple(layers.values()), tuple(living), tuple(dead), relaxed=text)


def _probed(layer: tuple[str, ...], screen: Screen, plan: Plan) -> int:
    """Return in how many of some draws, always the same ones, a layer has living and dead units."""
    count = 0
    for number in range(PROBES):
        try:
            hand = plan.draw(Stream("probe", str(number)))
            living, dead = life(layer, screen.run({text: drawn[1] for text, drawn in hand.numbers.items()}))
        except NoValue:
            continue
        count += bool(living and dead)
    return count

"""Activations and losses: each formula the textbook's, each shown derivative proved equal to SymPy's."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy

from symbackprop.document.dense.softmax import jacobian_steps
from symbackprop.formulas.names import Name
from symbackprop.formulas.symbolic import equal, from_sympy, sympy_symbol, to_sympy
from symbackprop.formulas.terms import Number, Symbol, Term
from symbackprop.network.operations import Activation
from symbackprop.numbers.digits import Value
from symbackprop.numbers.evaluate import evaluate
from symbackprop.rules import ACTIVATIONS, LAYER_ACTIVATIONS, LOSSES, activation_rule, loss_rule
from symbackprop.rules.activation import KINK, rational
from symbackprop.rules.derivation import slot
from symbackprop.rules.loss import JointLossRule, LossRule, Targets
from symbackprop.spec.problem import Loss

Z, A, T, O = (sympy_symbol(name) for name in "zato")  # noqa: E741
S = sympy_symbol
SIGMOID, SOFTPLUS = 1 / (1 + sympy.exp(-Z)), sympy.log(1 + sympy.exp(Z))
CLAMPED = S("slope") * Z + S("offset")

#: The functions themselves, as any textbook defines them.
TEXTBOOK: dict[str, Any] = {
    "sigmoid": SIGMOID,
    "tanh": (sympy.exp(Z) - sympy.exp(-Z)) / (sympy.exp(Z) + sympy.exp(-Z)),
    "relu": sympy.Max(0, Z),
    "leaky_relu": sympy.Piecewise((Z, Z > 0), (S("negative_slope") * Z, True)),
    "elu": sympy.Piecewise((Z, Z > 0), (S("alpha") * (sympy.exp(Z) - 1), True)),
    "selu": S("scale") * sympy.Piecewise((Z, Z > 0), (S("alpha") * (sympy.exp(Z) - 1), True)),
    "celu": sympy.Piecewise((Z, Z > 0), (S("alpha") * (sympy.exp(Z / S("alpha")) - 1), True)),
    "softplus": SOFTPLUS,
    "softsign": sympy.Piecewise((Z / (1 + Z), Z > 0), (Z / (1 - Z), True)),
    "silu": Z * SIGMOID,
    "gelu": Z * (1 + sympy.erf(Z / sympy.sqrt(2))) / 2,
    "gelu_tanh": Z
    * (1 + sympy.tanh(sympy.sqrt(2 / sympy.pi) * (Z + sympy.Rational(44715, 10**6) * Z**3)))
    / 2,
    "mish": Z * sympy.tanh(SOFTPLUS),
    "hard_sigmoid": sympy.Piecewise((1, CLAMPED >= 1), (0, CLAMPED <= 0), (CLAMPED, True)),
    "hardtanh": sympy.Piecewise(
        (S("max_val"), S("max_val") <= Z), (S("min_val"), S("min_val") >= Z), (Z, True)
    ),
    "step": sympy.Piecewise((1, Z > 0), (S("at_zero"), sympy.Eq(Z, 0)), (S("low"), True)),
    "identity": Z,
}
#: Points in every branch; the settings are the defaults there.
POINTS = (-4, -2, sympy.Rational(-1, 2), sympy.Rational(1, 2), 2, 4)


def setting(name: str) -> Symbol:
    return Symbol(Name(name), name)


def branch(expression: Any, point: Any, settings: dict[str, str]) -> Any:
    """Return what an expression by cases is at a point, settings and z staying symbols."""
    values = {Z: point, **{S(name): sympy.Rational(text) for name, text in settings.items()}}

    def chosen(*arguments: Any) -> Any:
        for value, condition in arguments:
            if condition.subs(values) == True:  # noqa: E712 - SymPy's own truth value
                return value
        raise AssertionError("no case holds")

    flat = expression.replace(sympy.Abs, lambda inner: inner if inner.subs(values) > 0 else -inner)
    flat = flat.replace(sympy.sign, lambda inner: sympy.sign(inner.subs(values)))
    largest = flat.replace(sympy.Max, lambda *parts: max(parts, key=lambda part: part.subs(values)))
    return largest.replace(sympy.Piecewise, chosen)


# --- activations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name: str) -> None:
    """The forward formula is the textbook's; the shown derivative is SymPy's, with symbols for settings."""
    rule = ACTIVATIONS[name]
    given = {key: setting(key) for key in rule.settings}
    forward = to_sympy(rule.formula(slot("z"), given))
    shown = to_sympy(rule.derivative(slot("z"), slot("a"), given))
    raw = to_sympy(rule.raw_derivative(given))
    for point in POINTS:
        here = branch(forward, point, dict(rule.settings))
        assert equal(here, branch(TEXTBOOK[name], point, dict(rule.settings)))
        expected = sympy.diff(here, Z)
        assert equal(branch(raw, point, dict(rule.settings)), expected)
        if not rule.convention:
            assert equal(branch(shown.subs(A, here), point, dict(rule.settings)), expected), point
    assert shown.free_symbols <= {Z, A, *map(S, rule.settings)}
    assert TEXTBOOK.keys() == ACTIVATIONS.keys()


def test_only_the_step_takes_a_convention_for_its_slope() -> None:
    assert [name for name, rule in ACTIVATIONS.items() if rule.convention] == ["step"]
    rule = ACTIVATIONS["step"]
    for slope in ("0", "1"):
        settings = {**{name: Number(text) for name, text in rule.settings.items()}, "slope": Number(slope)}
        assert rule.derivative(slot("z"), slot("a"), settings) == Number(slope)


def kinked(name: str) -> tuple[str, ...]:
    return {"hard_sigmoid": ("-3", "3"), "hardtanh": ("-1", "1")}.get(name, ("0",))


def slope_at(name: str, point: str, **more: Number) -> tuple[Fraction, Any, Any]:
    """Return the slope taken at a point, and SymPy's limits from the left and from the right."""
    rule = ACTIVATIONS[name]
    defaults = dict(rule.settings) | ({"alpha": "1/3"} if name == "elu" else {})  # with 1 it has no kink
    settings = {key: Number(text) for key, text in defaults.items()} | more
    forward = rule.formula(slot("z"), settings)
    values = {"z": Value.of_number(Number(point))}
    values["a"] = evaluate(forward, values)
    slope = evaluate(rule.derivative(slot("z"), slot("a"), settings), values)
    assert slope.exact is not None or name in ("gelu", "gelu_tanh", "mish")
    number = Fraction(str(slope.exact)) if slope.exact is not None else Fraction(float(slope.ball))
    function = to_sympy(forward)
    at, small = sympy.Rational(point), sympy.Rational(1, 10**6)
    below, above = (
        sympy.limit(sympy.diff(branch(function, at + side, defaults), Z), Z, at) for side in (-small, small)
    )
    return number, below, above


@pytest.mark.parametrize(
    ("name", "point"),
    [(name, point) for name, rule in ACTIVATIONS.items() if not rule.convention for point in kinked(name)],
)
def test_activation_at_its_kink(name: str, point: str) -> None:
    """A rule with a kink says which side counts; the slope of one without is continuous there."""
    slope, below, above = slope_at(name, point)
    assert bool(ACTIVATIONS[name].kink_convention) == (below != above)
    if below == above:
        assert abs(float(slope) - float(below)) < 1e-12
    elif name in ("hard_sigmoid", "hardtanh"):
        assert slope == 0  # flat outside: what PyTorch takes
    else:
        assert slope == Fraction(str(below))


@pytest.mark.parametrize("share", ["0", "1", "1/2", "0.25"])
@pytest.mark.parametrize(
    ("name", "point"),
    [(name, point) for name, rule in ACTIVATIONS.items() if rule.kink_convention for point in kinked(name)],
)
def test_the_author_chooses_the_slope_at_a_kink(name: str, point: str, share: str) -> None:
    slope, below, above = slope_at(name, point, **{KINK: Number(share)})
    expected = below + sympy.Rational(share) * (above - below)
    assert slope == Fraction(str(expected))
    statement = ACTIVATIONS[name].kink_statement({KINK: Number(share)})
    sides = {"0": "from the left.", "1": "from the right."}
    assert sides.get(share, f"plus {share} times the difference") in statement


def test_what_is_zero_at_a_kink() -> None:
    for name, rule in ACTIVATIONS.items():
        settings = {key: Number(text) for key, text in rule.settings.items()}
        kinks = [to_sympy(kink) for kink in rule.kinks(slot("z"), settings)]
        if not rule.kink_convention:
            assert kinks == []
        else:
            found = {solution for kink in kinks for solution in sympy.solve(kink, Z)}
            assert found == {sympy.Rational(point) for point in kinked(name)}


@pytest.mark.parametrize("name", [name for name, rule in ACTIVATIONS.items() if rule.inverse is not None])
def test_inverse(name: str) -> None:
    rule = ACTIVATIONS[name]
    inverse = to_sympy(rule.inverse_formula(slot("a")))
    forward = to_sympy(rule.formula(slot("z"), {}))
    assert equal(forward.subs(Z, inverse), A)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_sympys_own_results_come_back(name: str) -> None:
    rule = ACTIVATIONS[name]
    term = rule.raw_derivative({key: setting(key) for key in rule.settings})
    again = to_sympy(from_sympy(to_sympy(term), slot))
    for point in POINTS:
        here, there = (branch(item, point, dict(rule.settings)) for item in (again, to_sympy(term)))
        assert equal(here, there)


def test_the_step_at_zero() -> None:
    for at_zero, low in (("1", "0"), ("0", "0"), ("1/2", "0"), ("0", "-1"), ("-1", "-1")):
        settings = {"slope": Number("1"), "at_zero": Number(at_zero), "low": Number(low)}
        formula = ACTIVATIONS["step"].formula(slot("z"), settings)
        found = [evaluate(formula, {"z": Value.of_number(Number(z))}).exact for z in ("-2", "0", "2")]
        assert [str(value) for value in found] == [low, at_zero, "1"]


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 2, 4])
@pytest.mark.parametrize("name", LAYER_ACTIVATIONS)
def test_layer_activation(name: str, units: int) -> None:
    """Every entry of the Jacobian is SymPy's derivative of the textbook's function."""
    rule = LAYER_ACTIVATIONS[name]
    nets = [Symbol(Name("z", (str(i),)), f"net.o{i}") for i in range(units)]
    acts = [Symbol(Name("a", (str(i),)), f"act.o{i}") for i in range(units)]
    symbols = [S(net.key) for net in nets]
    total = sum(sympy.exp(symbol) for symbol in symbols)
    textbook = [sympy.exp(symbol) / total for symbol in symbols]
    if name == "log_softmax":
        textbook = [symbol - sympy.log(total) for symbol in symbols]
    known = {S(act.key): value for act, value in zip(acts, textbook, strict=True)}
    for of in range(units):
        assert equal(to_sympy(rule.formula(of, nets)), textbook[of])
        for by in range(units):
            shown = to_sympy(rule.derivative(of, by, acts)).subs(known)
            assert equal(shown, sympy.diff(textbook[of], symbols[by]))


@pytest.mark.parametrize("name", LAYER_ACTIVATIONS)
def test_the_steps_to_the_jacobian(name: str) -> None:
    """What the sheet shows between the formula and the short form is SymPy's derivative too."""
    forward, own, other = (
        to_sympy(term).subs(S("S"), sympy.exp(S("zi")) + sympy.exp(S("zj")) + S("rest"))
        for term in jacobian_steps(name, slot("zi"), slot("zj"), slot("S"))
    )
    assert equal(own, sympy.diff(forward, S("zi")))
    assert equal(other, sympy.diff(forward, S("zj")))


# --- losses --------------------------------------------------------------------------------------

DELTA, MARGIN = S("delta"), S("margin")
LOSS_TEXTBOOK: dict[str, Callable[[int], Any]] = {
    "half_squared_error": lambda k: (T - O) ** 2 / 2,
    "squared_error": lambda k: (T - O) ** 2,
    "mean_squared_error": lambda k: (T - O) ** 2 / k,
    "absolute_error": lambda k: sympy.Abs(T - O),
    "mean_absolute_error": lambda k: sympy.Abs(T - O) / k,
    "huber": lambda k: sympy.Piecewise(
        ((T - O) ** 2 / 2, sympy.Abs(T - O) <= DELTA), (DELTA * (sympy.Abs(T - O) - DELTA / 2), True)
    ),
    "log_cosh": lambda k: sympy.log(sympy.cosh(O - T)),
    "binary_cross_entropy": lambda k: -T * sympy.log(O) - (1 - T) * sympy.log(1 - O),
    "binary_cross_entropy_with_logits": lambda k: (
        -T * sympy.log(1 / (1 + sympy.exp(-O))) - (1 - T) * sympy.log(1 - 1 / (1 + sympy.exp(-O)))
    ),
    "cross_entropy": lambda k: -T * sympy.log(O),
    "kl_divergence": lambda k: T * sympy.log(T / O),
    "negative_log_likelihood": lambda k: -T * O,
    "hinge": lambda k: sympy.Max(0, MARGIN - T * O),
    "squared_hinge": lambda k: sympy.Max(0, MARGIN - T * O) ** 2,
}
SINGLE = {name: rule for name, rule in LOSSES.items() if isinstance(rule, LossRule)}
JOINT = {name: rule for name, rule in LOSSES.items() if isinstance(rule, JointLossRule)}


def numerically_equal(left: Any, right: Any, points: tuple[dict[Any, Any], ...]) -> bool:
    return all(abs(sympy.N((left - right).subs(point), 40)) < sympy.Float("1e-30") for point in points)


#: Targets and outputs on both sides of every kink, with numbers for the settings.
LOSS_POINTS = tuple(
    {T: sympy.Rational(t), O: sympy.Rational(o), DELTA: sympy.Rational(1, 3), MARGIN: sympy.Rational(3, 2)}
    for t in ("1", "1/7")
    for o in ("1/9", "2/5", "9/10")
)


@pytest.mark.parametrize("constant", [None, "1/2", "3", "0.7"])
@pytest.mark.parametrize("outputs", [1, 2, 3, 4])
@pytest.mark.parametrize("name", SINGLE)
def test_loss(name: str, outputs: int, constant: str | None) -> None:
    """The error is the textbook's, times the constant; the shown derivative and SymPy's own agree with it."""
    settings = {key: setting(key) for key in SINGLE[name].settings}
    number = None if constant is None else Number(constant)
    rule = loss_rule(Loss(name, settings=settings, constant=number))  # type: ignore[arg-type]
    assert isinstance(rule, LossRule)
    factor = sympy.Rational(constant or 1)
    error = to_sympy(rule.formula(slot("t"), slot("o"), outputs))
    textbook = factor * LOSS_TEXTBOOK[name](outputs)
    shown = to_sympy(rule.derivative(slot("t"), slot("o"), outputs))
    raw = to_sympy(rule.raw_derivative(outputs))
    by_target = to_sympy(rule.derivative_by_target(slot("t"), slot("o"), outputs))
    assert LOSS_TEXTBOOK.keys() == SINGLE.keys()
    if settings or "absolute" in name or "logits" in name or name == "log_cosh":
        assert numerically_equal(error, textbook, LOSS_POINTS)
        for found, by in ((shown, O), (raw, O), (by_target, T)):
            assert numerically_equal(found, derivative_at_points(textbook, by), LOSS_POINTS)
        return
    assert equal(error, textbook) or numerically_equal(error, textbook, LOSS_POINTS)
    assert equal(shown, sympy.diff(error, O))
    assert equal(raw, sympy.diff(error, O))
    assert equal(by_target, sympy.diff(error, T))


def derivative_at_points(function: Any, by: Any) -> Any:
    """Return SymPy's derivative, the largest of several written by cases first."""
    by_cases = function.replace(
        lambda part: isinstance(part, sympy.Max), lambda part: part.rewrite(sympy.Piecewise)
    )
    return sympy.diff(by_cases, by)


@pytest.mark.parametrize("name", ["absolute_error", "log_cosh", "binary_cross_entropy_with_logits"])
def test_losses_proved_with_settings_aside(name: str) -> None:
    rule = SINGLE[name]
    error = to_sympy(rule.formula(slot("t"), slot("o"), 3))
    assert equal(to_sympy(rule.derivative(slot("t"), slot("o"), 3)), sympy.diff(error, O))


@pytest.mark.parametrize("constant", [None, "1/3"])
@pytest.mark.parametrize("values", [("0", "1", "0"), ("0", "0", "1"), ("1", "0", "0"), ("0.2", "0.5", "0.1")])
@pytest.mark.parametrize("name", JOINT)
def test_joint_loss(name: str, values: tuple[str, ...], constant: str | None) -> None:
    """Over all outputs: the textbook's value, and SymPy's derivative by every output and target."""
    if name == "multi_class_hinge" and "1" not in values:
        pytest.skip("names one class only")
    number = None if constant is None else Number(constant)
    rule = loss_rule(Loss(name, constant=number))
    assert isinstance(rule, JointLossRule)
    targets = Targets(tuple(slot(f"t{k}") for k in range(3)), tuple(Fraction(text) for text in values))
    outputs = [slot(f"o{k}") for k in range(3)]
    t, o = [S(f"t{k}") for k in range(3)], [S(f"o{k}") for k in range(3)]
    factor = sympy.Rational(constant or 1)
    if name == "cross_entropy_with_logits":
        total = sum(map(sympy.exp, o))
        textbook = -sum(ti * sympy.log(sympy.exp(oi) / total) for ti, oi in zip(t, o, strict=True))
    else:
        right = values.index("1")
        textbook = sum(sympy.Max(0, 1 - o[right] + o[k]) for k in range(3) if k != right)
    known = dict(zip(t, map(sympy.Rational, values), strict=True))
    points = tuple(
        {**known, **dict(zip(o, map(sympy.Rational, point), strict=True))}
        for point in (("0.3", "1.9", "-0.4"), ("2.5", "-1.2", "0.7"), ("-0.6", "0.1", "3.3"))
    )
    formula = rule.formula(targets, outputs)
    assert numerically_equal(to_sympy(formula), factor * textbook, points)
    for k in range(3):
        expected = derivative_at_points(factor * textbook, o[k])
        assert numerically_equal(to_sympy(rule.derivative(k, targets, outputs)), expected, points)
        by_target = to_sympy(rule.derivative_by_target(k, targets, outputs))
        assert numerically_equal(by_target, sympy.diff(to_sympy(formula), t[k]), points)


# --- the author's own ------------------------------------------------------------------------------


def test_an_own_activation_is_derived_by_sympy() -> None:
    own = from_sympy(Z**3 / (1 + Z**2), slot)
    rule = activation_rule(Activation("f", {}, own))
    assert equal(to_sympy(rule.derivative(slot("z"), slot("a"), {})), sympy.diff(Z**3 / (1 + Z**2), Z))
    assert rule.letter == Name("f")


def test_numbers_joined_with_a_constant() -> None:
    """A constant is joined with a number that a derivative begins with: 1/4 times 2(o - t) is 1/2 (o - t)."""
    rule = loss_rule(Loss("squared_error", constant=Number("1/4")))
    assert isinstance(rule, LossRule)
    shown: Term = rule.derivative(slot("t"), slot("o"), 2)
    assert equal(to_sympy(shown), (O - T) / 2)
    assert next(rational(part) for part in shown.parts()) == Fraction(1, 2)
    unit = loss_rule(Loss("squared_error", constant=Number("0.5")))
    assert isinstance(unit, LossRule)
    half = LOSSES["half_squared_error"]
    assert isinstance(half, LossRule)
    assert unit.derivative(slot("t"), slot("o"), 2) == half.derivative(slot("t"), slot("o"), 2)

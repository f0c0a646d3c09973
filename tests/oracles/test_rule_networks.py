"""Every activation with every loss, against double precision on matrices and SymPy's derivative."""

from __future__ import annotations

from typing import Any

import mpmath  # type: ignore[import-untyped]
import pytest
import sympy

from symbackprop import Dense, Problem, solve
from symbackprop.doubles.training import DenseNetwork
from symbackprop.formulas.symbolic import sympy_symbol, to_sympy
from symbackprop.proofs.composition import composed
from symbackprop.rules import LOSSES

from .rule_networks import HIDDEN, Case, build, cases

FORMS = ("chain", "components", "delta", "delta_rule")


def double_gradients(case: Case) -> tuple[float, dict[str, float]]:
    network = DenseNetwork(case.problem())
    activations, nets = network.forward(network.start)
    loss = network.loss(activations, nets, network.problem.loss)
    found = network.gradient(network.start, activations, nets)
    names = [parameter.name for parameter in network.problem.parameters]
    return loss, dict(zip(names, map(float, found), strict=True))


@pytest.mark.parametrize("kind", LOSSES)
def test_double_precision_agrees(kind: str) -> None:
    for number, case in enumerate(case for case in cases() if case.loss == kind):
        solution = solve(case.problem(form=FORMS[number % 4], softmax=("short", "jacobian")[number // 4 % 2]))
        loss, gradients = double_gradients(case)
        assert abs(float(solution["loss"]) - loss) <= 1e-12 * max(1.0, abs(loss)), case
        largest = max(map(abs, gradients.values()))
        for name, expected in gradients.items():
            found = float(solution[f"grad.{name}"])
            assert abs(found - expected) <= 1e-12 * (abs(expected) + largest) + 1e-15, (name, case)


@pytest.mark.parametrize("seed", range(0, len(HIDDEN) * len(LOSSES), 9))
def test_sympys_derivative_of_the_whole_loss(seed: int) -> None:
    """The loss composed to one expression over the parameters, differentiated at once, at the numbers."""
    pairs = [(hidden, loss) for hidden in HIDDEN for loss in LOSSES]
    hidden, loss = pairs[seed]
    if hidden == "step":
        pytest.skip("the step's slope is a convention, not its derivative")
    whole = build(seed, hidden, loss)
    case = Case(  # one hidden layer and one sample keep the expression small
        (2, whole.sizes[1], whole.sizes[-1]),
        (whole.activations[0], whole.activations[-1]),
        whole.loss,
        whole.loss_settings,
        whole.constant,
        whole.reduction,
        (whole.weights[0], tuple((*row, "0.3", "-0.7")[: whole.sizes[1]] for row in whole.weights[-1])),
        (whole.biases[0], whole.biases[-1]),
        whole.samples[:1],
    )
    solution = solve(case.problem())
    ledger = solution.ledger
    expression = composed(ledger, "loss").replace(
        lambda part: isinstance(part, sympy.Max | sympy.Min), lambda part: part.rewrite(sympy.Piecewise)
    )
    numbers: dict[Any, Any] = {
        symbol: sympy.Rational(str(ledger.given(symbol.name)))
        for symbol in expression.free_symbols
        if ledger.given(symbol.name) is not None
    }
    for name in ("w1_1_1", "b1_1", "w2_1_1", "b2_2"):
        derivative = sympy.diff(expression, sympy_symbol(name)).xreplace(numbers)
        expected = sympy.N(derivative.doit(), 40)
        found = sympy.Float(str(solution[f"grad.{name}"].digits(30)), 40)
        assert abs(found - expected) <= sympy.Float("1e-28") * (1 + abs(expected)), (name, case)


@pytest.mark.parametrize(
    ("activation", "loss", "targets"),
    [
        ("softmax", "cross_entropy", ["1", "0", "0"]),
        ("softmax", "cross_entropy", ["0.5", "0.5", "1"]),
        ("softmax", {"kind": "cross_entropy", "constant": "1/3"}, ["0.2", "0.3", "0.5"]),
        ("softmax", "kl_divergence", ["0.2", "0.7", "0.1"]),
        ("log_softmax", "negative_log_likelihood", ["0.2", "0.3", "0.9"]),
    ],
)
def test_the_short_form_is_the_sum_over_the_jacobian(activation: str, loss: Any, targets: list[str]) -> None:
    """Proved by SymPy with symbols for the net inputs, and the same digits in every form of derivation."""

    def problem(**notation: Any) -> Problem:
        return Problem(
            title="Softmax",
            inputs=["0.5", "-0.3"],
            targets=targets,
            layers=[Dense(3, activation, weights=[["1", "-2"], ["0.5", "0.4"], ["0.1", "3"]], biases="0.1")],
            loss=loss,
            learning_rate="0.1",
            notation=notation,
        )

    short, jacobian = (solve(problem(softmax=how)) for how in ("short", "jacobian"))
    nets = {sympy_symbol(f"net.o{k}"): sympy.Symbol(f"z{k}", real=True) for k in (1, 2, 3)}
    acts = {sympy_symbol(f"act.o{k}"): short.ledger.formulas[f"act.o{k}"] for k in (1, 2, 3)}
    for k in (1, 2, 3):
        key = f"dE_dnet.o{k}"
        forms = []
        for solution in (short, jacobian):
            expression = to_sympy(solution.ledger.formulas[key])
            expression = expression.subs({name: to_sympy(formula) for name, formula in acts.items()})
            total = sum(sympy.Rational(text) for text in targets)
            values = {
                sympy_symbol("target.o3"): total - sympy_symbol("target.o1") - sympy_symbol("target.o2")
            }
            forms.append(expression.xreplace(values).xreplace(nets))
        assert sympy.simplify(forms[0] - forms[1]) == 0
    others = [solve(problem(form=form, softmax=how)) for form in FORMS for how in ("short", "jacobian")]
    for name in ("w1_1_1", "w1_3_2", "b1"):
        digits = {solution[f"grad.{name}"].digits(30) for solution in (short, jacobian, *others)}
        assert len(digits) == 1, digits


# --- digits where doubles end --------------------------------------------------------------------


def one_layer(activation: Any, biases: list[str], targets: list[str], loss: Any) -> Problem:
    """A layer whose net inputs are its biases."""
    return Problem(
        title="Extreme",
        inputs=["1"],
        targets=targets,
        layers=[Dense(len(biases), activation, weights=[["0"]] * len(biases), biases=biases)],
        loss=loss,
    )


def close(found: str, expected: Any) -> bool:
    return bool(abs(mpmath.mpf(found) - expected) <= mpmath.mpf("1e-25") * abs(expected))


def test_softmax_of_large_logits() -> None:
    solution = solve(one_layer("softmax", ["1000", "0", "-1000"], ["0", "1", "0"], "cross_entropy"))
    with mpmath.workdps(1000):
        powers = [mpmath.exp(z) for z in (1000, 0, -1000)]
        shares = [power / sum(powers) for power in powers]
        for k, share in enumerate(shares, start=1):
            assert close(solution[f"act.o{k}"].digits(30), share)
            target = 1 if k == 2 else 0
            assert close(solution[f"grad.b1_{k}"].digits(30), share - target)
            assert close(solution[f"dact_dnet.o{k}"].digits(30), share * (1 - share))
        assert close(solution["loss"].digits(30), -mpmath.log(shares[1]))
    network = DenseNetwork(solution.problem)
    activations, nets = network.forward(network.start)
    assert network.loss(activations, nets, network.problem.loss) == 1000.0
    gradient = dict(zip([p.name for p in network.problem.parameters],
                        network.gradient(network.start, activations, nets), strict=True))  # fmt: skip
    assert [float(gradient[f"b1_{k}"]) for k in (1, 2, 3)] == [1.0, -1.0, 0.0]


def test_logits_that_overflow() -> None:
    targets = ["0", "1", "0"]
    solution = solve(one_layer("identity", ["1000", "0", "-1000"], targets, "cross_entropy_with_logits"))
    with mpmath.workdps(1000):
        powers = [mpmath.exp(z) for z in (1000, 0, -1000)]
        assert close(solution["loss"].digits(30), mpmath.log(sum(powers)))
        for k, power in enumerate(powers, start=1):
            expected = power / sum(powers) - (1 if k == 2 else 0)
            assert close(solution[f"grad.b1_{k}"].digits(30), expected)
    network = DenseNetwork(solution.problem)
    assert network.loss(*network.forward(network.start), network.problem.loss) == 1000.0


@pytest.mark.parametrize("z", ["60", "-60", "700", "1e-300", "-1e-300"])
def test_saturated_and_tiny(z: str) -> None:
    """To 30 digits relative, of the value and of the slope, where doubles give 0 or 1."""
    functions = {
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "tanh": mpmath.tanh,
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
        "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
        "silu": lambda x: x / (1 + mpmath.exp(-x)),
        "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
        "softsign": lambda x: x / (1 + abs(x)),
    }
    slopes = {
        "sigmoid": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
        "tanh": lambda x: mpmath.sech(x) ** 2,
        "softplus": lambda x: 1 / (1 + mpmath.exp(-x)),
        "softsign": lambda x: 1 / (1 + abs(x)) ** 2,
    }
    with mpmath.workdps(1500):
        x = mpmath.mpf(z)
        for name, function in functions.items():
            if name == "gelu" and abs(x) > 100:
                continue  # e to the -245,000: beyond what is computed at 32768 bits
            solution = solve(one_layer(name, [z], ["0"], "half_squared_error"))
            assert close(solution["act.o1"].digits(30), function(x)), name
            if name in slopes:
                assert close(solution["dact_dnet.o1"].digits(30), slopes[name](x)), name

"""Which mistakes a question tells apart."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop import Dense, Problem, solve
from symbackprop.errors import SymbackpropError
from symbackprop.mistakes import Sweep, distinguishable, sweep_of

#: The mistakes that an instructor looks for in a hidden weight's gradient, and in its new value.
LOOKED_FOR = (
    "one_path_only",
    "activation_derivative_omitted",
    "derivative_at_activation",
    "derivative_at_net_input",
    "tanh_derivative_for_sigmoid",
    "pre_activation_used",
    "updated_weight_used",
    "error_sign",
    "factor_two_kept",
    "bias_left_out",
)
OF_THE_UPDATE = (
    *LOOKED_FOR,
    "gradient_added",
    "learning_rate_forgotten",
    "learning_rate_twice",
    "step_applied_twice",
)


def drawn(seed: int) -> Problem:
    """Return a 2-2-2 network with numbers of two decimals."""
    draw = np.random.default_rng(seed)

    def numbers(*shape: int) -> list[float]:
        return draw.uniform(-1, 1, shape).round(2).tolist()  # type: ignore[no-any-return]

    return Problem(
        title="Drawn",
        inputs=numbers(2),
        targets=draw.uniform(0, 1, 2).round(2).tolist(),
        layers=[
            Dense(2, "sigmoid", weights=numbers(2, 2), biases=numbers(2)),
            Dense(2, "sigmoid", weights=numbers(2, 2), biases=numbers(2)),
        ],
        loss="half_squared_error",
        learning_rate=0.5,
        rounding={"digits": 4, "kind": "significant"},
    )


def told(key: str, mistakes: tuple[str, ...], draws: int) -> float:
    """Return in what share of random draws a question tells all mistakes apart."""
    count, first = 0, None
    for seed in range(draws):
        solution = solve(drawn(seed))
        sweep: Sweep = sweep_of(solution.ledger, solution.graph, solution.problem, like=first)
        first = first or sweep
        count += distinguishable(sweep, key, mistakes=mistakes).tells
    return count / draws


def test_a_hidden_gradient_tells_nearly_always() -> None:
    """At four significant digits."""
    assert told("grad.w1_1_1", LOOKED_FOR, 200) >= 0.99


def test_an_updated_weight_hardly_ever_tells() -> None:
    """With rate 1/2 the factor 2 kept and the rate forgotten are one number; small steps hide the rest."""
    assert told("new.w1_1_1", OF_THE_UPDATE, 100) <= 0.01


def test_what_is_the_same_of_any_numbers_is_told_from_what_looks_alike_by_accident() -> None:
    solution = solve(drawn(1))
    found = distinguishable(solution, "new.w2_1_1", mistakes=("factor_two_kept", "step_applied_twice"))
    assert found.same == (("factor_two_kept", "step_applied_twice"),)
    assert found.alike == ()
    rate = distinguishable(solution, "new.w2_1_1", mistakes=("factor_two_kept", "learning_rate_forgotten"))
    assert rate.same == ()  # with another rate they would differ
    assert rate.alike == (("factor_two_kept", "learning_rate_forgotten"),)


def test_what_is_hidden_and_what_is_not_reached() -> None:
    problem = Problem(
        title="Small",
        inputs=[0.5],
        targets=[0.4],
        layers=[Dense(1, "sigmoid", weights=[[0.2]], biases=[0]), Dense(1, "identity", weights=[[0.3]])],
        learning_rate=0.1,
        rounding={"digits": 2, "kind": "places"},
    )
    found = distinguishable(problem, "act.h1", mistakes=("bias_left_out", "exponent_sign", "gradient_added"))
    assert (found.right, found.unreached) == ("0.52", ("bias_left_out", "gradient_added"))  # a bias of 0
    assert [(answer.shown, answer.mistakes) for answer in found.answers] == [("0.48", ("exponent_sign",))]
    hidden = distinguishable(problem, "act.o1@1", mistakes=("gradient_added",))
    assert hidden.tells or hidden.hidden == ("gradient_added",)


def test_a_quantity_that_is_not_there() -> None:
    with pytest.raises(SymbackpropError, match=r"no quantity 'grad\.w9'; did you mean grad\.w"):
        distinguishable("two-output-sigmoid", "grad.w9")

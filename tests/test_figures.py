"""The published figures: every corrected figure as it is shown, every exact value in all its digits."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop import Solution, load_problem, read_problem, solve
from symbackprop.spec import example_path

ARTICLES = {
    "two_output_sigmoid": "two-output-sigmoid",
    "or_gate": "or-gate",
    "shared_bias": "shared-bias",
    "delta_rule": "delta-rule",
}
#: How many figures each article prints; each of them has a corrected value.
FIGURES = {"two_output_sigmoid": 44, "or_gate": 15, "shared_bias": 31, "delta_rule": 23}

#: Figures that no stated rounding policy gives: none.
NOT_TO_BE_HAD: dict[tuple[str, str], str] = {}

#: Figures that need a rounding of their own, apart from the sheet's: where the example writes it
#: (`rounding.roles` or `rounding.again`) and, from the article's file, why.
OWN_ROUNDING = {
    ("two_output_sigmoid", "new.b4"): ("roles", "printed with all 11 decimals of the exact difference"),
    ("two_output_sigmoid", "grad.w1"): ("roles", "a nine-decimal mantissa times ten to the -3"),
    ("two_output_sigmoid", "grad.w2"): ("roles", "a nine-decimal mantissa times ten to the -4"),
    ("two_output_sigmoid", "grad.w3"): ("roles", "a nine-decimal mantissa times ten to the -3"),
    ("two_output_sigmoid", "grad.w4"): ("roles", "a nine-decimal mantissa times ten to the -4"),
    ("two_output_sigmoid", "grad.b2"): ("roles", "a nine-decimal mantissa times ten to the -3"),
    ("two_output_sigmoid", "loss~4"): ("again", "the total error, four decimals"),
    ("two_output_sigmoid", "loss@1~4"): ("again", "total error after the update, four decimals"),
    ("or_gate", "loss"): ("roles", "given with all its six decimals where the output layer has three"),
    ("or_gate", "grad.w1"): ("roles", "five decimals for products of displayed values"),
    ("or_gate", "grad.w2"): ("roles", "five decimals for products of displayed values"),
    ("or_gate", "grad.w3"): ("roles", "five decimals for products of displayed values"),
    ("or_gate", "grad.w4"): ("roles", "five decimals for products of displayed values"),
    ("or_gate", "grad.b1"): ("roles", "five decimals for products of displayed values"),
    ("or_gate", "grad.b2"): ("roles", "five decimals for products of displayed values"),
    ("delta_rule", "delta.h2"): ("roles", "misplaced point aside, to 5 decimals"),
    ("delta_rule", "new.w22"): ("roles", "five decimals where the other new weights have six"),
    ("delta_rule", "act.h1~sub"): ("again", "output of hidden unit 1 as substituted into net.o1"),
    ("delta_rule", "act.h2~sub"): ("again", "output of hidden unit 2 as substituted into net.o1"),
}
#: Roles that hold for all units alike: the article's convention for a kind of quantity.
BY_KIND = {
    ("delta_rule", "net.*"),
    ("delta_rule", "act.*"),
    ("delta_rule", "residual.*"),
    ("delta_rule", "delta.*"),
}


@cache
def article(name: str) -> dict[str, Any]:
    path = Path(__file__).parent / "articles" / f"{name}.yaml"
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return data


@cache
def solution(example: str) -> Solution:
    return solve(example)


@cache
def quantities(example: str) -> Mapping[str, Mapping[str, str]]:
    data: Mapping[str, Mapping[str, str]] = solution(example).to_data()["quantities"]
    return data


def corrected_figures() -> Iterator[tuple[str, dict[str, str]]]:
    for name in ARTICLES:
        for figure in article(name)["figures"]:
            if "corrected" in figure and (name, figure["quantity"]) not in NOT_TO_BE_HAD:
                yield name, figure


def assert_digits(solved: Solution, key: str, expected: str) -> None:
    """Assert a value to as many significant digits as are expected (an exact one has fewer)."""
    count = max(16, len(Decimal(expected).as_tuple().digits))
    assert Decimal(solved[key].digits(count)) == Decimal(expected), key


FIGURE_CASES = [
    pytest.param(name, figure, id=f"{name}-{figure['quantity']}") for name, figure in corrected_figures()
]


@pytest.mark.parametrize(("name", "figure"), FIGURE_CASES)
def test_figure(name: str, figure: dict[str, str]) -> None:
    example, key = ARTICLES[name], figure["quantity"]
    entry = quantities(example)[key]
    assert entry["shown"] == figure["corrected"]
    assert_digits(solution(example), key.partition("~")[0], figure["exact"])
    assert abs(Decimal(entry["value"]) - Decimal(figure["exact"])) <= abs(Decimal(figure["exact"])) * Decimal(
        "1e-15"
    )


def test_no_figure_is_left_out() -> None:
    for name, count in FIGURES.items():
        assert len(article(name)["figures"]) == count
    without = sum("corrected" not in figure for name in ARTICLES for figure in article(name)["figures"])
    assert len(FIGURE_CASES) == 44 + 15 + 31 + 23 - without - len(NOT_TO_BE_HAD)
    assert without == 0
    assert not any("corrected" in figure for figure in article("xor")["figures"])  # its start is not given
    assert all(reason for reason in NOT_TO_BE_HAD.values())


@pytest.mark.parametrize("name", ARTICLES)
def test_roundings_of_single_figures_are_listed(name: str) -> None:
    """Every rounding that an example states for a single figure is listed above, with the reason."""
    policy = load_problem(ARTICLES[name]).rounding
    keys = [figure["quantity"] for figure in article(name)["figures"]]
    found = {(name, key): "again" for key in policy.again}
    for pattern in policy.roles:
        if (name, pattern) not in BY_KIND:
            fitting = fnmatch.filter(keys, pattern)
            assert fitting, f"the role {pattern} fits no figure"
            found |= {(name, key): "roles" for key in fitting}
    listed = {key: place for key, (place, _) in OWN_ROUNDING.items() if key[0] == name}
    assert found == listed


@pytest.mark.parametrize("name", ["two_output_sigmoid", "or_gate", "delta_rule"])
def test_each_rounding_of_a_single_figure_is_needed(name: str) -> None:
    """Without it the figure would be shown otherwise."""
    problem = replace(load_problem(ARTICLES[name]), epochs=1)
    policy, expected = problem.rounding, {f["quantity"]: f["corrected"] for f in article(name)["figures"]}
    for pattern in policy.roles:
        roles = {other: change for other, change in policy.roles.items() if other != pattern}
        solved = solve(replace(problem, rounding=replace(policy, roles=roles)))
        for key in fnmatch.filter(expected, pattern):
            if solved[key].shown != expected[key]:
                break
        else:
            raise AssertionError(f"the role {pattern} changes no figure")


# --- what the articles left out or got wrong ---------------------------------------------------


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        pytest.param(name, entry, id=f"{name}-{entry['quantity']}")
        for name in ("two_output_sigmoid", "or_gate", "shared_bias")
        for entry in article(name)["supplement"]["values"]
    ],
)
def test_supplement(name: str, entry: dict[str, str]) -> None:
    key = entry["quantity"].replace("dE_dact_total", "dE_dact")
    assert key in quantities(ARTICLES[name])
    assert_digits(solution(ARTICLES[name]), key, entry["exact"])


EPOCHS = article("two_output_sigmoid")["framework_run"]["epochs"]


@pytest.mark.parametrize("epoch", EPOCHS, ids=[f"epoch-{epoch['epoch']}" for epoch in EPOCHS])
def test_ten_epochs(epoch: dict[str, Any]) -> None:
    solved, k = solution("two-output-sigmoid"), int(epoch["epoch"])
    at, before = f"@{k}", f"@{k - 1}" if k > 1 else ""
    values = {**epoch["weights"], **epoch["biases"]}
    assert values.keys() == {parameter.name for parameter in solved.problem.parameters}
    for parameter, value in values.items():
        assert_digits(solved, f"new.{parameter}" + (at if k > 1 else ""), value)
    assert_digits(solved, f"loss{before}", epoch["loss_reported"])
    assert_digits(solved, f"loss{at}", epoch["loss_after"])
    for output, value in epoch["outputs_after"].items():
        assert_digits(solved, f"act.{output}{at}", value)


def test_there_are_ten_epochs() -> None:
    assert [epoch["epoch"] for epoch in EPOCHS] == [str(k) for k in range(1, 11)]
    assert "new.w1@10" in quantities("two-output-sigmoid")
    assert "loss@10" in quantities("two-output-sigmoid")


def after_update(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values after an update by quantity key: net_h1 is net.h1@1."""
    return {f"{name.replace('_', '.')}@1": value for name, value in values.items()}


def test_shared_biases_left_alone() -> None:
    expected = after_update(article("shared_bias")["supplement"]["after_update_biases_fixed"])
    assert len(expected) == 11
    for key, value in expected.items():
        assert_digits(solution("shared-bias"), key, value)
    assert not {"new.b1", "new.b2", "step.b1", "step.b2"} & quantities("shared-bias").keys()


def test_shared_biases_trained() -> None:
    solved = solve(replace(load_problem("shared-bias"), frozen=frozenset()))
    supplement = article("shared_bias")["supplement"]
    for parameter, value in supplement["updated_biases"].items():
        assert_digits(solved, f"new.{parameter}", value)
    for key, value in after_update(supplement["after_update_biases_updated"]).items():
        assert_digits(solved, key, value)
    for key, entry in quantities("shared-bias").items():  # weights move as before
        if key.startswith("new."):
            assert solved[key].digits(16) == solution("shared-bias")[key].digits(16), entry


def test_a_bias_for_each_unit() -> None:
    text = example_path("shared-bias").read_text(encoding="utf-8")
    per_unit = article("shared_bias")["supplement"]["per_unit_biases"]
    shared = "    - {name: b1, to: [h1, h2], value: 0.25}\n    - {name: b2, to: [o1, o2], value: 0.35}\n"
    own = "".join(
        f"    - {{name: b_{unit}, to: {unit}, value: {'0.25' if unit[0] == 'h' else '0.35'}}}\n"
        for unit in per_unit["gradients"]
    )
    assert shared in text
    text = text.replace(shared, own).replace("frozen: [b1, b2]", "").replace("    b1: b_1\n    b2: b_2\n", "")
    solved = solve(read_problem(text))
    for unit, value in per_unit["gradients"].items():
        assert_digits(solved, f"grad.b_{unit}", value)
    for unit, value in per_unit["updated"].items():
        assert_digits(solved, f"new.b_{unit}", value)


def test_or_gate_reconstruction() -> None:
    reconstruction = article("or_gate")["reconstruction"]
    for name in ("net_h1", "net_h2", "net_o1"):
        assert_digits(solution("or-gate"), name.replace("_", "."), reconstruction["implied"][name])
    completion = reconstruction["illustrative_completion"]
    solved = solution("or-gate-full")
    assert len(completion["parameters"]) == 9
    for parameter, value in completion["parameters"].items():
        assert Decimal(str(solved[parameter].value)) == Decimal(value)
    for unit in ("h1", "h2", "o1"):
        assert_digits(solved, f"act.{unit}", completion[f"act_{unit}"])
    for unit in ("h1", "h2", "o1"):  # they agree with the printed activations in the printed digits
        printed = Decimal(article("or_gate")["network"]["given_activations"][unit])
        assert round(solved[f"act.{unit}"].value, -printed.as_tuple().exponent) == printed  # type: ignore[operator]


# --- XOR: the seeded start, the first epoch, the long runs ------------------------------------


def test_xor_start() -> None:
    given = {weight.name: str(weight.value) for weight in load_problem("xor").weights}
    assert given == article("xor")["reference_exact"]["initial"]


def test_xor_first_epoch() -> None:
    solved, expected = solution("xor"), article("xor")["reference_exact"]["epoch_0"]
    assert_digits(solved, "reported_loss", expected["loss_reported"])
    for sample, value in enumerate(expected["outputs"], start=1):
        assert_digits(solved, f"act.o1#{sample}", value)
    for sample, row in enumerate(expected["hidden"], start=1):
        for unit, value in enumerate(row, start=1):
            assert_digits(solved, f"act.h{unit}#{sample}", value)
    assert len(expected["gradients"]) == 17
    for parameter, value in expected["gradients"].items():
        assert_digits(solved, f"grad.{parameter}", value)
    assert_digits(solved, "reported_loss@1", article("xor")["reference_exact"]["loss_reported"]["epoch_1"])


@cache
def xor_run(seed: str) -> Any:
    text = example_path("xor").read_text(encoding="utf-8")
    assert text.count("{seed: 0}") == 1
    training = solve(read_problem(text.replace("{seed: 0}", f"{{seed: {seed}}}"))).training
    assert training is not None
    return training


RUNS = article("xor")["reference_runs"]["runs"]


@pytest.mark.parametrize("run", RUNS, ids=[f"seed-{run['seed']}" for run in RUNS])
def test_xor_run(run: dict[str, Any]) -> None:
    training = xor_run(run["seed"])
    for epoch in (0, 4000, 8000, 9999):
        assert f"{training.reported[epoch]:.10f}" == run[f"loss_{epoch}"], epoch
    assert [f"{value:.6f}" for value in training.outputs[:, 0]] == run["predictions"]


def test_xor_after_all_epochs() -> None:
    training, reference = xor_run("0"), article("xor")["reference_exact"]
    expected = reference["after_10000_updates"]
    names = [parameter.name for parameter in load_problem("xor").parameters]
    assert names == list(expected["parameters"])
    for name, value in zip(names, training.parameters[10000], strict=True):
        assert value == pytest.approx(float(expected["parameters"][name]), rel=1e-9), name
    assert training.reported[10000] == pytest.approx(float(expected["loss"]), rel=1e-9)
    for epoch in (0, 1, 4000, 8000, 9999):
        assert training.reported[epoch] == pytest.approx(
            float(reference["loss_reported"][f"epoch_{epoch}"]), rel=1e-9
        )
    assert training.outputs[:, 0] == pytest.approx([float(value) for value in expected["outputs"]], rel=1e-9)
    assert len(RUNS) == 10

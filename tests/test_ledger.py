"""The ledger's numbers: precision that rises when it must, exact values, every printed digit."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from types import FrameType
from typing import Any

import mpmath  # type: ignore[import-untyped]
import pytest
from oracles.decimals import MODES, context, printed, rounding_of
from oracles.independent import Field, RationalField, Reference, expected_values
from oracles.networks import FORMS, LOSSES, RATIONAL, Net, any_net, build_net
from oracles.reading import Senseless, read

from symbackprop import Solution, load_problem, problem_from_mapping, solve
from symbackprop.derivation.ledger import LAST_BITS, START_BITS
from symbackprop.document.blocks import MathStyle
from symbackprop.errors import UndecidedDigits
from symbackprop.formulas.terms import Cases, Number, walk
from symbackprop.keys import plain
from symbackprop.numbers.digits import Value, show
from symbackprop.numbers.evaluate import EXACT_BITS, NoValue
from symbackprop.numbers.rounding import Rounding, RoundingPolicy
from symbackprop.render.plain import plain_math
from symbackprop.spec.problem import Loss

Quantities = Mapping[str, Mapping[str, Any]]


@pytest.fixture(autouse=True)
def _wide_decimals() -> Iterator[None]:
    """Let Python's decimals keep all digits, whatever the operator."""
    with localcontext(context(2000)):
        yield


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail what takes longer: a proof that never ends is an error like any other."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def quantities(solved: Solution) -> Quantities:
    table: Quantities = solved.to_data()["quantities"]
    return table


def line(
    activation: str,
    weight: str,
    *,
    x: str = "1",
    second: str = "2",
    target: str = "0.5",
    output: str = "identity",
    loss: str = "half_squared_error",
    form: str = "chain",
) -> Net:
    """A 1-1-1 network without biases."""
    return Net(
        layers=(("x1",), ("h1",), ("o1",)),
        activations=((activation, (("alpha", "1"),) if activation == "elu" else ()), (output, ())),
        weights=(("w1", "x1", "h1", weight), ("w2", "h1", "o1", second)),
        biases=(),
        samples=(((x,), (target,)),),
        loss=loss,
        form=form,
    )


# --- every printed number ----------------------------------------------------------------------

GIVEN = ("x", "target", "learning_rate")


def in_decimals(number: Any) -> Decimal:
    """Return one of mpmath's numbers as a Decimal."""
    sign, mantissa, exponent, _ = number._mpf_
    size = Decimal(int(mantissa)) * Decimal(2) ** int(exponent)
    return size.copy_negate() if sign else size


def reference_text(number: Any, digits: int, exact: str | None, fields: Mapping[str, Any]) -> str | None:
    """Return how a number known to so many digits is printed, None where they do not decide it."""
    value = in_decimals(number)
    if exact is not None:
        over = Fraction(exact)
        precise = Decimal(over.numerator) / Decimal(over.denominator)
        assert abs(precise - value) <= (abs(precise) + 1) * Decimal(1).scaleb(5 - digits)
        return printed(precise, exact=True, **fields)
    margin = (abs(value) + Decimal("1e-10")) * Decimal(1).scaleb(10 - digits)
    texts = {printed(value + change, **fields) for change in (margin, -margin)}
    return texts.pop() if len(texts) == 1 else None


def assert_printed(net: Net, policy: RoundingPolicy) -> int:
    """Assert every derived number of a problem against the reference; return how many there are."""
    table = quantities(solve(net.problem(rounding=policy)))
    count = 0
    left = [key for key in table if key not in net.parameters and not key.startswith(GIVEN)]
    for digits in (70, 1000, 10000):
        with localcontext(context(digits + 50)):
            expected = expected_values(net, Field(digits))
            assert table.keys() == expected.keys()
            undecided = []
            for key in left:
                fields = rounding_of(policy, key)
                text = reference_text(expected[key], digits, table[key]["exact"], fields)
                if text is None:
                    undecided.append(key)
                else:
                    assert table[key]["shown"] == text, (key, fields)
                    count += 1
        left = undecided
        if not left:
            return count
    raise AssertionError(f"the reference itself does not decide {left}")


def random_rounding(source: random.Random) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": source.choice(("places", "significant")),
        "digits": source.randint(1, 12),
        "mode": source.choice(tuple(MODES)),
        "readout": source.choice((None, None, None, 8, 10, 12)),
        "zeros": source.choice(("keep", "drop", "exact")),
        "scientific_below": source.choice((None, -3, -2, -5, 0)),
    }
    return fields | ({"exponent": source.randint(-4, 2)} if source.random() < 0.15 else {})


def random_policy(source: random.Random, carry: Any = "exact") -> RoundingPolicy:
    roles = {
        pattern: {
            name: value for name, value in random_rounding(source).items() if source.random() < 0.6
        }
        for pattern in ("act.*", "grad.*", "new.w*", "delta.*", "loss*", "*@1")
        if source.random() < 0.25
    }  # fmt: skip
    return RoundingPolicy(Rounding(**random_rounding(source)), carry, roles)


@pytest.mark.parametrize("hundred", range(10))
def test_every_number_of_a_thousand_problems(hundred: int) -> None:
    numbers = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        numbers += assert_printed(any_net(seed), random_policy(random.Random(seed)))
    assert numbers > 5000


# --- precision -----------------------------------------------------------------------------

PLAIN = RoundingPolicy(Rounding(6))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("activation", "weight"),
    [
        ("sigmoid", "60"),
        ("sigmoid", "-60"),
        ("sigmoid", "400"),
        ("tanh", "40"),
        ("tanh", "-40"),
        ("tanh", "400"),
        ("softplus", "1000"),
        ("softplus", "-1000"),
        ("elu", "1000"),
        ("elu", "-1000"),
        ("silu", "1000"),
        ("silu", "-1000"),
    ],
)
def test_saturated_units(activation: str, weight: str, form: str) -> None:
    net = line(activation, weight, second="0.3", form=form)
    solved = solve(net.problem())
    expected = expected_values(net, Field(1500))
    for key, entry in quantities(solved).items():
        if not key.startswith(GIVEN):
            value = in_decimals(expected[key])
            assert abs(Decimal(entry["value"]) - value) <= abs(value) * Decimal("1e-16"), key


def test_precision_rises_only_where_it_must() -> None:
    assert solve(line("sigmoid", "0.6").problem()).ledger.bits == START_BITS
    solved = solve(line("tanh", "40").problem())
    assert solved["dact_dnet.h1"].shown == "7.21941e-35"
    assert START_BITS < solved.ledger.bits <= 1024


def test_deep_saturation() -> None:
    """Gradients far below the smallest double, in a network two layers deep in saturation."""
    net = build_net(random.Random(3), (2, 2, 2, 2), ("sigmoid",) * 3, dense=True)
    net = replace(
        net,
        frozen=(),
        weights=tuple((name, a, b, f"{250 + n}.5") for n, (name, a, b, _) in enumerate(net.weights)),
        biases=(),
        samples=((("1", "0.5"), ("0.5", "0.25")),),
    )
    table = quantities(solve(net.problem()))
    expected = expected_values(net, Field(2000))
    assert table.keys() == expected.keys()
    for key, number in expected.items():
        value = in_decimals(number)
        assert abs(Decimal(table[key]["value"]) - value) <= abs(value) * Decimal("1e-16"), key
    smallest = min(abs(Decimal(table[f"grad.{name}"]["value"])) for name in net.parameters)
    assert Decimal(0) < smallest < Decimal("1e-400")
    assert table["grad.w1_1_1"]["shown"].partition("e")[0].lstrip("-")[1] == "."


@pytest.mark.parametrize("digits", [30, 50, 100, 300])
def test_as_many_digits_as_are_asked_for(digits: int) -> None:
    net = any_net(7, ("sigmoid", "tanh"))
    expected = expected_values(net, Field(digits + 30))
    solved = solve(net.problem())
    for key in solved.keys():  # noqa: SIM118
        if not key.startswith(GIVEN) and key not in net.parameters:
            value = in_decimals(expected[key])
            assert abs(Decimal(solved[key].digits(digits)) - value) <= abs(value) * Decimal(10).scaleb(
                -digits
            )


def test_more_digits_of_one_quantity_lose_no_other() -> None:
    """Precision that rises for one number has to leave all others known."""
    solved = solve("two-output-sigmoid")
    before = quantities(solved)
    fresh = solve("two-output-sigmoid")
    assert len(fresh["act.h1"].digits(60)) == 62
    assert quantities(fresh) == before
    assert all(fresh.ledger.known(plain(key)) for key in before if "~" not in key)


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_reading_changes_nothing(seed: int) -> None:
    policy = RoundingPolicy(Rounding(45))
    problem = any_net(seed).problem(rounding=policy)
    first = quantities(solve(problem))
    solved = solve(problem)
    keys = list(solved.keys())
    random.Random(seed).shuffle(keys)
    read_out = {key: (solved[key].shown, str(solved[key].value)) for key in keys}
    again = quantities(solved)
    assert first == again
    for key, (shown, value) in read_out.items():
        assert shown == first[key]["shown"], key
        assert Decimal(value) == Decimal(first[key]["value"]), key


# --- zeros -----------------------------------------------------------------------------------


def mirrored(activation: str, form: str = "chain") -> Net:
    """Two hidden units alike, their output weights opposite: the shared bias has gradient zero."""
    return Net(
        layers=(("x1",), ("h1", "h2"), ("o1",)),
        activations=((activation, ()), (activation, ())),
        weights=(
            ("w1", "x1", "h1", "0.7"), ("w2", "x1", "h2", "0.7"),
            ("v1", "h1", "o1", "0.4"), ("v2", "h2", "o1", "-0.4"),
        ),
        biases=(("b1", ("h1", "h2"), "0.1"), ("c1", ("o1",), "0.2")),
        samples=((("0.3",), ("0.5",)),),
        form=form,
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_gradient_that_is_zero_though_its_parts_are_irrational(activation: str, form: str) -> None:
    net = mirrored(activation, form)
    with within(10):
        solved = solve(net.problem(rounding=RoundingPolicy(Rounding(6, "significant"))))
        assert solved["grad.b1"].shown == "0"
        assert solved["grad.b1"].value == 0
        assert solved["new.b1"].value == Decimal("0.1")
        table = quantities(solved)
    assert table["grad.b1"]["shown"] == "0"
    assert Decimal(table["grad.w1"]["value"]) != 0
    assert Decimal(table["grad.w1"]["value"]) == -Decimal(table["grad.w2"]["value"])


def test_a_zero_keeps_its_derivation() -> None:
    """What is proved to be zero is still shown as it was derived."""
    with within(10):
        solved = solve(mirrored("tanh").problem())
        before = solved["grad.b1"].formula
        assert solved["grad.b1"].shown == "0"
        assert solved["grad.b1"].formula == before
        assert solved["grad.b1"].uses


@pytest.mark.parametrize("form", FORMS)
def test_opposite_units_of_an_odd_function(form: str) -> None:
    """tanh(z) + tanh(-z) is nothing, and so is what a weight learns from it."""
    net = Net(
        layers=(("x1",), ("h1", "h2"), ("o1",)),
        activations=(("tanh", ()), ("tanh", ())),
        weights=(
            ("w1", "x1", "h1", "0.7"), ("w2", "x1", "h2", "-0.7"),
            ("v1", "h1", "o1", "0.4"), ("v2", "h2", "o1", "0.4"),
        ),
        biases=(),
        samples=((("0.3",), ("0",)),),
        form=form,
    )  # fmt: skip
    with within(10):
        solved = solve(net.problem())
        assert solved["net.o1"].shown == "0"
        assert solved["loss"].shown == "0"
        assert solved["grad.v1"].shown == "0"


@pytest.mark.parametrize("seed", [7072, 26, 108, 148])
def test_values_that_are_merely_tiny_take_no_proof_for_ever(seed: int) -> None:
    """Far in saturation zero is a near guess: it is given up soon, and precision rises instead."""
    with within(10):
        assert assert_printed(any_net(seed), random_policy(random.Random(seed))) > 10


def test_zeros_of_zero_inputs_and_dead_units() -> None:
    dead = line("relu", "-2")
    table = quantities(solve(dead.problem()))
    for key in ("act.h1", "dact_dnet.h1", "dE_dnet.h1", "grad.w1", "grad.w2"):
        assert (table[key]["shown"], table[key]["exact"], table[key]["value"]) == ("0", "0", "0")
    silent = quantities(solve(line("sigmoid", "0.5", x="0").problem()))
    assert silent["grad.w1"]["exact"] == "0"
    assert silent["act.h1"]["exact"] == "1/2"


# --- digits that cannot be decided -------------------------------------------------------------


def complementary(mode: str) -> Solution:
    """sigma(z) + sigma(-z): exactly one, which no enclosure can tell from what lies beside it."""
    net = Net(
        layers=(("x1",), ("h1", "h2"), ("o1",)),
        activations=(("sigmoid", ()), ("identity", ())),
        weights=(
            ("w1", "x1", "h1", "0.7"), ("w2", "x1", "h2", "-0.7"),
            ("v1", "h1", "o1", "1"), ("v2", "h2", "o1", "1"),
        ),
        biases=(),
        samples=((("0.3",), ("0.5",)),),
    )  # fmt: skip
    rounding: Any = Rounding(5, "places", mode, scientific_below=None)  # type: ignore[arg-type]
    return solve(net.problem(rounding=RoundingPolicy(rounding)))


@pytest.mark.parametrize("mode", ["truncate", "half_even"])
def test_a_value_that_is_rational_though_its_parts_are_not(mode: str) -> None:
    """No precision decides a digit that is cut off; SymPy's proof that the sum is one does."""
    solved = complementary(mode)
    with within(10):
        assert solved["net.o1"].shown == ("1" if mode == "truncate" else "1.00000")


def test_digits_that_cannot_be_decided() -> None:
    """sin^2 + cos^2 is one, but not as a rational function of its parts."""
    rounding = {"digits": 3, "kind": "places", "mode": "truncate"}
    graph = {"inputs": {"z": "2"}, "nodes": {"a": "ln(z)", "b": "sin(a)^2 + cos(a)^2", "c": "2*a"}}
    solved = solve(problem_from_mapping({"graph": graph, "rounding": rounding}))
    with within(10), pytest.raises(UndecidedDigits) as raised:
        solved["act.b"].shown  # noqa: B018 - reading it is the test
    assert str(raised.value) == (
        f"act.b: its digits cannot be decided: at {LAST_BITS} bits it still cannot be told from a number "
        "at which the rounding changes. Another rounding (--digits, --rounding places) or slightly other "
        "numbers decide it."
    )
    assert solved["act.c"].shown == "1.386"  # the rest stands


# --- exact rationals ---------------------------------------------------------------------------


def test_exact_values_as_text() -> None:
    table = quantities(solve("two-output-sigmoid"))
    assert table["net.h1"]["exact"] == "173/400"
    assert table["net.h1"]["shown"] == "0.4325"
    assert table["act.h1"]["exact"] is None
    assert table["x1"]["exact"] == "1/20"


@pytest.mark.parametrize("seed", range(40))
def test_rational_networks_are_exact(seed: int) -> None:
    net = any_net(seed, RATIONAL)
    net = replace(net, loss=LOSSES[seed % 3])
    table = quantities(solve(net.problem()))
    expected = expected_values(net, RationalField())
    assert table.keys() == expected.keys()
    for key, value in expected.items():
        fraction = Fraction(value)
        if max(abs(fraction.numerator), fraction.denominator) < 10**60:
            assert table[key]["exact"] == str(fraction), key
        else:
            assert table[key]["exact"] is None


def test_rationals_stay_right_when_they_grow_too_long() -> None:
    """Digits triple at every update; beyond a bound the enclosure alone is carried."""
    net = build_net(random.Random(1), (1, 2, 1), ("leaky_relu", "identity"), dense=True)
    net = replace(net, rate="1/97", frozen=(), samples=((("1/3",), ("2/7",)),))
    epochs, reference = 0, Reference(net, RationalField())
    while reference.loss.denominator.bit_length() <= 2 * EXACT_BITS:
        epochs, reference = epochs + 1, reference.updated()
    solved = solve(net.problem(epochs=epochs))
    assert epochs > 2
    for name, value in reference.parameters.items():
        found = solved[f"new.{name}@{epochs}"]
        assert abs(Fraction(found.digits(40)) - value) <= abs(value) / 10**39
    assert solved[f"loss@{epochs}"].exact is None


# --- formulas without a value --------------------------------------------------------------------


@pytest.mark.parametrize(("output", "target"), [("0", "1"), ("0", "0.5"), ("1", "0"), ("1", "0.5")])
def test_the_logarithm_of_zero_is_a_clear_error(output: str, target: str) -> None:
    net = line("identity", output, second="1", target=target)
    problem = replace(net.problem(), loss=Loss("binary_cross_entropy"))
    with pytest.raises(NoValue) as raised:
        solve(problem)
    text = str(raised.value)
    assert text.startswith("error.o1: ")
    assert "ln of 0" in text


@pytest.mark.parametrize("output", ["0", "1"])
def test_division_by_zero_is_a_clear_error(output: str) -> None:
    net = line("identity", output, second="1", target=output)
    with pytest.raises(NoValue, match=rf"^dE_dact\.o1: act\.o1 is {output}: division by zero"):
        solve(replace(net.problem(), loss=Loss("binary_cross_entropy")))


def test_an_output_rounded_to_one_and_carried_is_a_clear_error() -> None:
    net = line("sigmoid", "3", output="sigmoid", second="9", target="0", loss="binary_cross_entropy")
    policy = RoundingPolicy(Rounding(2, "places"), carry="shown")
    with pytest.raises(NoValue) as raised:
        solve(net.problem(rounding=policy))
    assert str(raised.value).startswith("error.o1: ")
    assert "ln of 0" in str(raised.value)
    assert solve(net.problem())["error.o1"].shown.startswith("8.")


# --- displayed values carried ----------------------------------------------------------------------


def test_delta_rule_by_hand() -> None:
    """The example's sheet, computed line by line in decimals as a person does."""

    def to(places: int, value: Decimal) -> Decimal:
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)

    def sigma(value: Decimal) -> Decimal:
        return 1 / (1 + (-value).exp())

    x1, x2, target = Decimal("0.35"), Decimal("0.7"), Decimal("0.5")
    start = {"w11": "0.2", "w21": "0.2", "w12": "0.3", "w22": "0.3", "w13": "0.3", "w23": "0.9"}
    w = {name: Decimal(text) for name, text in start.items()}
    sheet: dict[str, Decimal] = {}

    def forward(w: dict[str, Decimal], mark: str) -> None:
        for unit, terms in (("h1", ("w11", "w21")), ("h2", ("w12", "w22"))):
            sheet[f"net.{unit}{mark}"] = to(3, x1 * w[terms[0]] + x2 * w[terms[1]])
            sheet[f"act.{unit}{mark}"] = to(2, sigma(sheet[f"net.{unit}{mark}"]))
        net = sheet[f"act.h1{mark}"] * w["w13"] + sheet[f"act.h2{mark}"] * w["w23"]
        sheet[f"net.o1{mark}"] = to(3, net)
        sheet[f"act.o1{mark}"] = to(2, sigma(sheet[f"net.o1{mark}"]))
        sheet[f"residual.o1{mark}"] = to(2, target - sheet[f"act.o1{mark}"])

    forward(w, "")
    o1, h1, h2 = (sheet[f"act.{unit}"] for unit in ("o1", "h1", "h2"))
    sheet["delta.o1"] = to(4, o1 * (1 - o1) * sheet["residual.o1"])
    sheet["delta.h1"] = to(4, h1 * (1 - h1) * w["w13"] * sheet["delta.o1"])
    sheet["delta.h2"] = to(5, h2 * (1 - h2) * w["w23"] * sheet["delta.o1"])
    sent = {"w11": ("h1", x1), "w21": ("h1", x2), "w12": ("h2", x1), "w22": ("h2", x2),
            "w13": ("o1", h1), "w23": ("o1", h2)}  # fmt: skip
    new = {}
    for name, (unit, value) in sent.items():
        sheet[f"step.{name}"] = to(6, 1 * sheet[f"delta.{unit}"] * value)
        new[name] = sheet[f"new.{name}"] = to(5 if name == "w22" else 6, w[name] + sheet[f"step.{name}"])
    forward(new, "@1")
    table = quantities(solve("delta-rule"))
    assert len(sheet) == 29
    for key, value in sheet.items():
        assert Decimal(table[key]["shown"]) == value, key
        if not key.startswith("net"):  # whose zeros are dropped
            assert table[key]["shown"] == str(value), key


def test_carried_values_of_random_problems() -> None:
    """Each printed line, typed into a calculator with the rounding stated, gives the number printed."""
    lines = 0
    for seed in range(100):
        net = any_net(seed)
        policy = random_policy(random.Random(seed), "shown")
        try:
            solved = solve(net.problem(rounding=policy))
        except NoValue:  # a rounded output of exactly 0 or 1
            assert net.loss == "binary_cross_entropy"
            continue
        for step in solved:
            assert not any(isinstance(part, Cases) for part in walk(step.substituted)), step.key
            text = plain_math(step.substituted, MathStyle(exp="call"))
            try:
                with mpmath.workdps(60):
                    value = read(text)
                    decimal = mpmath.nstr(value, 45, min_fixed=-1000, max_fixed=1000)
            except Senseless:
                continue
            retyped = show(Value.of_number(Number(decimal)), policy.of(step.key))
            same = str(retyped) == step.shown
            # a value that is not rational keeps its zeros
            assert same or Decimal(str(retyped)) == Decimal(step.shown), (seed, step.key, text)
            lines += 1
    assert lines > 2500


def test_carrying_differs_from_rounding_at_the_end() -> None:
    exact = replace(load_problem("two-output-sigmoid").rounding, carry="exact")
    shown = quantities(solve("two-output-sigmoid"))
    full = quantities(solve(replace(load_problem("two-output-sigmoid"), rounding=exact)))
    assert shown["grad.w1"]["value"] == full["grad.w1"]["value"]
    assert shown["grad.w1"]["shown"] != full["grad.w1"]["shown"]


def test_data_do_not_change_when_asked_for_twice() -> None:
    for name in ("two-output-sigmoid", "shared-bias", "or-gate", "delta-rule"):
        solved = solve(name)
        assert solved.to_data() == solved.to_data()

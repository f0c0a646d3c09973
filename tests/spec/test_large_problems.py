"""Large matrices are read at once: what is read, and what is said of a mistake, stays the same."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop import problem_from_mapping
from symbackprop.errors import ProblemError
from symbackprop.spec import read_problem
from symbackprop.spec.faults import Fault
from symbackprop.spec.text.numerals import parse_number, parse_row

WRITTEN = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-99, 99, places=4).map(str),
    st.text("0123456789.-+eE ,/", max_size=8),
    st.sampled_from(["-0", "-0.00", "0e-3", "-0e-5", "1.", ".5", "1e-400", "1e-05", "-2.50", "", "1,2", "٣"]),
)


@given(st.lists(WRITTEN, min_size=1, max_size=6))
def test_a_row_is_what_its_numbers_are_one_by_one(texts: list[str]) -> None:
    row = parse_row(texts)
    if row is not None:
        assert row == [parse_number(text) for text in texts]
        return
    # what is not read at once is in another form than a plain one, or no number
    assert any(_plain(text) is None for text in texts)


def _plain(text: str) -> str | None:
    """Return a number's text where it is one that `parse_number` leaves as it is."""
    try:
        number = parse_number(text)
    except Fault:
        return None
    return text if number.exponent is None and number.text == text and "/" not in text else None


@pytest.mark.parametrize("values", [[], None, "1", ["1", None], [["1"]], [1.0]])
def test_what_is_no_list_of_texts_is_no_row(values: object) -> None:
    assert parse_row(values) is None


def fields(units: int = 3, width: int = 40) -> dict[str, object]:
    draw = np.random.default_rng(0)
    weights = draw.normal(0, 0.3, (units, width)).tolist()
    return {
        "title": "Wide",
        "network": {
            "inputs": draw.uniform(0, 1, width).round(3).tolist(),
            "targets": [0.5] * units,
            "layers": [
                {"units": units, "activation": "sigmoid", "weights": weights, "biases": [0.1] * units}
            ],
        },
    }


def test_mapping_json_and_yaml_say_the_same() -> None:
    one = problem_from_mapping(fields())
    texts = [
        json.dumps(fields()),
        json.dumps(fields(), indent=2),
        "# YAML\n" + json.dumps(fields(), indent=2),
    ]
    for text in texts:
        two = read_problem(text)
        assert (two.weights, two.biases, two.samples) == (one.weights, one.biases, one.samples)
    rows = fields()["network"]["layers"][0]["weights"]  # type: ignore[index]
    assert [float(str(weight.value)) for weight in one.weights] == [value for row in rows for value in row]


@pytest.mark.parametrize("start", ["", "# YAML\n"])
@pytest.mark.parametrize("indent", [None, 1])
def test_the_line_of_a_number_in_a_long_row(start: str, indent: int | None) -> None:
    data = fields()
    rows = data["network"]["layers"][0]["weights"]  # type: ignore[index]
    rows[1][17] = "oops!"
    text = start + json.dumps(data, indent=indent)
    line = text[: text.index("oops!")].count("\n") + 1
    with pytest.raises(ProblemError) as raised:
        read_problem(text, "wide.json" if not start else "wide.yaml")
    assert raised.value.line == line
    assert "network.layers[1].weights[2][18]: not a number; given oops!" in str(raised.value)


def test_lines_of_numbers_are_kept_and_problems_can_be_stored() -> None:
    text = json.dumps(fields(), indent=1)
    problem = read_problem(text, "wide.json")
    lines = problem.source.lines
    first = lines["network.layers[1].weights[1]"]
    assert lines["network.layers[1].weights[1][40]"] == first + 40
    assert pickle.loads(pickle.dumps(problem)) == problem


def test_doubles_of_numpy_are_written_as_pythons() -> None:
    draw = np.random.default_rng(1)
    doubles = np.concatenate([draw.normal(0, 10.0**power, 200) for power in range(-12, 13)])
    as_array, as_list = (
        problem_from_mapping(
            {
                "network": {
                    "inputs": [1] * len(doubles),
                    "targets": [1],
                    "layers": [{"units": 1, "activation": "sigmoid", "weights": weights}],
                }
            }
        )
        for weights in (doubles[None], [[np.float64(value) for value in doubles]])
    )
    assert as_array.weights == as_list.weights
    assert [str(w.value) for w in as_array.weights[:5]] == [
        str(parse_number(repr(v))) for v in doubles.tolist()[:5]
    ]

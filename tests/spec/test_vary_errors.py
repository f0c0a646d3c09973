"""Every mistake of vary_texts.yaml gives exactly the text that stands there."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.errors import ProblemError
from symbackprop.formulas.terms import Number
from symbackprop.spec import Dense, dense_problem, json_schema, problem_from_mapping, read_problem
from symbackprop.spec.choices import Kept, Listed, Vary

TEXTS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("vary_texts.yaml").read_text(encoding="utf-8")
)
BASES = [name for name in TEXTS if name != "cases"]


@pytest.mark.parametrize("case", TEXTS["cases"], ids=lambda case: case["case"])
def test_error_text(case: dict[str, Any]) -> None:
    vary = "".join(f"  {line}\n" for line in case["vary"].splitlines())
    text = f"{TEXTS[case['base']].rstrip()}\nvary:\n{vary}"
    for change in case.get("changes", ()):
        assert change["from"] in text
        text = text.replace(change["from"], change["to"], 1)
    with pytest.raises(ProblemError) as caught:
        read_problem(text, "p.yaml")
    assert str(caught.value) == case["text"]


@pytest.mark.parametrize("base", BASES)
def test_the_bases_are_problems(base: str) -> None:
    assert read_problem(TEXTS[base]).vary is None
    assert read_problem(f"{TEXTS[base].rstrip()}\nvary: {{weights: auto}}\n").vary is not None


# --- anything else ---------------------------------------------------------------------------------

COMPACT: dict[str, Any] = yaml.safe_load(TEXTS["compact"])
VALIDATOR = jsonschema.Draft202012Validator(json_schema())

words = st.sampled_from(
    ["-1 to 1 by 0.05", "0 to 1", "auto", "fixed", "w1_1_1 + 0.1", "x1*x2", "max(x1, 1)", "1/3", "target_o1"]
)
pieces = st.lists(
    st.sampled_from([*"+-*/^()., 019", " to ", " by ", "w1_1_1", "x1", "1e9", "1/0", "0.05", "max(", "norm"]),
    max_size=8,
).map("".join)
choices = st.recursive(
    st.none() | st.booleans() | words | pieces | st.text(max_size=12) | st.integers(-9, 9).map(str),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["distribution", "mean", "sd", "by", "from", "to", "units", "activation", "digits"]
            ),
            inner | st.sampled_from(["normal", "uniform", "0.1", "1"]),
            max_size=5,
        )
    ),
    max_leaves=6,
)
names = st.sampled_from(
    [
        *("inputs", "targets", "weights", "biases", "learning_rate", "given", "layers", "quality"),
        *("w1_1_1", "w*", "x1", "target.o1", "b2", "nothing", "x1#2", "[", ""),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(names, choices, max_size=4) | choices)
def test_whatever_stands_under_vary_is_understood_or_refused(vary: Any) -> None:
    """An error is meant for the author, and what the schema allows is refused for its meaning alone."""
    try:
        problem = problem_from_mapping({**COMPACT, "vary": vary})
    except ProblemError as error:
        assert str(error) and "pydantic" not in str(error)
        return
    assert (problem.vary is None) is (vary is None)
    assert VALIDATOR.is_valid({**COMPACT, "vary": vary})


@pytest.mark.parametrize(
    "vary",
    [
        {"weights": "-1 to 1 by 0.05", "x1": [0.1, 0.2], "targets": None, "learning_rate": 0.1},
        {"w*": {"distribution": "normal", "mean": 0, "sd": 0.5, "by": 0.05}},
        {"layers": {"1": {"units": [2, 3], "activation": ["sigmoid", {"name": "leaky_relu"}]}}},
        {"quality": {"saturation": None, "digits": 3, "distinct": False, "attempts": 10}},
    ],
)
def test_the_schema_allows_what_is_understood(vary: dict[str, Any]) -> None:
    VALIDATOR.validate({**COMPACT, "vary": vary})
    assert problem_from_mapping({**COMPACT, "vary": vary}).vary is not None


@pytest.mark.parametrize(
    "vary",
    [
        3,
        [],
        {"weights": []},
        {"weights": True},
        {"weights": ["big"]},
        {"weights": {"distribution": "gauss"}},
        {"weights": {"form": 1}},
        {"layers": {"1": {"size": 3}}},
        {"layers": {"1": {"units": 0}}},
        {"quality": {"saturations": 1}},
        {"quality": {"distinct": 1}},
        {"quality": {"attempts": 0}},
    ],
)
def test_typical_mistakes_are_refused_by_the_schema(vary: Any) -> None:
    assert not VALIDATOR.is_valid({**COMPACT, "vary": vary})
    with pytest.raises(ProblemError):
        problem_from_mapping({**COMPACT, "vary": vary})


def test_vary_in_python() -> None:
    problem = dense_problem(
        title="T",
        inputs=[0.5],
        targets=[0.9],
        layers=[Dense(1, "sigmoid", weights=[[0.3]])],
        vary={"weights": [0.25, Fraction(1, 3)], "inputs": None},
    )
    assert problem.vary == Vary(
        {"x1": Kept(), "w1_1_1": Listed((Number("0.25"), Number("1/3")))},
    )

"""Whatever the text, the outcome is a problem or an error meant for the user."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop.errors import SymbackpropError
from symbackprop.spec import (
    Problem,
    example_names,
    example_path,
    problem_from_mapping,
    read_problem,
    starter_text,
)
from symbackprop.spec.model import NetworkForm

TEXTS = [example_path(name).read_text(encoding="utf-8") for name in example_names()] + [starter_text()]
PIECES = [
    *":-[]{},\n#&*!|>'\"%@`~?\t0\x00\u2028\ud7ffé",
    *("[[", "]]", "{{", "}}", "$x$", "\\input", "~4", "|o1", "#1", "@1", ": ", "- ", "\n\n"),
    *("null", "true", ".nan", "1e999", "-1", "9999999999", "w1", "h1", "o1", "x1"),
    *("network", "layers", "units", "sigmoid"),
]


def outcome(text: Any, file: str = "p.yaml") -> None:
    """Read the text; anything but a problem or an error with a text is a failure."""
    try:
        problem = read_problem(text, file)
    except SymbackpropError as error:
        assert str(error)
        assert "pydantic" not in str(error)
        return
    assert isinstance(problem, Problem)


@settings(max_examples=150)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    outcome(text)
    outcome(text, "p.json")


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    outcome(content)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TEXTS), st.integers(0, 2**32), st.integers(1, 4))
def test_mutated_examples(text: str, seed: int, changes: int) -> None:
    chance = random.Random(seed)
    for _ in range(changes):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice([0, 0, 1, 3, 10, 60]))
        text = text[:start] + chance.choice(PIECES) + text[end:]
    outcome(text)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TEXTS), st.integers(0, 2**32))
def test_examples_with_lines_lost_doubled_or_swapped(text: str, seed: int) -> None:
    chance = random.Random(seed)
    lines = text.split("\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    action = chance.choice(["lose", "double", "swap"])
    if action == "lose":
        del lines[first]
    elif action == "double":
        lines.insert(second, lines[first])
    else:
        lines[first], lines[second] = lines[second], lines[first]
    outcome("\n".join(lines))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1", "x1", "tanh"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x1", "inputs", "name", "to"]), inner)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(sorted(set(NetworkForm.model_fields) - {"note"}))


@settings(max_examples=300)
@given(
    st.dictionaries(FIELDS, VALUES, max_size=3),
    st.sampled_from(["title", "rounding", "notation", "frozen"]),
    VALUES,
)
def test_any_values_in_any_field(changes: dict[str, Any], top: str, value: Any) -> None:
    network = {
        "inputs": [1, 2],
        "targets": [1],
        "layers": [{"units": 1, "activation": "tanh", "weights": [[1, 2]], "biases": [3]}],
        **changes,
    }
    try:
        assert isinstance(problem_from_mapping({"network": network, top: value}), Problem)
    except SymbackpropError as error:
        assert str(error)


def test_large_nonsense_takes_no_time() -> None:
    start = time.perf_counter()
    for text in (
        "network: {weights: [" + "{}," * 20_000 + "]}",
        "\n".join(f"k{n}: 1" for n in range(20_000)),
    ):
        outcome(text)
    assert time.perf_counter() - start < 3


def test_reading_is_cheap() -> None:
    """Who makes a slip in a file does not wait for SymPy: how long it takes, a benchmark says."""
    code = (
        "import sys; import symbackprop.spec as spec\n"
        "assert not {'pydantic', 'numpy', 'sympy', 'jinja2', 'flint'} & set(sys.modules), 'heavy import'\n"
        "try: spec.read_problem('network: {inputs: 1}')\n"
        "except Exception as error: assert 'network' in str(error)\n"
        "assert not {'numpy', 'sympy', 'jinja2', 'flint'} & set(sys.modules), 'heavy import'\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr

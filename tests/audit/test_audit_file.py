"""Audit files: what they may say, and what is said of those that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop import ProblemError, load_problem, solve
from symbackprop.audit import audit, load_audit, to_data
from symbackprop.audit.audit_file import build_audit
from symbackprop.spec.text.reader import parse_text

FIGURE = "figures:\n  - {quantity: act.h1, printed: 0.55}\n"


def refused(text: str) -> str:
    with pytest.raises(ProblemError) as error:
        audit(build_audit(parse_text(text, "page.yaml")))
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "problem: delta-rule\n",
            "page.yaml:1: figures: missing; expected a list such as [{quantity: grad.w7, printed: "
            "0.186047383}]",
        ),
        (
            FIGURE,
            "page.yaml:1: problem: missing; expected a built-in example's name, a file or a whole problem",
        ),
        (
            "problem: delta-rule\nfigurs: []\n",
            "page.yaml:2: figurs: no such field in an audit file; expected one of problem, figures, "
            "title, source. "
            "Did you mean figures?",
        ),
        (
            "problem: delta-rule\nfigures: []\n",
            "page.yaml:2: figures: no figures; given an empty list; expected a list such as "
            "[{quantity: grad.w7, printed: 0.186047383}]",
        ),
        (
            "problem: delta-rule\nfigures: {act.h1: 0.55}\n",
            "page.yaml:2: figures: no list of figures; given a mapping (act.h1); expected a list such as "
            "[{quantity: grad.w7, printed: 0.186047383}]",
        ),
        (
            "problem: delta-rule\nfigures:\n  - act.h1\n",
            "page.yaml:3: figures[1]: not a figure; given act.h1; expected the fields quantity and "
            "printed, as in "
            "{quantity: grad.w7, printed: 0.186047383}",
        ),
        (
            "problem: delta-rule\nfigures:\n  - {quantiy: act.h1, printed: 0.55}\n",
            "page.yaml:3: figures[1]: not a figure; given a mapping (quantiy, printed); expected the "
            "fields quantity and "
            "printed, as in {quantity: grad.w7, printed: 0.186047383}. Did you mean quantity?",
        ),
        (
            "problem: delta-rule\nfigures:\n  - {quantity: act.h1, printed: about a half}\n",
            "page.yaml:3: figures[1].printed: not a number; given about a half; expected the printed "
            "digits, such as "
            "0.186, -2.6e-4 or 4.83 x 10^-4",
        ),
        (
            'problem: delta-rule\nfigures:\n  - {quantity: act.h1, printed: "1,234"}\n',
            "page.yaml:3: figures[1].printed: a number that can be read in two ways; given 1,234; "
            "expected the printed "
            "digits, such as 0.186, -2.6e-4 or 4.83 x 10^-4. '1,234' may be 1.234 or 1234; write it with "
            "a point",
        ),
        (
            "problem: delta-rule\nfigures:\n  - {quantity: 'act h1|', printed: 0.55}\n",
            "page.yaml:3: figures[1].quantity: not a quantity key; given act h1|; expected such as "
            "net.h1, grad.w5 or "
            "loss@1~4",
        ),
        (
            "problem: delta-rule\nfigures:\n  - {quantity: grad.w31, printed: 0.55}\n",
            "page.yaml:3: figures[1].quantity: the problem has no such quantity; given grad.w31; "
            "expected a quantity key "
            "of the problem, such as grad.w23, grad.w21, grad.w13. Did you mean grad.w23, grad.w21, "
            "grad.w13, grad.w12?",
        ),
        (
            "problem: or-gate\nfigures:\n  - {quantity: act.h1@1, printed: 0.55}\n",
            "page.yaml:3: figures[1].quantity: the problem has no such quantity; given act.h1@1; "
            "expected a quantity key "
            "of the problem, such as act.h1, act.o1, act.h2. The problem has no learning rate, so "
            "nothing is updated.",
        ),
        (
            "problem: delta-rule\nfigures:\n  - {quantity: loss@4000, printed: 0.55}\n",
            "page.yaml:3: figures[1].quantity: the problem has no such quantity; given loss@4000; "
            "expected a quantity key "
            "of the problem, such as loss@40, loss@100, loss@4. An audit goes no further than 100 updates.",
        ),
        (
            "problem: delta-rul\n" + FIGURE,
            "page.yaml:1: problem: neither a file nor a built-in example; given delta-rul; expected a "
            "problem file, or one "
            "of the examples",
        ),
        (
            "problem: [delta-rule]\n" + FIGURE,
            "page.yaml:1: problem: neither a name nor a problem; given [delta-rule]; expected a built-in "
            "example's name, "
            "a file or a whole problem",
        ),
        (
            "problem:\n  network:\n    inputs: [1]\n    targets: [1]\n    layers:\n"
            "      - {units: 1, activation: sigmod, weights: [[0.5]]}\n" + FIGURE,
            "page.yaml:6: network.layers[1].activation: unknown activation; given sigmod; expected one "
            "of sigmoid,",
        ),
        (
            "problem: delta-rule\ntitle: [a]\n" + FIGURE,
            "page.yaml:2: title: not a text; given [a]",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used(text: str, message: str) -> None:
    assert refused(text).startswith(message)


def test_a_figure_for_which_the_problem_has_no_value() -> None:
    message = refused("problem: or-gate\nfigures:\n  - {quantity: w1, printed: 0.55}\n")
    assert "figures[1].quantity: the problem has no such quantity; given w1" in message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no such file"):
        load_audit(tmp_path / "none.yaml")


def test_the_problem_may_be_a_file_beside_the_audit_file(tmp_path: Path) -> None:
    from symbackprop.spec import example_path

    (tmp_path / "net.yaml").write_text(
        example_path("delta-rule").read_text(encoding="utf-8"), encoding="utf-8"
    )
    file = tmp_path / "page.yaml"
    file.write_text("problem: net.yaml\ntitle: A page\nsource: The web\n" + FIGURE, encoding="utf-8")
    request = load_audit(file)
    assert (request.title, request.source) == ("A page", "The web")
    assert not audit(request).faults  # sigma(0.21) is 0.552...


def test_the_problem_may_be_written_out() -> None:
    text = (
        "problem:\n  title: Inline\n  network:\n    inputs: [0.5]\n    targets: [1]\n    layers:\n"
        "      - {units: 1, activation: sigmoid, weights: [[0.8]]}\n    learning_rate: 0.1\n"
        "figures:\n  - {quantity: net.o1, printed: 0.4, note: the author's own words}\n"
        "  - {quantity: new.w1_1_1@1, printed: 0.7}\n"
    )
    found = audit(build_audit(parse_text(text, "page.yaml")))
    assert found.request.title == "Inline"
    assert to_data(found)["figures"][0]["verdict"] == "right"
    assert found.findings[1].figure.key == "new.w1_1_1"


def test_later_updates_are_made_as_far_as_figures_go() -> None:
    """The example has one epoch; the figure is of the third update."""
    right = float(solve(replace(load_problem("delta-rule"), epochs=3))["new.w11@3"])
    text = f"problem: delta-rule\nfigures:\n  - {{quantity: new.w11@3, printed: {right:.7f}}}\n"
    found = audit(build_audit(parse_text(text, "page.yaml")))
    assert found.findings[0].verdict == "right"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="problem:figures-[]{}, quantity printed.act.h1#@~|0.55\n '\"", max_size=120))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        build_audit(parse_text(text, "page.yaml"))
    except ProblemError as error:
        assert str(error)

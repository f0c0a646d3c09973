"""The audit of the four articles with figures, held against what was found by hand."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from symbackprop.audit import Finding, to_data

from .articles import ARTICLES, article, audit_data, audited

#: What each article's file says of a figure, in the audit's words.
VERDICTS = {"correct": "right", "convention": "convention", "wrong": ""}

#: The mistakes of the figures that are wrong by themselves, as `cause`, `reproduces` and `note` of each
#: article's file describe them: any of these names is what is said there.
NAMED: dict[tuple[str, str], set[str]] = {
    ("two_output_sigmoid", "grad.w7"): {"factor_dropped"},
    **{
        ("two_output_sigmoid", f"grad.{name}"): {"one_path_only"}
        for name in ("w1", "w2", "w3", "w4", "b1", "b2")
    },
    **{("or_gate", f"grad.{name}"): {"activation_derivative_omitted"} for name in ("w1", "w2", "b1", "b2")},
    ("delta_rule", "act.h1"): {"stale_value"},  # x2 = 0.9 instead of 0.7
    ("delta_rule", "act.h1~sub"): {"digit_miscopied"},  # a slip of the 0.56 printed before
    ("delta_rule", "act.h2~sub"): {"stale_value"},
    ("delta_rule", "delta.h2"): {"decimal_point_shifted"},
    ("delta_rule", "step.w11"): {"sign_dropped"},
    ("delta_rule", "new.w12"): {"another_step_added"},  # the step that belongs to w21
    ("delta_rule", "new.w13"): {"another_value", "sign_dropped"},  # delta.o1 replaced by x2; minus lost
    ("delta_rule", "new.w21"): {"another_weight"},  # started from the updated w12
    ("delta_rule", "new.w22"): {"step_applied_twice"},
    ("delta_rule", "act.h1@1"): {"another_weight"},  # w12(new) in place of w21(new)
    ("delta_rule", "act.o1@1"): {"sign_dropped"},  # w13(new) = -0.086615
}

FIGURES = [
    pytest.param(name, place, figure, id=f"{name}-{figure['quantity']}")
    for name in ARTICLES
    for place, figure in enumerate(article(name)["figures"])
]


def finding(name: str, place: int) -> Finding:
    return audited(name).findings[place]


@pytest.mark.parametrize(("name", "place", "figure"), FIGURES)
def test_verdict(name: str, place: int, figure: dict[str, Any]) -> None:
    """Right, right by the convention, inherited or own: as found by hand, all of them."""
    expected = VERDICTS[figure["verdict"]] or figure["cause"]
    assert finding(name, place).figure.name == figure["quantity"]
    assert finding(name, place).verdict == expected


@pytest.mark.parametrize(("name", "place", "figure"), FIGURES)
def test_what_is_inherited_comes_from_there(name: str, place: int, figure: dict[str, Any]) -> None:
    sources = [audited(name).findings[at].figure.name for at in finding(name, place).came_from]
    assert set(sources) == set(figure.get("inherited_from", []))


@pytest.mark.parametrize(("name", "place", "figure"), FIGURES)
def test_mistake(name: str, place: int, figure: dict[str, Any]) -> None:
    """The mistake of all 22, and none where there is none."""
    sure = finding(name, place).explanation
    if figure.get("cause") != "own":
        assert sure is None
        return
    assert sure is not None
    assert sure.mistake in NAMED[name, figure["quantity"]]
    assert NAMED[name, figure["quantity"]] <= {*sure.mistakes}


@pytest.mark.parametrize(("name", "place", "figure"), FIGURES)
def test_correction(name: str, place: int, figure: dict[str, Any]) -> None:
    """The right number, and what the article would show under its own convention, at the printed digits."""
    found = finding(name, place)
    unit = Decimal(1).scaleb(found.figure.printed.written.unit)
    assert abs(Decimal(str(found.right)) - Decimal(figure["exact"])) <= unit / 2
    if figure["quantity"] not in OTHER_DIGITS.get(name, ()):
        assert abs(Decimal(str(found.corrected)) - Decimal(figure["corrected"])) <= unit


#: delta.h2 is printed to four decimals, its point misplaced; by the article's file it has five, so what is
#: made of it differs.
OTHER_DIGITS = {"delta_rule": ("delta.h2", "new.w12", "new.w22")}


def test_what_was_to_be_found() -> None:
    counts = {"wrong": 0, "own": 0, "fine": 0}
    for name in ARTICLES:
        for one in audited(name).findings:
            counts["wrong" if one.wrong else "fine"] += 1
            counts["own"] += one.verdict == "own"
    assert counts == {"wrong": 44, "own": 22, "fine": 69}


@pytest.mark.parametrize(
    ("name", "words", "score", "figures"),
    [
        ("two_output_sigmoid", "cut off after a read-out of 10 digits, displayed values carried", 37, 44),
        ("or_gate", "rounded to nearest, full precision carried", 11, 15),  # displayed values give as many
        ("shared_bias", "cut off, full precision carried", 31, 31),
        ("delta_rule", "rounded to nearest, displayed values carried", 12, 23),
    ],
)
def test_convention(name: str, words: str, score: int, figures: int) -> None:
    """As `conventions.rounding` of each article's file has it."""
    inferred = audited(name).convention
    assert (inferred.convention.words, inferred.score, inferred.figures) == (words, score, figures)
    assert max(found for _, found in inferred.scores) == score


@pytest.mark.parametrize(
    ("name", "quantity", "shows"),
    [
        ("two_output_sigmoid", "grad.w7", "(1 − 0.687987956) × 0.596282699 = 0.1860473837"),
        (
            "two_output_sigmoid",
            "grad.w1",
            "0.145537252 × 0.40 × 0.606470487 × (1 − 0.606470487) × 0.05 = 0.0006946901573",
        ),
        ("two_output_sigmoid", "new.w7", "0.50 − 0.01 × 0.186047383 = 0.498139526"),
        ("or_gate", "grad.w2", "−0.122 × 0.02 × 1 = −0.00244"),
        ("delta_rule", "act.h1", "1/(1 + e^(−(0.2 × 0.35 + 0.2 × 0.9))) = 0.562"),
        ("delta_rule", "step.w11", "−1 × 0.0027 × 0.35 = −0.000945; printed 0.000945"),
        ("delta_rule", "new.w21", "0.271335 − 1 × 0.0027 × 0.7 = 0.269445"),
        ("delta_rule", "new.w22", "0.3 − 1 × 0.0819 × 0.7 − 1 × 0.0819 × 0.7 = 0.18534"),
        ("delta_rule", "act.h1@1", "1/(1 + e^(−(0.200945 × 0.35 + 0.273225 × 0.7))) = 0.565"),
    ],
)
def test_arithmetic(name: str, quantity: str, shows: str) -> None:
    """The numbers that the article reads, as `reproduces` of its file has them."""
    data = to_data(audited(name))
    assert [one["shows"] for one in data["figures"] if one["quantity"] == quantity] == [shows]


@pytest.mark.parametrize("name", ARTICLES)
def test_an_audit_takes_no_longer_than_five_seconds(name: str, tmp_path: Path) -> None:
    """The command, from a cold start: in processor time, since other programs may want the machine too."""
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(audit_data(name)), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = subprocess.run(
        [sys.executable, "-m", "symbackprop", "audit", str(file), "--json"],
        capture_output=True,
        check=False,
        timeout=120,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert made.returncode == (1 if audited(name).faults else 0), made.stderr
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 5

"""Every mistake of error_texts.yaml gives exactly the text that stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from symbackprop.errors import ProblemError
from symbackprop.notation.notation import OPTIONS
from symbackprop.notation.presets import PRESETS
from symbackprop.spec import load_problem, read_problem, translate
from symbackprop.spec.faults import Written, field_path
from symbackprop.spec.model import ProblemForm

TEXTS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("error_texts.yaml").read_text(encoding="utf-8")
)


def refusal(text: str, file: str = "p.yaml") -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        read_problem(text, file)
    return caught.value


@pytest.mark.parametrize("case", TEXTS["cases"], ids=lambda case: case["case"])
def test_error_text(case: dict[str, Any]) -> None:
    text = TEXTS[case["base"]]
    for change in case["changes"]:
        assert change["from"] in text
        text = text.replace(change["from"], change["to"], 1)
    assert str(refusal(text)) == case["text"]


@pytest.mark.parametrize("base", ["compact", "explicit"])
def test_the_bases_are_problems(base: str) -> None:
    assert read_problem(TEXTS[base]).title == "Two outputs"


def test_unknown_notation_names_the_known_ones() -> None:
    base = TEXTS["explicit"]
    assert str(refusal(base.replace("form: chain", "fomr: chain"))) == (
        "p.yaml:30: notation.fomr: unknown notation option; given chain; "
        f"expected preset, names, letters, or one of {', '.join(OPTIONS)}. Did you mean form?"
    )
    assert str(refusal(base.replace("preset: z-a", "preset: z_a"))) == (
        "p.yaml:29: notation.preset: unknown notation preset; given z_a; "
        f"expected one of {', '.join(PRESETS)}. Did you mean z-a?"
    )
    forms = OPTIONS["form"]
    assert isinstance(forms, tuple)
    assert str(refusal(base.replace("form: chain", "form: chian"))) == (
        "p.yaml:30: notation.form: unknown value of a notation option; given chian; "
        f"expected one of {', '.join(forms)}. Did you mean chain?"
    )


def test_several_mistakes_give_several_lines_but_not_a_hundred() -> None:
    rows = "\n".join(f"    - {{name: v{n}, from: x1, to: h1, valeu: {n}}}" for n in range(50))
    error = refusal(TEXTS["explicit"].replace("  biases:", f"{rows}\n  biases:"))
    lines = str(error).split("\n")
    assert len(lines) == 6
    assert lines[0] == (
        "p.yaml:18: network.weights[9].valeu: unknown field; expected one of name, tied_to, from, to, value. "
        "Did you mean value?"
    )
    assert lines[-1] == "... and 45 more"
    assert (error.line, error.field) == (18, "network.weights[9].valeu")


def test_the_parts_of_an_error() -> None:
    error = refusal(TEXTS["compact"].replace("0.05", "abc"))
    assert (error.file, error.line, error.field, error.given) == ("p.yaml", 3, "network.inputs[1]", "abc")
    assert error.message == "not a number"
    assert error.expected == "a number such as 0.40, -2, 1e-3 or 1/3"


def test_an_unknown_finding_of_pydantic_is_still_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    detail = InitErrorDetails(
        type=PydanticCustomError("brand_new", "Input should be something {x}", {"x": 1}),
        loc=("network", "inputs", "<list>", 1),
        input="abc",
    )

    def refuse(*_: object, **__: object) -> None:
        raise ValidationError.from_exception_data("ProblemForm", [detail])

    monkeypatch.setattr(ProblemForm, "model_validate", refuse)
    written = Written({"network": {"inputs": ["1", "abc"]}}, "p.yaml", {(): 1, ("network", "inputs", 1): 4})
    with pytest.raises(ProblemError) as caught:
        translate.check_form(written)
    assert str(caught.value) == "p.yaml:4: network.inputs[2]: cannot be used as it is written; given abc"


def test_field_paths_count_from_one_and_stay_short() -> None:
    assert field_path(("network", "layers", 1, "weights", 0)) == "network.layers[2].weights[1]"
    assert field_path(("rounding", "roles", "act.*")) == 'rounding.roles["act.*"]'
    assert field_path(("a\nb" * 40,)) == '["' + ("a\N{REPLACEMENT CHARACTER}b" * 40)[:40] + '..."]'
    assert len(field_path((0,) * 1000)) < 50


def test_an_error_names_the_file_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("title: x\n")
    with pytest.raises(
        ProblemError, match=r"^mine\.yaml:1: network: missing; expected the network and its data$"
    ):
        load_problem("mine.yaml")

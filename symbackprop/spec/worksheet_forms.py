"""The form of a sheet file: its fields, their kinds and what they mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from .display_forms import Patterns
from .faults import Fault
from .fields import Flag, Form, Num, Text, TextLine, either, text_line
from .worksheet import DEGREES, FADING, RULINGS

#: An item of a sheet may leave open only its result, up to its whole derivation.
DegreeName = Literal["worked", "choice", "result", "substitution", "formula", "derivation"]

Fade = Annotated[
    Annotated[TextLine, Tag("<text>")] | Annotated[list[DegreeName], Tag("<list>")],
    either(f"{', '.join(FADING)}, or a list of {', '.join(DEGREES)}"),
]
PointsField = Annotated[
    Annotated[Num, Tag("<text>")] | Annotated[dict[str, Num], Tag("<mapping>")],
    either("a number for every item, or a mapping such as {grad.*: 2, other: 1}"),
]
ProblemField = Annotated[
    Any,
    PlainValidator(lambda value: value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
]


#: The most problems of a sheet, the most lines to fill in, and the longest word before such a line.
MOST_TASKS, MOST_LABELS, LONGEST_LABEL = 50, 8, 24


def _label(value: object) -> str:
    text = text_line(value)
    if not 1 <= len(text) <= LONGEST_LABEL:
        raise Fault("not a label", expected=f"1 to {LONGEST_LABEL} characters, such as Name or Signature")
    return text


Label = Annotated[
    str,
    PlainValidator(_label),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_LABEL}),
]


class AskingForm(Form):
    """What is asked and how; on a sheet it holds for every problem that does not say otherwise."""

    ask: Patterns | None = Field(
        None,
        description="What is asked: everything, forward, error, output, gradients, updates, second_pass, or "
        "quantity keys and patterns such as grad.w5 or net.*.",
    )
    degree: DegreeName | None = Field(
        None,
        alias="as",
        description="What each item leaves open: worked (nothing), choice (of four), result, "
        "substitution, formula or derivation.",
    )
    fade: Fade | None = Field(
        None,
        description="Fading: light, medium or strong, or a list such as [worked, substitution, formula, "
        "derivation]; the first item of a kind leaves open the first, the next the second.",
    )
    points: PointsField | None = Field(None, description="What items are worth; 1 each if not given.")
    room: Literal["lined", "grid", "empty"] | None = Field(
        None, description=f"The room to work in for derivations: {', '.join(RULINGS)}."
    )
    diagram: Literal["filled", "blank", "none"] | None = Field(
        None, description="The picture of the network: with its values, without them, or left out."
    )


class TaskForm(AskingForm):
    """One problem of a sheet."""

    problem: ProblemField = Field(
        description="A problem file, beside the sheet file, the name of a built-in example, or the problem "
        "itself."
    )
    title: TextLine | None = Field(None, description="The problem's title on the sheet.")


class SheetForm(AskingForm):
    """A sheet of one or several problems."""

    title: TextLine | None = Field(None, description="The title of the sheet.")
    course: TextLine | None = Field(None, description="The course.")
    term: TextLine | None = Field(None, description="The term, such as Winter 2026.")
    date: TextLine | None = Field(None, description="The date, as it is to be printed.")
    time: TextLine | None = Field(None, description="How much time there is.")
    aids: TextLine | None = Field(None, description="What may be used.")
    instructions: Text | None = Field(
        None, description="Text for the students; formulas between dollar signs, such as $y_1 = sigma(z_1)$."
    )
    head: list[Label] | None = Field(
        None,
        description="The lines to fill in at the head; Name and Number if not given.",
        json_schema_extra={"maxItems": MOST_LABELS},
    )
    formula_sheet: Flag = Field(False, description="A page of formulas at the end.")
    hints: Flag = Field(False, description="A page of hints at the end, one for each item.")
    large_print: Flag = Field(False, description="In type of 16 points.")
    problems: list[TaskForm] = Field(
        description="The problems, in order.", json_schema_extra={"minItems": 1, "maxItems": MOST_TASKS}
    )

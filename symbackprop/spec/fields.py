"""The kinds of field a problem file is made of: names, numbers, counts, texts and either-or forms."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, PlainValidator, WithJsonSchema, WrapValidator

from ..formulas.expressions import LONGEST_EXPRESSION
from ..formulas.terms import Number
from ..notation.update_names import SINGLE_KINDS
from .faults import Fault
from .functions import ACTIVATIONS, LOSSES, activation_name, loss_name
from .text.amounts import EXPRESSION_PATTERN, parse_amount
from .text.numerals import (
    LARGEST_EXPONENT,
    NUMBER_PATTERN,
    parse_constant,
    parse_number,
    parse_row,
    parse_side,
    parse_whole,
)

LONGEST_NAME = 40
LONGEST_TEXT = 20_000
MOST_EPOCHS = 1_000_000
MOST_UNITS = 4096
MOST_DIGITS_SHOWN = 60
MOST_ATTEMPTS = 100_000

#: Words that notation and samples already use for something else.
RESERVED = frozenset(
    {"loss", "reported_loss", "learning_rate", "activation", "inputs", "targets", *SINGLE_KINDS}
)

NAME_FORM = "a letter, then letters, digits or underscores"
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufffe\uffff]")


class Form(BaseModel):
    """A mapping in a problem file; fields it does not know are refused."""

    # built when first used: each form anew within every form around it would take twice as long
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise Fault("not a name", expected=NAME_FORM)
    if len(value) > LONGEST_NAME:
        raise Fault("the name is too long", expected=f"at most {LONGEST_NAME} characters")
    if not _NAME.fullmatch(value):
        cut = value.count(")") > value.count("(")  # what stands behind a comma of an expression
        raise Fault("not a usable name", expected=NAME_FORM, hint=_CUT_HINT if cut else _NAME_HINT)
    if value in RESERVED:
        raise Fault("this name has a meaning of its own", expected="another name")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Fault("not a text", expected="text")
    if len(value) > LONGEST_TEXT:
        raise Fault("the text is too long", expected=f"at most {LONGEST_TEXT} characters")
    found = _CONTROL.search(value)
    if found:
        raise Fault(f"holds the control character U+{ord(found[0]):04X}", expected="printable text")
    return value.strip()


def text_line(value: object) -> str:
    """Return a text of one line.

    Raises:
        Fault: it is no text, too long, or not printable.
    """
    text = " ".join(_text(value).split())
    if len(text) > 300:
        raise Fault("the text is too long", expected="at most 300 characters")
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Fault("not a yes-or-no value", expected="true or false")
    return value


def _whole(lowest: int, highest: int) -> Any:
    return PlainValidator(lambda value: parse_whole(value, lowest=lowest, highest=highest))


def _count_schema(lowest: int, highest: int) -> WithJsonSchema:
    whole = {"type": "integer", "minimum": lowest, "maximum": highest}
    return WithJsonSchema({"anyOf": [whole, {"type": "string", "pattern": "^[+-]?[0-9]+$"}]})


def form_of(value: object) -> str | None:
    """Return the tag of a value's form, for fields that take more than one."""
    if isinstance(value, str):
        return "<text>"
    if isinstance(value, list):
        return "<list>"
    return "<mapping>" if isinstance(value, dict) else None


def data_form(value: object) -> str | None:
    """Return the tag of inputs or targets: a matrix, where the first item is a list, is one for a batch."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "<matrix>"
    return None if isinstance(value, str) else form_of(value)


def sample_form(value: object) -> str | None:
    """Return the tag of a sample's form: in two parts, or flat with a number for each unit."""
    if isinstance(value, dict):
        return "<parts>" if "inputs" in value or "targets" in value else "<flat>"
    return None


def activation_form(value: object) -> str | None:
    """Return the tag of an activation's form: a name, settings, or the author's own expression."""
    return "<own>" if isinstance(value, dict) and "expression" in value else _named_form(value)


def loss_form(value: object) -> str | None:
    """Return the tag of a loss's form: a name, settings, or the author's own expression."""
    own = isinstance(value, dict) and value.get("kind") == "custom"
    return "<own>" if own else _named_form(value)


def _named_form(value: object) -> str | None:
    return None if isinstance(value, list) else form_of(value)


def either(expected: str) -> Discriminator:
    """Choose between the forms tagged <text>, <list> and <mapping>; name them in the error text."""
    return Discriminator(form_of, custom_error_type="form", custom_error_message=expected)


_number_schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}]}

Num = Annotated[Number, PlainValidator(parse_number), WithJsonSchema(_number_schema)]
_expression_schema = {"type": "string", "pattern": EXPRESSION_PATTERN, "maxLength": LONGEST_EXPRESSION}
#: A given number, which may be written as an expression.
Amount = Annotated[
    Number,
    PlainValidator(parse_amount),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}, _expression_schema]}
    ),
]
#: A list of given numbers; null: not given. Long ones are mostly plain decimals, read at once.
AmountList = Annotated[
    list[Amount | None],
    WrapValidator(
        lambda values, each: numbers if (numbers := parse_row(values)) is not None else each(values)
    ),
]
UnitName = Annotated[
    str,
    PlainValidator(_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$", "not": {"enum": sorted(RESERVED)}}),
]
Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string", "maxLength": LONGEST_TEXT})]
TextLine = Annotated[str, PlainValidator(text_line), WithJsonSchema({"type": "string"})]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Remark = Annotated[Any, PlainValidator(lambda value: value), WithJsonSchema({})]
Epochs = Annotated[int, _whole(1, MOST_EPOCHS), _count_schema(1, MOST_EPOCHS)]
EpochNumber = Annotated[int, _whole(0, MOST_EPOCHS), _count_schema(0, MOST_EPOCHS)]
SampleNumber = Annotated[int, _whole(1, MOST_EPOCHS), _count_schema(1, MOST_EPOCHS)]
Units = Annotated[int, _whole(1, MOST_UNITS), _count_schema(1, MOST_UNITS)]
Attempts = Annotated[int, _whole(1, MOST_ATTEMPTS), _count_schema(1, MOST_ATTEMPTS)]
Seed = Annotated[int, _whole(0, 2**32 - 1), _count_schema(0, 2**32 - 1)]
Digits = Annotated[int, _whole(0, MOST_DIGITS_SHOWN), _count_schema(0, MOST_DIGITS_SHOWN)]
Readout = Annotated[int, _whole(1, MOST_DIGITS_SHOWN), _count_schema(1, MOST_DIGITS_SHOWN)]
Exponent = Annotated[
    int,
    _whole(-LARGEST_EXPONENT, LARGEST_EXPONENT),
    _count_schema(-LARGEST_EXPONENT, LARGEST_EXPONENT),
]
Share = Annotated[
    Number,
    PlainValidator(parse_side),
    WithJsonSchema({"anyOf": [{"enum": ["left", "right"]}, *_number_schema["anyOf"]]}),
]
Constant = Annotated[
    Number | str,
    PlainValidator(parse_constant),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
ActivationName = Annotated[
    str, PlainValidator(activation_name), WithJsonSchema({"type": "string", "enum": list(ACTIVATIONS)})
]
LossName = Annotated[str, PlainValidator(loss_name), WithJsonSchema({"type": "string", "enum": list(LOSSES)})]

_CUT_HINT = 'Inside { } a comma ends an entry: put an expression that has one in quotes, "max(a, b)".'
_NAME_HINT = "How a name is printed is set under `notation: {names: ...}`, as in `h1: h_1`."

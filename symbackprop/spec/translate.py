"""Pydantic's findings in this project's words."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..errors import ProblemError
from .faults import Fault, Path, Written, joined
from .fields import Form
from .function_forms import REMARK
from .model import NetworkForm, ProblemForm
from .other_words import HINTS, SHEET_HINTS, WORDS
from .suggest import did_you_mean, listed

#: How many findings are looked at; a few of them are reported.
MOST_TRANSLATED = 100

_SHAPES = {
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_type": "text",
    "bool_type": "true or false",
}


def check_form(written: Written) -> Any:
    """Return the form of a problem or of a sheet of problems, filled from what is written.

    Raises:
        ProblemError: fields are unknown, missing or of the wrong kind; the text names the first few.
    """
    try:
        return root_form(written.data).model_validate(written.data, by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False)[:MOST_TRANSLATED]
        raise joined(_without_doubles(found, [_translate(dict(item), written) for item in found])) from None


def is_sheet(data: object) -> bool:
    """Return whether what is written is a sheet of problems and not a problem, also if it has none yet."""
    if not isinstance(data, dict):
        return False
    return "problems" in data or (not _PROBLEM.intersection(data) and bool(_SHEET.intersection(data)))


#: What only a problem has at its top, and what only a sheet has.
_PROBLEM = frozenset({"network", "graph"})
_SHEET = frozenset(
    {"problem", "ask", "as", "fade", "points", "instructions", "head", "hints", "formula_sheet"}
)


def root_form(data: object) -> type[Form]:
    """Return the form of a whole problem: layers of units, layers of any type, or a computation graph.

    A sheet of problems has a form of its own.
    """
    if not isinstance(data, dict):
        return ProblemForm
    if is_sheet(data):
        from .worksheet_forms import SheetForm

        return SheetForm
    network = data.get("network")
    layers = network.get("layers") if isinstance(network, dict) else None
    if "graph" in data:
        from .general_forms import GraphProblemForm

        return GraphProblemForm
    if isinstance(layers, list) and any(not isinstance(layer, dict) or "type" in layer for layer in layers):
        from .general_forms import GeneralProblemForm

        return GeneralProblemForm
    return ProblemForm


def _without_doubles(
    found: Sequence[Mapping[str, Any]], errors: Sequence[ProblemError]
) -> list[ProblemError]:
    """Drop "missing" where the same field is there under a misspelt name."""
    misspelt = {
        error.hint for item, error in zip(found, errors, strict=True) if item["type"] == "extra_forbidden"
    }
    return [
        error
        for item, error in zip(found, errors, strict=True)
        if item["type"] != "missing" or f"Did you mean {item['loc'][-1]}?" not in misspelt
    ]


def _translate(item: Mapping[str, Any], written: Written) -> ProblemError:
    kind, location = item["type"], item["loc"]
    path = written.existing(location)
    given = written.at(path)
    if kind == "extra_forbidden":
        return _unknown(location, path, written)
    if kind == "missing":
        return _missing(location, path, written)
    if kind == "form":
        return written.error(path, "wrong form", given=_given(given), expected=item["msg"])
    if kind == "value_error" and isinstance(item.get("ctx", {}).get("error"), Fault):
        fault: Fault = item["ctx"]["error"]
        if fault.inside:
            given = written.at((*path, *fault.inside))
        return written.error(
            (*path, *fault.inside),
            fault.message,
            given=_given(given),
            expected=fault.expected,
            hint=fault.hint,
        )
    if kind == "literal_error":
        return _literal(path, given, item, written)
    if kind in _SHAPES:
        rows = kind == "list_type" and path[-2:-1] == ("weights",)
        hint = "Weights are a list of rows, one for each unit: [[0.1, 0.2]]." if rows else ""
        return written.error(path, "wrong form", given=_given(given), expected=_SHAPES[kind], hint=hint)
    return written.error(path, "cannot be used as it is written", given=_given(given))


def _given(value: object) -> object:
    return "null" if value is None else value


def _literal(path: Path, given: object, item: Mapping[str, Any], written: Written) -> ProblemError:
    allowed = [word for word in _quoted(item.get("ctx", {}).get("expected", "")) if word]
    hint = ""
    if isinstance(given, str):
        other = WORDS.get(given.lower(), "")
        hint = f"Did you mean {other}?" if other in allowed else did_you_mean(given, allowed)
    if path[-1:] == ("batches",) and not hint:
        hint = "Mini-batches of equal size are batch_size: 2; others a list, [[1, 2], [3]]."
    return written.error(
        path, "unknown value", given=_given(given), expected=f"one of {listed(allowed)}", hint=hint
    )


def _quoted(text: str) -> list[str]:
    return text.split("'")[1::2]


def _unknown(location: tuple[str | int, ...], path: Path, written: Written) -> ProblemError:
    key = str(location[-1])
    model = _model_at(location[:-1], written)
    names = [field.alias or name for name, field in model.model_fields.items()] if model else []
    hint = _other_word(key, names) or did_you_mean(key, names)
    if not hint and len(path) == 1 and key in NetworkForm.model_fields:
        hint = f"Put {key} under network."
    if not hint and key in ProblemForm.model_fields:
        hint = f"Put {key} at the top of the file, not under {path[-2] if len(path) > 1 else 'it'}."
    own = model.__annotations__ if model else {}
    fields = sorted(model.model_fields.items(), key=lambda item: item[0] not in own) if model else []
    described = [field.alias or name for name, field in fields if field.description != REMARK]
    return written.error(path, "unknown field", expected=f"one of {listed(described, 40)}", hint=hint)


def _other_word(key: str, names: Sequence[str]) -> str:
    """Return what stands for another program's word; a name of the mapping itself comes before a far one."""
    if len(names) > 1 and "kind" in names and key in ("name", "type"):
        return "Did you mean kind?"
    if len(names) > 1 and "name" in names and "units" not in names and key in ("kind", "type"):
        return "Did you mean name?"
    if key == "gamma" and "momentum" in names:
        return HINTS["mu"]
    return (SHEET_HINTS if "ask" in names else HINTS).get(key.lower(), "")


def _missing(location: tuple[str | int, ...], path: Path, written: Written) -> ProblemError:
    key = str(location[-1])
    model = _model_at(location[:-1], written)
    expected = ""
    if model:
        for name, field in model.model_fields.items():
            if (field.alias or name) == key:
                expected = (field.description or "").rstrip(".")
    given = written.at(path)
    hint = ""
    if (
        not path
        and isinstance(given, dict)
        and any(name in given for name in ("layers", "inputs", "weights"))
    ):
        hint = "Put inputs, targets, layers and the rest of the network under network."
    return written.error((*path, key), "missing", expected=expected[:1].lower() + expected[1:], hint=hint)


def _model_at(location: tuple[str | int, ...], written: Written) -> type[Form] | None:
    """Return the model whose field stands at the location."""
    model: type[Form] | None = root_form(written.data)
    for end, part in enumerate(location, start=1):
        if isinstance(part, int):
            model = _layer_form(model, written.at(written.existing(location[:end])))
            continue
        for name, field in model.model_fields.items() if model else ():
            if (field.alias or name) == part:
                model = _form_inside(field.annotation)
                break
    return model


def _layer_form(model: type[Form] | None, layer: object) -> type[Form] | None:
    """Return the form of one of a list's items: of a layer of any type only what is written tells it."""
    from ..layers import LAYER_TYPES, TypedLayer

    if model is not TypedLayer or not isinstance(layer, dict):
        return model
    kind = layer.get("type", "dense")
    return LAYER_TYPES.get(kind) if isinstance(kind, str) else None


def _form_inside(annotation: Any) -> type[Form] | None:
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    for part in typing.get_args(annotation):
        found = _form_inside(part)
        if found is not None:
            return found
    return None

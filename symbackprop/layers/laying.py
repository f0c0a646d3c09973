"""Laying one layer: over what its `from` names, its faults told by file and line."""

from __future__ import annotations

from collections.abc import Sequence

from ..spec.faults import Fault, Path, Written
from ..spec.suggest import did_you_mean, listed
from .assembly import Assembly, Units
from .layer import TypedLayer


def lay(layer: TypedLayer, incoming: Units, assembly: Assembly) -> Units:
    """Lay one layer over what comes in, or over the earlier layer that its `from` names.

    Raises:
        ProblemError: the layer's fields do not fit.
    """
    path, written = assembly.place, assembly.written
    if isinstance(layer.source, str):
        incoming = _earlier(layer.source, (*path, "from"), assembly, written)
    try:
        outgoing = layer.lay(incoming, assembly)
    except Fault as fault:
        place = (*path, *fault.inside)
        given = written.at(place)
        given = _shape_of(given) if isinstance(given, list) else given if fault.inside else None
        raise written.error(
            written.existing(place), fault.message, given=given, expected=fault.expected, hint=fault.hint
        ) from None
    if layer.name:
        if layer.name in assembly.outputs:
            raise written.error((*path, "name"), "two layers have this name", given=layer.name,
                                expected="a name for each layer")  # fmt: skip
        assembly.outputs[layer.name] = outgoing
    return outgoing


def lay_all(layers: Sequence[TypedLayer], field: str, incoming: Units, assembly: Assembly) -> Units:
    """Lay the layers that stand in a field of the network, or of the layer that is being laid.

    Raises:
        ProblemError: the fields of one of them do not fit.
    """
    path, last = assembly.place, assembly.last
    for index, layer in enumerate(layers):
        assembly.place = (*path, field, index)
        assembly.last = last and index == len(layers) - 1
        incoming = lay(layer, incoming, assembly)
    assembly.place, assembly.last = path, last
    return incoming


def _shape_of(value: object) -> object:
    shape: list[str] = []
    while isinstance(value, list) and value:
        shape.append(str(len(value)))
        value = value[0]
    return " x ".join(shape) or value


def _earlier(name: str, path: Path, assembly: Assembly, written: Written) -> Units:
    if name not in assembly.outputs:
        raise written.error(
            path, "no earlier layer has this name", given=name, expected=f"one of {listed(assembly.outputs)}",
            hint=did_you_mean(name, assembly.outputs),
        )  # fmt: skip
    return assembly.outputs[name]

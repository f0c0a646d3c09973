"""Sizes along the axes of data: kernel, stride, padding, dilation, and where a window lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from ..spec.faults import Fault
from ..spec.text.numerals import parse_whole

MOST = 4096

Place = tuple[int, ...]


def _parse_sizes(value: object, lowest: int) -> Place:
    if not isinstance(value, list):
        return (parse_whole(value, lowest=lowest, highest=MOST),)
    if not 1 <= len(value) <= 2:
        raise Fault("wrong number of sizes", expected="a whole number, or one for rows and one for columns")
    sizes = []
    for index, item in enumerate(value):
        try:
            sizes.append(parse_whole(item, lowest=lowest, highest=MOST))
        except Fault as fault:
            raise Fault(fault.message, expected=fault.expected, inside=(index,)) from None
    return tuple(sizes)


def _parse_padding(value: object) -> Place | str:
    if value in ("same", "valid"):
        return str(value)
    try:
        return _parse_sizes(value, 0)
    except Fault as fault:
        raise Fault(
            fault.message, expected=f"{fault.expected}, or same, or valid", inside=fault.inside
        ) from None


def _schema(lowest: int, *words: str) -> WithJsonSchema:
    whole: dict[str, Any] = (
        {"type": ["integer", "string"]} if words else {"type": "integer", "minimum": lowest}
    )
    pair = {"type": "array", "items": {"type": "integer", "minimum": lowest}, "minItems": 1, "maxItems": 2}
    return WithJsonSchema({"anyOf": [whole, pair]})


def _at_least_one(value: object) -> Place:
    return _parse_sizes(value, 1)


def _at_least_none(value: object) -> Place:
    return _parse_sizes(value, 0)


#: One size for all axes, or one for each; at least 1.
Sizes = Annotated[Any, PlainValidator(_at_least_one), _schema(1)]
#: The same, at least 0.
Margins = Annotated[Any, PlainValidator(_at_least_none), _schema(0)]
#: The same, or "same" (as many values go out as come in) or "valid" (none).
Padding = Annotated[Any, PlainValidator(_parse_padding), _schema(0, "same", "valid")]


def for_axes(sizes: Place, axes: int, field: str) -> Place:
    """Return one size for each axis.

    Raises:
        Fault: two sizes are given where the data has one axis.
    """
    if len(sizes) == 1:
        return sizes * axes
    if len(sizes) != axes:
        raise Fault("wrong number of sizes", expected=f"{axes}, one for each axis", inside=(field,))
    return sizes


class Windows:
    """Where the windows of a convolution or a pooling lie.

    Along one axis of n values, window i touches the positions i*stride - before + tap*dilation for each tap;
    there are (n + before + after - extent) // stride + 1 windows, extent = (taps - 1)*dilation + 1.
    Source: PyTorch, nn.Conv2d and nn.MaxPool2d.
    """

    def __init__(
        self, space: Place, taps: Place, stride: Place, padding: Place | str, dilation: Place, field: str
    ) -> None:
        """Take one number of each kind for every axis of `space`.

        Raises:
            Fault: no window fits, or `same` stands with a stride; `field` names what is too large.
        """
        extent = tuple((count - 1) * step + 1 for count, step in zip(taps, dilation, strict=True))
        if padding == "same":
            if any(step != 1 for step in stride):
                raise Fault("same padding needs a stride of 1", expected="a number", inside=("padding",))
            before: Place = tuple((reach - 1) // 2 for reach in extent)
            both: Place = tuple(reach - 1 for reach in extent)
        else:
            before = (0,) * len(space) if isinstance(padding, str) else padding
            both = tuple(2 * margin for margin in before)
        room = [length + margin for length, margin in zip(space, both, strict=True)]
        if any(reach > length for reach, length in zip(extent, room, strict=True)):
            raise Fault(
                f"it spans {_times(extent)}, more than the {_times(room)} it moves over",
                expected=f"at most {_times(room)}",
                hint="Padding makes room." if not any(both) else "",
                inside=(field,),
            )
        self.space, self.taps, self.stride, self.dilation, self.before = space, taps, stride, dilation, before
        self.shape: Place = tuple(
            (length - reach) // step + 1 for length, reach, step in zip(room, extent, stride, strict=True)
        )

    def places(self) -> Iterator[Place]:
        """Iterate over the windows, row by row."""
        return product(*(range(count) for count in self.shape))

    def touched(self, place: Place) -> Iterator[tuple[Place, Place]]:
        """Iterate over (tap, position) of a window, without the positions that lie in the padding."""
        for tap in product(*(range(count) for count in self.taps)):
            position = tuple(
                index * stride - before + number * dilation
                for index, stride, before, number, dilation in zip(
                    place, self.stride, self.before, tap, self.dilation, strict=True
                )
            )
            if all(0 <= at < length for at, length in zip(position, self.space, strict=True)):
                yield tap, position


def _times(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as error texts and notes have it: `3 x 4`, or `one number`."""
    return _times(shape) or "one number"


def parse_shape(value: object) -> Place:
    """Return the shape that a list of whole numbers gives.

    Raises:
        Fault: it is not a list of one to four whole numbers from 1.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= 4:
        raise Fault("not a shape", expected="a list of one to four whole numbers")
    return tuple(parse_whole(item, lowest=1, highest=MOST) for item in value)

"""Pooling: the largest, or the mean, of each window of a map."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.terms import Call, Fraction, Number, Sum, Term
from ..spec.fields import Flag
from .label import label, note_maps
from .layer import Assembly, Fault, TypedLayer, Units
from .sizes import Margins, Sizes, Windows, for_axes, shape_text


class Pooling(TypedLayer):
    """One value for each window: windows side by side unless the stride says otherwise."""

    size: Sizes = Field(description="The window: one number, or rows and columns.")
    stride: Sizes | None = Field(None, description="How far the window moves; its own size if not given.")
    padding: Margins = Field((0,), description="How many places stand round the data on each side.")
    dimensions: Literal["1", "2"] | None = Field(
        None, description="1 or 2: along how many axes windows lie; the data's own if not given."
    )

    def title(self) -> str:
        """Return the title of the layer's part of the sheet."""
        raise NotImplementedError(type(self).__name__)

    def note(self, whole: int) -> str:
        """Return one sentence about the layer; `whole` is how many places a window has."""
        raise NotImplementedError(type(self).__name__)

    def formula(self, values: list[Term], whole: int) -> Term:
        """Return what stands for a window, from the values in it and the number of its places."""
        raise NotImplementedError(type(self).__name__)

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a node for every window of every channel.

        Raises:
            Fault: no window fits the data, or it lies in the padding by more than half.
        """
        axes = int(self.dimensions or 0) or max(assembly.axes_in_space(incoming), len(self.size))
        if incoming.ndim not in (axes, axes + 1):
            raise Fault(
                f"data of {shape_text(incoming.shape)} comes in",
                expected="values, or channels x values"
                if axes == 1
                else "rows x columns, with or without channels",
            )
        maps = incoming if incoming.ndim == axes + 1 else incoming[None]
        size = for_axes(self.size, axes, "size")
        stride = size if self.stride is None else for_axes(self.stride, axes, "stride")
        padding = for_axes(self.padding, axes, "padding")
        if any(2 * margin > taps for margin, taps in zip(padding, size, strict=True)):
            raise Fault(
                "more than half the window", expected=f"at most {min(size) // 2}", inside=("padding",)
            )
        windows = Windows(maps.shape[1:], size, stride, padding, (1,) * axes, "size")
        own = label(self.name, "pooling", "p", assembly)
        whole = int(np.prod(size))
        assembly.stage(f"{self.title()} {self.name or own.mark}".strip(), self.note(whole))
        outgoing = np.empty((len(maps), *windows.shape), dtype=object)
        for channel, *where in np.ndindex(outgoing.shape):
            sources = [str(maps[(channel, *position)]) for _, position in windows.touched(tuple(where))]
            unit = own.unit(where, channel if len(maps) > 1 else None)
            name = own.sent("p", where, *own.channel(channel, len(maps)))

            def formula(sample: int | None, sources: list[str] = sources) -> Term:
                return self.formula([assembly.sent(source, sample) for source in sources], whole)

            outgoing[(channel, *where)] = assembly.node(unit, formula, name)
        note_maps(own, "p", outgoing, assembly)
        outgoing = outgoing if incoming.ndim == axes + 1 else outgoing[0]
        assembly.set_space(outgoing, axes)
        return outgoing


class MaxPoolLayer(Pooling):
    """p = the largest value of a window; the derivative is 1 by the first of the largest, else 0."""

    type: Literal["max_pool"] = Field("max_pool", description="The largest value of each window.")

    def title(self) -> str:
        """Return the title of the layer's part of the sheet."""
        return "Max pooling"

    def note(self, whole: int) -> str:
        """Return what is done, and the convention for equal values."""
        return (
            "Each window sends out its largest value, and the derivative goes to that value alone; "
            "of several equal ones to the first, row by row."
        )

    def formula(self, values: list[Term], whole: int) -> Term:
        """Return the largest value; places in the padding count as lower than any."""
        return Call("max", tuple(values))


class AvgPoolLayer(Pooling):
    """p = the mean of a window; the derivative by each value is one over the number of places."""

    type: Literal["avg_pool"] = Field("avg_pool", description="The mean of each window.")
    count_padding: Flag = Field(True, description="Whether the zeros of the padding count as places.")

    def title(self) -> str:
        """Return the title of the layer's part of the sheet."""
        return "Average pooling"

    def note(self, whole: int) -> str:
        """Return what the sum is divided by."""
        if not any(self.padding):
            return "Each window sends out the mean of its values."
        if self.count_padding:
            return f"Each window sends out its sum over its {whole} places; those in the padding hold zeros."
        return "Each window sends out the mean of its values; places in the padding are not counted."

    def formula(self, values: list[Term], whole: int) -> Term:
        """Return the sum over the number of places."""
        return mean(values, whole if self.count_padding else len(values))


class GlobalAvgPoolLayer(TypedLayer):
    """g^{(k)} = the mean of everything in channel k."""

    type: Literal["global_avg_pool"] = Field("global_avg_pool", description="The mean of each channel.")

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a node for every channel; data without channels gives one value."""
        axes = assembly.axes_in_space(incoming)
        maps = incoming if incoming.ndim > axes else incoming[None]
        own = label(self.name, "global pooling", "g", assembly)
        assembly.stage(f"Global average pooling {self.name or own.mark}".strip(), "The mean of each map.")
        outgoing = []
        for channel, values in enumerate(maps.reshape(len(maps), -1)):

            def formula(sample: int | None, sources: Units = values) -> Term:
                return mean([assembly.sent(str(source), sample) for source in sources], len(sources))

            place = (channel,)
            outgoing.append(assembly.node(own.unit(place), formula, own.sent("g", place)))
        return np.array(outgoing, dtype=object)


def mean(values: list[Term], count: int) -> Term:
    """Return the sum of some values over a count."""
    total = values[0] if len(values) == 1 else Sum(tuple(values))
    return total if count == 1 else Fraction(total, Number(str(count)))

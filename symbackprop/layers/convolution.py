"""Convolution: the same small kernel at every place, so that its gradient is a sum over the places."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.terms import Number, Term
from ..network.operations import Activation
from ..rules import is_layer_activation
from ..spec.fields import Flag
from ..spec.fields import Units as Count
from .giving import TiedField, TieForm, check_given, nothing, shared_or_each, tie_note, tied_weights
from .label import Label, label, note_kernel, note_maps
from .layer import ActivationField, Assembly, Fault, NumberArray, Numbers, TypedLayer, Units
from .naming import element
from .sizes import Padding, Place, Sizes, Windows, for_axes, shape_text

#: How many products one convolution may have.
MOST_PRODUCTS = 1_000_000


class Convolution(TypedLayer):
    """z^{(k)}_p = sum over channels c and taps q of w^{(k,c)}_q x^{(c)}_{s p - m + d q}, plus b^{(k)}.

    s is the stride, m the padding, d the dilation. This is cross-correlation, as in PyTorch; with `flip` the
    kernel is turned round in every axis, as mathematics writes a convolution.
    Source: PyTorch, nn.Conv1d and nn.Conv2d; Goodfellow, Bengio and Courville, Deep Learning, section 9.1.
    """

    kernel: NumberArray | None = Field(
        None,
        description="The kernel, [out][in] and then its axes; [out] or [in] may be left out where it is 1.",
    )
    channels: Count | None = Field(None, description="How many maps go out, where the kernel is drawn.")
    size: Sizes | None = Field(None, description="The kernel's size, where the kernel is drawn.")
    tied: TiedField | None = Field(None, description="The layer whose kernel it takes, instead of a kernel.")
    biases: NumberArray | None = Field(None, description="A bias for each map, or one number they share.")
    activation: ActivationField = Field("identity", description="The activation; identity if not given.")
    stride: Sizes = Field((1,), description="How far the kernel moves; 1 if not given.")
    padding: Padding = Field(
        (0,), description="How many zeros stand round the data on each side: a number, a pair, same or valid."
    )
    dilation: Sizes = Field((1,), description="How far apart the kernel's taps lie; 1 if not given.")
    groups: Count = Field(1, description="Into how many groups the channels are divided.")
    flip: Flag = Field(False, description="Turn the kernel round: convolution as mathematics writes it.")

    @property
    def axes(self) -> int:
        """Along how many axes the kernel moves."""
        raise NotImplementedError(type(self).__name__)

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay a net input and an activation for every place of every map.

        Raises:
            Fault: kernel, biases or sizes do not fit what comes in.
        """
        maps = in_channels(incoming, self.axes)
        own = label(self.name, "convolution", "c", assembly)
        assembly.stage(f"Convolution {self.name or own.mark or 1}", self._note())
        activation = self._activation(assembly)
        kernel = self._kernel(len(maps), own, assembly)
        windows = self._windows(maps, kernel)
        biases = self._biases(len(kernel), own, assembly)
        outgoing = np.empty((len(kernel), *windows.shape), dtype=object)
        for out, *where in np.ndindex(outgoing.shape):
            unit = own.unit(where, out if len(kernel) > 1 else None)
            channel = own.channel(out, len(kernel))
            edges = self._edges(maps, kernel, windows, out, tuple(where))
            name = own.printed("z", where, *channel)
            if edges:
                assembly.net(unit, edges, biases[out], name)
            else:
                assembly.node(unit, _alone(biases[out], assembly), name, kind="net")
            outgoing[(out, *where)] = unit
        for out, *where in np.ndindex(outgoing.shape):
            name = own.sent("c", where, *own.channel(out, len(kernel)))
            assembly.activation(outgoing[(out, *where)], activation, name)
        note_maps(own, "c", outgoing, assembly, net="z")
        assembly.set_space(outgoing, self.axes)
        return outgoing

    def _note(self) -> str:
        kind = (
            "The kernel is turned round in every axis before it is laid over the data (convolution)."
            if self.flip
            else "The kernel is laid over the data as it stands (cross-correlation)."
        )
        bare = self.padding in ("valid", (0,), (0, 0))
        edge = "" if bare else " Round the data stand zeros; their products are left out."
        tying = "" if self.tied is None else f" {tie_note(self.tied)}"
        return kind + edge + tying

    def _activation(self, assembly: Assembly) -> Activation:
        activation = assembly.activation_kind(self.activation)
        if is_layer_activation(activation):
            raise Fault(
                "this activation takes all units of a layer together",
                expected="one for each unit, such as relu",
                hint="Give it a layer of its own: `{type: activation, activation: softmax}`.",
                inside=("activation",),
            )
        return activation

    def _kernel(self, channels: int, own: Label, assembly: Assembly) -> Units:
        """Return the names of the kernel's weights: out x in x its axes."""
        if channels % self.groups:
            raise Fault("the channels that come in are not so many equal groups",
                        expected=f"a divisor of {channels}", inside=("groups",))  # fmt: skip
        within = channels // self.groups
        if self.tied is not None:
            kernel = self._tied(within, assembly)
        else:
            values = self._values(within, assembly)
            kernel = np.empty(values.shape, dtype=object)
            family = own.family("k")
            for out, channel, *tap in np.ndindex(values.shape):
                index = [out + 1] if len(values) > 1 else []
                index += [channel + 1] if within > 1 else []
                between = (channel,) if within > 1 else ()
                above = (*own.channel(out, len(values), inner=bool(between)), *between)
                name = element(family, [*index, *(at + 1 for at in tap)])
                number = values[(out, channel, *tap)]
                kernel[(out, channel, *tap)] = assembly.parameter(
                    name, number, own.printed("k", tap, *above), family
                )
            note_kernel(own, family, kernel, assembly)
        if len(kernel) % self.groups:
            raise Fault("the maps that go out are not so many equal groups",
                        expected=f"a divisor of {len(kernel)}", inside=("groups",))  # fmt: skip
        if self.name:
            assembly.kernels[self.name] = kernel
        return kernel

    def _tied(self, within: int, assembly: Assembly) -> Units:
        assert self.tied is not None
        if self.kernel is not None:
            raise Fault(
                "a tied layer has no kernel of its own", expected="kernel or tied", inside=("kernel",)
            )
        if isinstance(self.tied, TieForm) and self.tied.transposed:
            raise Fault(
                "a kernel is not transposed", expected="a layer's name", inside=("tied", "transposed")
            )
        kernel = tied_weights(self.tied, assembly)
        if kernel.ndim != 2 + self.axes or kernel.shape[1] != within:
            raise Fault(
                f"the weights it is tied to are {shape_text(kernel.shape)}",
                expected=self._expected(within),
                inside=("tied",),
            )
        return kernel

    def _values(self, within: int, assembly: Assembly) -> Numbers:
        """Return the given kernel as out x in x its axes."""
        values: Numbers | None = self.kernel
        if values is None:
            if self.size is None or self.channels is None:
                raise Fault("missing: the kernel", expected=self._expected(within),
                            hint="To have it drawn, write channels, size and a seeded start.")  # fmt: skip
            size = for_axes(self.size, self.axes, "size")
            return nothing((self.channels, within, *size), "kernel", assembly)
        check_given(values, "kernel", assembly)
        short = values.ndim - self.axes
        if short == 0:
            values = values[None, None]
        elif short == 1:
            values = values[:, None] if within == 1 else values[None]
        if values.ndim != 2 + self.axes or values.shape[1] != within:
            raise Fault("the kernel has the wrong shape", expected=self._expected(within), inside=("kernel",))
        if self.channels is not None and self.channels != len(values):
            raise Fault("another number of maps than the kernel has", expected=f"{len(values)}",
                        inside=("channels",))  # fmt: skip
        if self.size is not None and for_axes(self.size, self.axes, "size") != values.shape[2:]:
            found_size = shape_text(values.shape[2:])
            raise Fault("another size than the kernel's", expected=found_size, inside=("size",))
        return values

    def _expected(self, within: int) -> str:
        axes = "length" if self.axes == 1 else "rows x columns"
        return f"maps x {within} x {axes}" + (f", or {axes} for a single map" if within == 1 else "")

    def _windows(self, maps: Units, kernel: Units) -> Windows:
        stride = for_axes(self.stride, self.axes, "stride")
        dilation = for_axes(self.dilation, self.axes, "dilation")
        padding = self.padding
        if not isinstance(padding, str):
            padding = for_axes(padding, self.axes, "padding")
        windows = Windows(maps.shape[1:], kernel.shape[2:], stride, padding, dilation, "kernel")
        if prod(windows.shape) * kernel.size > MOST_PRODUCTS:
            raise Fault(f"{prod(windows.shape) * kernel.size} products", expected=f"at most {MOST_PRODUCTS}")
        return windows

    def _edges(
        self, maps: Units, kernel: Units, windows: Windows, out: int, where: Place
    ) -> list[tuple[str, str]]:
        """Return the (source, weight) pairs of one place: channel by channel, tap by tap."""
        within = kernel.shape[1]
        first = out // (len(kernel) // self.groups) * within
        turn = tuple(count - 1 for count in windows.taps)
        pairs = []
        for channel in range(within):
            for tap, position in windows.touched(where):
                if self.flip:
                    tap = tuple(last - at for last, at in zip(turn, tap, strict=True))
                pairs.append((maps[(first + channel, *position)], kernel[(out, channel, *tap)]))
        return pairs

    def _biases(self, count: int, own: Label, assembly: Assembly) -> list[str | None]:
        values = shared_or_each(self.biases, count, "biases", "the biases", assembly)
        if values is None:
            return [None] * count
        family = own.family("bk")
        if not values.shape:
            return [assembly.parameter(family, values.item(), own.printed("b"))] * count
        return [
            assembly.parameter(
                element(family, [out + 1] if count > 1 else []),
                values[out],
                own.printed("b", (), *own.channel(out, count)),
                family,
            )
            for out in range(count)
        ]


def _alone(bias: str | None, assembly: Assembly) -> Callable[[int | None], Term]:
    """Return the formula of a place whose window lies in the padding altogether: the bias, or nothing."""
    return lambda sample: Number("0") if bias is None else assembly.weight(bias)


def in_channels(incoming: Units, axes: int) -> Units:
    """Return data as channels x its axes in space; data of one channel may come without that axis.

    Raises:
        Fault: the data has another number of axes.
    """
    if incoming.ndim == axes:
        return incoming[None]
    if incoming.ndim != axes + 1:
        space = (
            "values, or channels x values" if axes == 1 else "rows x columns, or channels x rows x columns"
        )
        raise Fault(
            f"data of {shape_text(incoming.shape)} comes in",
            expected=space,
            hint="A layer `{type: reshape, shape: [...]}` before it gives data its axes.",
        )
    return incoming


class Conv1dLayer(Convolution):
    """Convolution along a length."""

    type: Literal["conv1d"] = Field("conv1d", description="Convolution along a length.")

    @property
    def axes(self) -> int:
        """One."""
        return 1


class Conv2dLayer(Convolution):
    """Convolution over rows and columns."""

    type: Literal["conv2d"] = Field("conv2d", description="Convolution over rows and columns.")

    @property
    def axes(self) -> int:
        """Two."""
        return 2

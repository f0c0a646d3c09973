"""Convolution: the same small kernel at every place, so that its gradient is a sum over the places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from ..rules import is_layer_activation
from ..spec.fields import Flag
from ..spec.fields import Units as Count
from ..terms import Number
from .giving import TiedField, TieForm, check_given, nothing, shared_or_each, tie_note, tied_weights
from .label import Label, label
from .layer import ActivationField, Assembly, Fault, NumberArray, Numbers, TypedLayer, Units
from .naming import element
from .sizes import Margins, Padding, Place, Sizes, Windows, for_axes, shape_text

#: How many products one convolution may have.
MOST_PRODUCTS = 1_000_000


class Convolution(TypedLayer):
    """z^{(k)}_p = sum over channels c and taps q of w^{(k,c)}_q x^{(c)}_{s p - m + d q}, plus b^{(k)}.

    s is the stride, m the padding, d the dilation. This is cross-correlation, as in PyTorch; with `flip` the
    kernel is turned round in every axis, as mathematics writes a convolution.
    Source: PyTorch, nn.Conv1d and nn.Conv2d; Goodfellow, Bengio and Courville, Deep Learning, section 9.1.
    """

    kernel: NumberArray | None = Field(
        None, description="The kernel, [out][in] and then its axes; [out] or [in] may be left out where it is 1."
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
        maps = in_channels(incoming, self.axes, type(self).__name__)
        own = label(self.name, "convolution", "c", assembly)
        assembly.stage(f"Convolution {self.name or own.mark or 1}", self._note())
        kernel = self._kernel(len(maps), own, assembly)
        windows = self._windows(maps, kernel)
        biases = self._biases(len(kernel), own, assembly)
        several = len(kernel) > 1
        activation = assembly.activation_kind(self.activation)
        if is_layer_activation(activation):
            hint = "Put it in a layer of its own: `{type: activation, activation: softmax}`."
            raise Fault("takes all units of a layer together", expected="one like relu", hint=hint,
                        inside=("activation",))  # fmt: skip
        outgoing = np.empty((len(kernel), *windows.shape), dtype=object)
        for out, place in np.ndindex(len(kernel), windows.shape[0]) if self.axes == 1 else (
            (index[0], index[1:]) for index in np.ndindex(outgoing.shape)
        ):  # fmt: skip
            where: Place = (place,) if isinstance(place, int) else place
            unit = own.unit(where, out if several else None)
            channel = (out,) if several or own.mark else ()
            edges = self._edges(maps, kernel, windows, out, where)
            self._net(unit, edges, biases[out], own, where, channel, assembly)
            assembly.activation(unit, activation, own.sent("c", where, *((out,) if own.own and several else channel)))
            outgoing[(out, *where)] = unit
        assembly.set_space(outgoing, self.axes)
        return outgoing

"""What the quantities of one layer are called: in keys, and as they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..formulas.names import Name
from ..keys import key
from .assembly import Assembly, Units
from .naming import element


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a layer.

    stem: what its units' keys begin with (`c1`, or the layer's own name). mark: what tells it in print from
    other layers of its kind: nothing for the first, then the number, or the layer's own name.
    """

    stem: str
    mark: str
    own: str = ""

    def unit(self, place: Sequence[int], channel: int | None = None) -> str:
        """Return the name of a unit; places and channels count from 0 here and from 1 in the name."""
        index = [] if channel is None else [channel + 1]
        return element(self.stem, [*index, *(axis + 1 for axis in place)])

    def channel(self, index: int, count: int, inner: bool = False) -> tuple[int, ...]:
        """Return which of `count` channels is printed above a quantity: none where there is only one.

        A number above must be the channel and not the layer, so beside a layer's number it is always there,
        and where a kernel has an `inner` channel too.
        """
        return (index,) if count > 1 or inner or (self.mark and not self.own) else ()

    def family(self, letter: str) -> str:
        """Return what keys of the layer's parameters begin with: `k1`, or `k_edges` of the layer `edges`."""
        return f"{letter}_{self.own}" if self.own else f"{letter}{self.mark or 1}"

    def printed(self, letter: str, place: Sequence[int] = (), *channels: int, accent: str = "") -> Name:
        """Return a printed name: the place below, the layer's mark and its channels above."""
        sup = [self.mark] if self.mark else []
        sup += [str(channel + 1) for channel in channels]
        return Name(letter, below(place), (f"({','.join(sup)})",) if sup else (), accent)

    def sent(self, letter: str, place: Sequence[int] = (), *channels: int) -> Name:
        """Return how what a unit sends out is printed: under the layer's own name if it has one."""
        if not self.own:
            return self.printed(letter, place, *channels)
        sup = [str(channel + 1) for channel in channels]
        return Name(self.own.replace("_", " "), below(place), (f"({','.join(sup)})",) if sup else ())


def below(place: Sequence[int]) -> tuple[str, ...]:
    """Return a place as a subscript, counted from 1: 12, or 1,12 where digits would run together."""
    if not place:
        return ()
    return (("" if max(place) < 9 else ",").join(str(axis + 1) for axis in place),)


def label(name: str | None, kind: str, stem: str, assembly: Assembly) -> Label:
    """Return the label of the layer that is being laid: of its own name, or by its number among its kind."""
    number = assembly.number_of(kind)
    if name:
        return Label(name, name.replace("_", " "), name)
    return Label(f"{stem}{number}", "" if number == 1 else str(number))


def note_maps(own: Label, letter: str, maps: Units, assembly: Assembly, net: str = "") -> None:
    """Note that each of the maps, channels x its axes in space, is a matrix (or vector) for the sheet.

    letter: what one value of a map is called; a matrix has its capital. net: the same for net inputs.
    """
    for channel, units in enumerate(maps):
        if units.ndim > 2 or units.size < 2:
            continue
        text = f"{own.stem}map{channel + 1}"
        above = own.channel(channel, len(maps))
        flat = units.ndim < 2
        assembly.array(text, units)
        assembly.names[text] = own.sent(letter if flat else letter.upper(), (), *above)
        if net:
            assembly.names[key("net", text)] = own.printed(net if flat else net.upper(), (), *above)


def note_kernel(own: Label, family: str, kernel: Units, assembly: Assembly) -> None:
    """Note that a kernel, maps out x maps in x its axes in space, is a matrix for each pair of maps."""
    out, within = kernel.shape[:2]
    letter = "k" if kernel.ndim < 4 else "K"
    for place in np.ndindex(out, within):
        units = kernel[place]
        if units.ndim > 2 or units.size < 2:
            continue
        between = (place[1],) if within > 1 else ()
        above = (*own.channel(place[0], out, inner=bool(between)), *between)
        text = family if out * within == 1 else f"{family}map{place[0] + 1}_{place[1] + 1}"
        assembly.array(text, units)
        assembly.names[text] = own.printed(letter, (), *above)

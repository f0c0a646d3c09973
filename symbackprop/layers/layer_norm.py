"""Layer normalisation and its relative by root mean squares: statistics within one sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field

from ..formulas.terms import Power, Term
from .label import Label, label
from .layer import Assembly, Units
from .normalisation import (
    TWO,
    VARIANCE_NOTE,
    Centre,
    Normalisation,
    Sample,
    Spot,
    mean_of,
    variance_of,
    variance_slope,
)


class GroupNormalisation(Normalisation):
    """Normalisation within one sample: over the last axis of what comes in, or over all of it."""

    over: Literal["last", "all"] = Field(
        "last", description="last: over the last axis, for each place of the others; all: over everything."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay the statistics of every group, then its normalised values.

        Raises:
            Fault: the parameters do not fit.
        """
        own = label(self.name, "normalisation", self.stem, assembly)
        assembly.stage(f"{self.title} {self.name or own.mark}".strip(), self._note(incoming.ndim))
        leading = () if self.over == "all" else incoming.shape[:-1]
        inner = incoming.shape[len(leading) :]
        gamma = self.parameters("gamma", inner, own, assembly)
        beta = self.parameters("beta", inner, own, assembly)
        outgoing = np.empty(incoming.shape, dtype=object)
        for group in np.ndindex(leading):
            centre = self.centre(group, incoming[group].ravel(), own, assembly)
            for where in np.ndindex(inner):
                index = (*group, *where)
                spot = Spot(str(incoming[index]), index, index, (), gamma.item(*where), beta.item(*where))
                outgoing[index] = self.lay_value(spot, centre, own, assembly)
        assembly.keep_space(incoming, outgoing)
        return outgoing

    @property
    def stem(self) -> str:
        """What names of its units begin with."""
        raise NotImplementedError(type(self).__name__)

    @property
    def title(self) -> str:
        """What its part of the sheet is called."""
        raise NotImplementedError(type(self).__name__)

    @property
    def statistics(self) -> str:
        """What is computed of every group, in words."""
        raise NotImplementedError(type(self).__name__)

    def centre(
        self, group: tuple[int, ...], sources: Units, own: Label, assembly: Assembly
    ) -> Mapping[Sample, Centre]:
        """Add the statistics of a group, and return them for each sample."""
        raise NotImplementedError(type(self).__name__)

    def _note(self, axes: int) -> str:
        if self.over == "all" or axes == 1:
            return f"{self.statistics} over all its values."
        return f"{self.statistics} over the last axis, for each place of the other axes by itself."


class LayerNormLayer(GroupNormalisation):
    """mu, v = mean and biased variance of the values of a group.

    Source: Ba, Kiros and Hinton, Layer Normalization, 2016, equation 4; PyTorch, nn.LayerNorm.
    """

    type: Literal["layer_norm"] = Field("layer_norm", description="Normalisation within a sample.")

    @property
    def stem(self) -> str:
        """Names are ln1_1, ..."""
        return "ln"

    @property
    def title(self) -> str:
        """Layer normalisation."""
        return "Layer normalisation"

    @property
    def statistics(self) -> str:
        """Mean and variance."""
        return "Mean and variance (over N, not N \N{MINUS SIGN} 1) are taken within each sample,"

    def centre(
        self, group: tuple[int, ...], sources: Units, own: Label, assembly: Assembly
    ) -> Mapping[Sample, Centre]:
        """Add mean and variance of a group."""
        middle, spread = Label(f"{own.stem}_mean", "").unit(group), Label(f"{own.stem}_var", "").unit(group)

        def values(sample: Sample) -> list[Term]:
            return [assembly.sent(str(unit), sample) for unit in sources]

        assembly.node(middle, lambda sample: mean_of(values(sample)), own.printed("mu", group))
        assembly.node(
            spread,
            lambda sample: variance_of(values(sample), assembly.sent(middle, sample)),
            own.printed("v", group),
            partials=lambda sample: {
                assembly.sent_key(middle, sample): variance_slope(
                    values(sample), assembly.sent(middle, sample)
                )
            },
            slope=VARIANCE_NOTE,
        )
        return {
            sample: Centre(
                assembly.sent(middle, sample),
                assembly.sent(spread, sample),
                assembly.sent_key(middle, sample),
                assembly.sent_key(spread, sample),
            )
            for sample in assembly.samples
        }


class RmsNormLayer(GroupNormalisation):
    """xh = x / sqrt(q + epsilon), q the mean of the squares of a group; nothing is subtracted.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019, equation 4; PyTorch, nn.RMSNorm.
    """

    type: Literal["rms_norm"] = Field("rms_norm", description="Normalisation by the root mean square.")

    @property
    def stem(self) -> str:
        """Names are rms1_1, ..."""
        return "rms"

    @property
    def title(self) -> str:
        """Root mean square normalisation."""
        return "Root mean square normalisation"

    @property
    def statistics(self) -> str:
        """The mean of the squares."""
        return "The mean of the squares is taken within each sample,"

    def centre(
        self, group: tuple[int, ...], sources: Units, own: Label, assembly: Assembly
    ) -> Mapping[Sample, Centre]:
        """Add the mean of the squares of a group."""
        unit = Label(f"{own.stem}_ms", "").unit(group)
        assembly.node(
            unit,
            lambda sample: mean_of([Power(assembly.sent(str(source), sample), TWO) for source in sources]),
            own.printed("q", group),
        )
        return {
            sample: Centre(None, assembly.sent(unit, sample), "", assembly.sent_key(unit, sample))
            for sample in assembly.samples
        }

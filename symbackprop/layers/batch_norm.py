"""Batch normalisation: statistics over the samples of a batch, or given ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field

from ..keys import key
from ..spec.fields import Form
from .label import Label, label
from .layer import Assembly, Fault, NumberArray, Units
from .normalisation import (
    VARIANCE_NOTE,
    Centre,
    Normalisation,
    Sample,
    Spot,
    mean_of,
    variance_of,
    variance_slope,
)


class RunningForm(Form):
    """Means and variances that are given, as they stand after training."""

    mean: NumberArray = Field(description="A mean for each feature or channel.")
    variance: NumberArray = Field(description="A variance for each feature or channel.")


class BatchNormLayer(Normalisation):
    """mu_j, v_j = mean and biased variance of feature j over the samples; of a channel also over its places.

    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithm 1; PyTorch, nn.BatchNorm1d and 2d.
    """

    type: Literal["batch_norm"] = Field("batch_norm", description="Normalisation over the batch's samples.")
    running: RunningForm | None = Field(
        None, description="Given means and variances, used instead of the batch's own."
    )

    def lay(self, incoming: Units, assembly: Assembly) -> Units:
        """Lay mean and variance of every feature or channel, then every normalised value.

        Raises:
            Fault: there is nothing to take statistics over, or parameters do not fit.
        """
        features = len(incoming)
        if self.running is None and len(assembly.samples) * incoming.size == features:
            raise Fault(
                "a single value has no variance",
                expected="several samples",
                hint="With given statistics: `running: {mean: [...], variance: [...]}`.",
            )
        own = label(self.name, "normalisation", "bn", assembly)
        assembly.stage(f"Batch normalisation {self.name or own.mark}".strip(), self._note(incoming.ndim))
        gamma = self.parameters("gamma", (features,), own, assembly)
        beta = self.parameters("beta", (features,), own, assembly)
        outgoing = np.empty(incoming.shape, dtype=object)
        for feature in range(features):
            centre = self._centre(feature, features, incoming[feature : feature + 1], own, assembly)
            for where in np.ndindex(incoming.shape[1:]):
                index = (feature, *where)
                place, channel = (where, (feature,)) if where else ((feature,), ())
                spot = Spot(str(incoming[index]), index, place, channel, gamma[feature], beta[feature])
                outgoing[index] = self.lay_value(spot, centre, own, assembly)
        assembly.keep_space(incoming, outgoing)
        return outgoing

    def _note(self, axes: int) -> str:
        if self.running is not None:
            return (
                "Mean and variance are given numbers, as they stand after training; nothing flows into them."
            )
        over = "feature over the samples" if axes == 1 else "channel over all samples and places"
        return f"Mean and variance are those of each {over}; the variance is the mean of the squares, over N."

    def _centre(
        self, feature: int, features: int, sources: Units, own: Label, assembly: Assembly
    ) -> Mapping[Sample, Centre]:
        if self.running is not None:
            return dict.fromkeys(assembly.samples, self._given(feature, features))
        units = f"{own.stem}_mean_{feature + 1}", f"{own.stem}_var_{feature + 1}"
        values = [assembly.sent(str(unit), sample) for sample in assembly.samples for unit in sources.ravel()]
        middle, spread = (assembly.quantity(key("act", unit)) for unit in units)
        assembly.together(units[0], mean_of(values), own.printed("mu", (feature,)))
        assembly.together(
            units[1],
            variance_of(values, middle),
            own.printed("v", (feature,)),
            partials={key("act", units[0]): variance_slope(values, middle)},
            slope=VARIANCE_NOTE,
        )
        return dict.fromkeys(assembly.samples, Centre(middle, spread, *(key("act", unit) for unit in units)))

    def _given(self, feature: int, features: int) -> Centre:
        running = self.running
        assert running is not None
        found = []
        for field, values in (("mean", running.mean), ("variance", running.variance)):
            inside = ("running", field, feature)
            if values.shape != (features,):
                raise Fault(
                    "not a number for each feature", expected=f"{features} numbers", inside=inside[:2]
                )
            number = values[feature]
            if number is None:
                raise Fault("a number is missing", expected="a number", inside=inside)
            if field == "variance" and number.negative:
                raise Fault("a variance below zero", expected="at least 0", inside=inside)
            found.append(number)
        return Centre(*found)

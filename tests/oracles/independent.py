"""A network evaluated and differentiated without the package: mpmath, forward mode, central differences.

Derivatives are carried forwards along with the values (one pass per variable), where the package
carries them backwards; the slopes are written out here by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

from .networks import Net

Real = Any  # mpmath's numbers, or Fractions


def mp_context(digits: int) -> MPContext:
    context = MPContext()
    context.dps = digits
    return context


class Field:
    """The numbers to compute with: functions by name, on mpmath's numbers of so many digits."""

    def __init__(self, digits: int) -> None:
        self.mp = mp_context(digits)

    def number(self, text: str) -> Real:
        value = Fraction(text)
        return self.mp.mpf(value.numerator) / value.denominator

    def activate(self, name: str, settings: Mapping[str, str], z: Real) -> tuple[Real, Real]:
        """Return f(z) and f'(z); at a kink the slope is that of the negative side."""
        mp, one = self.mp, self.mp.mpf(1)
        if name == "identity":
            return z, one
        if name == "relu":
            return (z, one) if z > 0 else (mp.zero, mp.zero)
        if name == "leaky_relu":
            slope = self.number(settings["negative_slope"])
            return (z, one) if z > 0 else (slope * z, slope)
        if name == "tanh":
            return mp.tanh(z), mp.sech(z) ** 2
        e = mp.exp(z)
        if name == "elu":
            alpha = self.number(settings["alpha"])
            return (z, one) if z > 0 else (alpha * mp.expm1(z), alpha * e)
        a = e / (one + e)
        if name == "sigmoid":
            return a, e / (one + e) ** 2
        if name == "softplus":
            return mp.log1p(e), a
        if name == "silu":
            return z * a, a + z * e / (one + e) ** 2
        raise NotImplementedError(name)

    def error(self, loss: str, t: Real, o: Real, outputs: int) -> tuple[Real, Real]:
        """Return one output's error and its derivative by the output."""
        if loss == "binary_cross_entropy":
            value = -(self._times_log(t, o) + self._times_log(1 - t, 1 - o))
            slope = (0 if t == 1 else (1 - t) / (1 - o)) - (0 if t == 0 else t / o)
            return value, slope
        factor = {"half_squared_error": Fraction(1, 2), "squared_error": Fraction(1)}.get(
            loss, Fraction(1, outputs)
        )
        part = self.mp.mpf(factor.numerator) / factor.denominator
        return part * (t - o) ** 2, -2 * part * (t - o)

    def _times_log(self, factor: Real, argument: Real) -> Real:
        return self.mp.zero if factor == 0 else factor * self.mp.log(argument)


class RationalField(Field):
    """The rationals, for networks that never leave them."""

    def __init__(self) -> None:
        super().__init__(15)

    def number(self, text: str) -> Real:
        return Fraction(text)

    def activate(self, name: str, settings: Mapping[str, str], z: Real) -> tuple[Real, Real]:
        slope = {"identity": "1", "relu": "0"}.get(name) or settings["negative_slope"]
        return (z, Fraction(1)) if z > 0 else (Fraction(slope) * z, Fraction(slope))

    def error(self, loss: str, t: Real, o: Real, outputs: int) -> tuple[Real, Real]:
        part = {"half_squared_error": Fraction(1, 2), "squared_error": Fraction(1)}.get(
            loss, Fraction(1, outputs)
        )
        return part * (t - o) ** 2, -2 * part * (t - o)


class Reference:
    """A network's values at some parameters, and the derivative of anything by anything."""

    def __init__(self, net: Net, field: Field, parameters: Mapping[str, Real] | None = None) -> None:
        self.net, self.field = net, field
        given = {name: field.number(text) for name, text in net.parameters.items()}
        self.parameters: dict[str, Real] = given | dict(parameters or {})
        self.rate = None if net.rate is None else field.number(net.rate)
        self.values: dict[str, Real] = {}
        self._slopes: dict[str, Real] = {}
        self._order = net.in_order()
        self._incoming = {
            unit: [(name, source) for name, source, target, _ in net.weights if target == unit]
            for unit in self._order
        }
        self._bias = {unit: name for name, units, _ in net.biases for unit in units}
        for mark, (inputs, targets) in zip(net.marks, net.samples, strict=True):
            self._forward(mark, inputs, targets)
        self.share = Fraction(1, len(net.samples)) if net.reduction == "mean" else Fraction(1)
        self.loss = self._shared(sum(self.values[f"loss{mark}"] for mark in net.marks))

    def _shared(self, value: Real) -> Real:
        return value * self.share.numerator / self.share.denominator

    def _forward(self, mark: str, inputs: tuple[str, ...], targets: tuple[str, ...]) -> None:
        net, field, values = self.net, self.field, self.values
        sent = {unit: field.number(text) for unit, text in zip(net.inputs, inputs, strict=True)}
        values |= {f"{unit}{mark}": value for unit, value in sent.items()}
        for unit in self._order:
            z = field.number("0")
            for name, source in self._incoming[unit]:
                z += sent[source] * self.parameters[name]
            if unit in self._bias:
                z += self.parameters[self._bias[unit]]
            sent[unit], slope = field.activate(*net.activation(unit), z)
            values[f"net.{unit}{mark}"], values[f"act.{unit}{mark}"] = z, sent[unit]
            values[f"dact_dnet.{unit}{mark}"] = slope
        total = field.number("0")
        for unit, text in zip(net.outputs, targets, strict=True):
            t = field.number(text)
            error, slope = field.error(net.loss, t, sent[unit], len(net.outputs))
            values[f"target.{unit}{mark}"], values[f"error.{unit}{mark}"] = t, error
            values[f"residual.{unit}{mark}"] = t - sent[unit]
            self._slopes[unit + mark] = slope
            total += error
        values[f"loss{mark}"] = total

    def derivative(self, by: str, through: str = "", mark: str | None = None) -> Real:
        """Return the derivative of the loss, or of one output's share, by a parameter, net.U#s or act.U#s.

        mark: only the part of one sample.
        """
        total = zero = self.field.number("0")
        for here in self.net.marks if mark is None else (mark,):
            tangents: dict[str, Real] = {}
            for unit in self._order:
                change = zero
                for name, source in self._incoming[unit]:
                    if source in tangents:
                        change += tangents[source] * self.parameters[name]
                    if name == by:
                        known = source + here if source in self.net.inputs else f"act.{source}{here}"
                        change += self.values[known]
                if self._bias.get(unit) == by:
                    change += 1
                if by == f"net.{unit}{here}":
                    change += 1
                if change:
                    tangents[unit] = change * self.values[f"dact_dnet.{unit}{here}"]
                if by == f"act.{unit}{here}":
                    tangents[unit] = tangents.get(unit, zero) + 1
            for output in self.net.outputs:
                if output in tangents and through in ("", output):
                    total += tangents[output] * self._slopes[output + here]
        return self._shared(total)

    @cached_property
    def gradients(self) -> dict[str, Real]:
        return {name: self.derivative(name) for name in self.parameters}

    def updated(self) -> Reference:
        """Return the network after one update."""
        new = {
            name: value - (0 if name in self.net.frozen else self.rate * self.gradients[name])
            for name, value in self.parameters.items()
        }
        return Reference(self.net, self.field, new)

    def is_last(self, unit: str) -> bool:
        """Return whether a unit feeds no other."""
        return all(source != unit for _, source, _, _ in self.net.weights)

    def reaches(self, unit: str, output: str) -> bool:
        """Return whether a path leads from a unit to an output."""
        return unit == output or any(
            self.reaches(target, output) for _, source, target, _ in self.net.weights if source == unit
        )


def central_differences(net: Net, digits: int = 60, step: str = "1e-15") -> dict[str, Real]:
    """Return each parameter's gradient by central differences of the loss."""
    field = Field(digits)
    h = field.mp.mpf(step)
    start = {name: field.number(text) for name, text in net.parameters.items()}

    def loss(name: str, change: Real) -> Real:
        return Reference(net, field, {name: start[name] + change}).loss

    return {name: (loss(name, h) - loss(name, -h)) / (2 * h) for name in start}


def expected_values(net: Net, field: Field) -> dict[str, Real]:
    """Return every quantity of a problem with one update, by its key."""
    now = Reference(net, field)
    found: dict[str, Real] = dict(now.values) | now.parameters | {"loss": now.loss}
    throughs = net.outputs if len(net.outputs) > 1 else ()
    receivers: dict[str, list[str]] = {name: [] for name in now.parameters}
    for name, _, target, _ in net.weights:
        receivers[name].append(target)
    for name, units, _ in net.biases:
        receivers[name] += units
    for mark in net.marks:
        for unit in now._order:
            found[f"dE_dact.{unit}{mark}"] = now.derivative(f"act.{unit}{mark}", mark=mark)
            found[f"dE_dnet.{unit}{mark}"] = now.derivative(f"net.{unit}{mark}", mark=mark)
            found[f"delta.{unit}{mark}"] = -found[f"dE_dnet.{unit}{mark}"]
            for output in throughs:
                if now.reaches(unit, output) and not (unit == output and now.is_last(unit)):
                    found[f"dE_dact.{unit}|{output}{mark}"] = now.derivative(
                        f"act.{unit}{mark}", output, mark
                    )
                    found[f"dE_dnet.{unit}|{output}{mark}"] = now.derivative(
                        f"net.{unit}{mark}", output, mark
                    )
    for name, units in receivers.items():
        for output in ("", *throughs):
            if output and not any(now.reaches(unit, output) for unit in units):
                continue
            bar = f"|{output}" if output else ""
            found[f"grad.{name}{bar}"] = now.derivative(name, output)
            for mark in net.marks if len(net.marks) > 1 else ():
                found[f"grad.{name}{bar}{mark}"] = now.derivative(name, output, mark)
    if now.rate is None:
        return found
    after = now.updated()
    found["learning_rate"] = now.rate
    for name in now.parameters:
        if name not in net.frozen:
            found[f"new.{name}"] = after.parameters[name]
            found[f"step.{name}"] = -now.rate * now.gradients[name]
    found |= {
        f"{key}@1": value
        for key, value in (*after.values.items(), ("loss", after.loss))
        if key.partition(".")[0] in ("net", "act", "dact_dnet", "error", "residual") or key.startswith("loss")
    }
    return found

"""The hint page: one kind sentence for each item, by what is asked and where it stands in the network.

The sentences are the reasons that the worked solution gives beside its lines; no answer is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from ...keys import Key, key, parse_key
from ...network.operations import NetInput, Node, UnitActivation
from ...rules import activation_rule, is_layer_activation, layer_rule, loss_rule
from ...spec.problem import Bias, Weight
from .. import update_wording, wording
from ..blocks import Block, Bullets, Line, Text
from ..dense.backward_pass import paths_note
from ..dense.delta_rule import source_note
from ..dense.forward_pass import error_note, net_note, total_note
from ..dense.softmax import uses_short_form
from ..general.derivatives import SEED_NOTE, is_seed
from ..sheet import Sheet, line
from ..updates import general_rule
from .planning import Plan

#: Of more items at equal distances only the first and the last are named.
MOST_LISTED = 4


def hints(sheets: Sequence[Sheet], plans: Sequence[Plan]) -> list[Block]:
    """Return the hints for all items, in order; items with the same hint share it."""
    found: dict[Line, list[int]] = {}
    for sheet, plan in zip(sheets, plans, strict=True):
        own = Hints(sheet)
        for item in plan.items:
            if item.number is not None:
                found.setdefault(own.of(item.key), []).append(item.number)
    bullets = tuple((Text(f"{ranges(numbers)}: "), *hint) for hint, numbers in found.items())
    return [Bullets(bullets)]


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers of items as they are read: "(3), (5)", "(3) to (7), (9)", "(1), (3), ..., (15)"."""
    steps = {after - before for before, after in pairwise(numbers)}
    if len(numbers) > MOST_LISTED and len(steps) == 1 and steps != {1}:
        return f"({numbers[0]}), ({numbers[1]}), ..., ({numbers[-1]})"
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    texts: list[str] = []
    for first, last in runs:
        if last - first > 1:
            texts.append(f"({first}) to ({last})")
        else:
            texts += [f"({number})" for number in range(first, last + 1)]
    return ", ".join(texts)


class Hints:
    """The hints for the quantities of one problem."""

    def __init__(self, sheet: Sheet) -> None:
        """Take a sheet that has said nothing yet, so that every reason is given whenever it is asked for."""
        self._sheet = Sheet(sheet.problem, sheet.graph, sheet.ledger)
        self._layer = {
            unit: layer
            for layer in (sheet.problem.layers[1:] if sheet.problem.architecture is None else ())
            for unit in layer.units
        }
        self._operations = {operation.key: operation for operation in sheet.graph.operations}
        stages = () if sheet.problem.architecture is None else sheet.problem.architecture.stages
        self._stage_notes = {
            operation.key: stage.note for stage in stages for operation in stage.operations if stage.note
        }

    def of(self, quantity: str) -> Line:
        """Return the hint for a quantity."""
        self._sheet.explained.clear()
        part = parse_key(quantity)
        made = _BY_KIND.get(part.kind or part.subject, _other)
        return _sentence(made(self, quantity, part))

    # --- forward ----------------------------------------------------------------------------------

    def net(self, quantity: str, part: Key) -> Line:
        """Return what a net input is made of."""
        return net_note(self._sheet, part.subject, 0) if part.subject in self._layer else self._node(part)

    def act(self, quantity: str, part: Key) -> Line:
        """Return which function makes an activation of a net input."""
        layer = self._layer.get(part.subject)
        operation = self._operations.get(str(part._replace(passes=0)))
        activation = operation.activation if isinstance(operation, UnitActivation) else None
        if layer is not None:
            activation = layer.activation
        if activation is None:
            return self._node(part)
        if is_layer_activation(activation):
            return line(layer_rule(activation).definition)
        if activation.name == "identity":
            return line("the identity passes the net input on as it is")
        title = wording.function_title(activation_rule(activation).title)
        return line(f"put the net input into {title}")

    def _node(self, part: Key) -> Line:
        first = str(part._replace(passes=0))
        operation = self._operations.get(first)
        if isinstance(operation, NetInput):
            return line("net input: each input times its weight, summed")
        if isinstance(operation, Node) and operation.because:
            return line(operation.because)
        return line(self._stage_notes.get(first, "put in what has been computed before"))

    def error(self, quantity: str, part: Key) -> Line:
        """Return what the error of one output is."""
        return error_note(self._sheet, 0)

    def loss(self, quantity: str, part: Key) -> Line:
        """Return how the loss is put together."""
        problem = self._sheet.problem
        if problem.loss.kind == "node":
            return self._node(part)
        if part.kind == "" and part.subject == "loss" and problem.descent.penalty is not None:
            return line("what is minimised: the loss of the data and the penalty together")
        if part.sample is None and len(problem.samples) > 1:
            return line(f"the {problem.loss.reduction} over the samples")
        return total_note(self._sheet, 0)

    # --- backward ---------------------------------------------------------------------------------

    def outward(self, quantity: str, part: Key) -> Line:
        """Return how the loss depends on what a unit sends out."""
        if self._sheet.problem.architecture is not None:
            return self._general(quantity, part)
        fed = self._fed(part.subject)
        if not fed:
            return line(
                f"differentiate the loss by the output: {loss_rule(self._sheet.problem.loss).because}"
            )
        return line(f"what comes back from {_units(fed)}: each error term times its weight")

    def term(self, quantity: str, part: Key) -> Line:
        """Return what an error term is made of."""
        layer = self._layer.get(part.subject)
        if layer is None or layer.activation is None:
            return self._general(quantity, part)
        if part.subject in self._sheet.graph.joint:
            if uses_short_form(self._sheet):
                return line("the slope of the loss and those of the whole layer combine to a short form")
            return line("every output of the layer depends on this net input: a sum over the outputs")
        if self._sheet.notation.descends:
            return source_note(self._sheet, part.subject)
        slope = activation_rule(layer.activation).because
        fed = self._fed(part.subject)
        first = f"what comes back from {_units(fed)}" if fed else "the slope of the loss"
        return line(f"{first}, times the slope of the activation: {slope}")

    def slope(self, quantity: str, part: Key) -> Line:
        """Return what the slope of an activation function is."""
        layer = self._layer.get(part.subject)
        if layer is None or layer.activation is None:
            return self._general(quantity, part)
        if is_layer_activation(layer.activation):
            return line(layer_rule(layer.activation).because[1 if part.through else 0])
        return line(activation_rule(layer.activation).because)

    def gradient(self, quantity: str, part: Key) -> Line:
        """Return through which paths a parameter acts."""
        problem = self._sheet.problem
        if part.sample is not None:
            return line("the part of this sample alone")
        if part.through and problem.architecture is None:
            error = self._sheet.term(key("error", part.through))
            return line("only what comes through ", error, " counts here")
        parameter = next((p for p in problem.parameters if p.name == part.subject), None)
        if problem.architecture is not None or not isinstance(parameter, Weight | Bias):
            return self._general(quantity, part)
        carried = "a threshold is subtracted" if problem.thresholds else "a bias carries 1"
        why = paths_note(self._sheet, parameter)
        if why[:1] == line(self._sheet.term(parameter.name)):
            why = (Text("it"), *why[1:])
        return (*why, Text(f"; {carried}")) if isinstance(parameter, Bias) and why else why

    def _general(self, quantity: str, part: Key) -> Line:
        """Return how a derivative in a network of any shape is made: over one user, or over several."""
        from ..general.stages import reason_for  # it needs NumPy, which takes long to import

        sheet = self._sheet
        if is_seed(sheet, quantity):
            return line(SEED_NOTE)
        kind = {"dE_dact": "act", "dE_dnet": "net", "grad": ""}.get(part.kind, "act")
        made = Key(kind, part.subject, sample=part.sample)
        operation = self._operations.get(str(made))
        reason = () if operation is None else reason_for(sheet, operation)
        if reason:
            return reason
        terms = sheet.chain(quantity) if quantity in sheet.ledger.formulas else None
        if len(getattr(terms, "terms", ())) > 1:
            return line("used in several places: the sum over all of them")
        return line("used in one place: the derivative by that, times the local derivative")

    def _fed(self, unit: str) -> int:
        return sum(1 for weight in self._sheet.problem.connections if weight.source == unit)

    # --- update -----------------------------------------------------------------------------------

    def step(self, quantity: str, part: Key) -> Line:
        """Return what a step is."""
        if self._sheet.ledger.adds_steps:
            return line(
                "the learning rate, times the error term of the unit it leads to, times what it carries"
            )
        return line("the new value minus the old one")

    def new(self, quantity: str, part: Key) -> Line:
        """Return how a parameter gets its new value."""
        problem = self._sheet.problem
        if problem.descent.inline:
            if self._sheet.ledger.adds_steps:
                return line("the old value plus the step")
            return line(update_wording.direction(problem))
        return line(f"from the old value, by the rule of {update_wording.rule_title(problem)}")

    def moment(self, quantity: str, part: Key) -> Line:
        """Return what a line of an update does."""
        _, rule = general_rule(self._sheet)
        because = {moment.kind: moment.because for moment in rule.moments}.get(part.kind, "")
        return line(because or f"a line of the rule of {update_wording.rule_title(self._sheet.problem)}")


def _units(fed: int) -> str:
    return "the unit it feeds" if fed == 1 else f"the {wording.count(fed, 'unit')} it feeds"


def _said(text: str) -> Callable[[Hints, str, Key], Line]:
    return lambda hints, quantity, part: line(text)


def _other(hints: Hints, quantity: str, part: Key) -> Line:
    return line("put in what has been computed before")


def _sentence(words: Line) -> Line:
    """Return words as a sentence."""
    first, *rest = words or line("put in what has been computed before")
    if isinstance(first, Text):
        first = Text(first.text[:1].upper() + first.text[1:], first.strong)
    *others, last = (first, *rest)
    ended = isinstance(last, Text) and last.text.endswith(".")
    return (*others, last) if ended else (*others, last, Text("."))


_MOMENTS = ("velocity", "m", "v", "m_hat", "v_hat", "accumulator", "buffer", "u", "change", "decayed")

_BY_KIND: Mapping[str, Callable[[Hints, str, Key], Line]] = {
    "net": Hints.net,
    "act": Hints.act,
    "error": Hints.error,
    "loss": Hints.loss,
    "data_loss": Hints.loss,
    "epoch_loss": _said("the loss over all samples"),
    "penalty": _said("the penalty: from the parameters alone"),
    "residual": _said("target minus output"),
    "dE_dtarget": _said("the target stands in the error alone"),
    "dE_dact": Hints.outward,
    "dact_dnet": Hints.slope,
    "dE_dnet": Hints.term,
    "delta": Hints.term,
    "grad": Hints.gradient,
    "step": Hints.step,
    "new": Hints.new,
    "ahead": _said("where the velocity alone would lead"),
    "learning_rate": _said("by the schedule, with the number of updates made before"),
    "squared_norm": _said("the squares of all gradients, summed"),
    "gradient_norm": _said("the length of all gradients as one vector"),
    "clip_factor": _said("one, unless the norm is above the bound"),
    "clipped": _said("the gradient, cut or shortened where it is too large"),
    **dict.fromkeys(_MOMENTS, Hints.moment),
}

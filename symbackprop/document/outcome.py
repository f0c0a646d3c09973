"""What comes of it: the table of new parameters, the second forward pass, the epochs, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from flint import fmpq

from ..digits import Value, show
from ..keys import key
from ..ledger import as_written
from ..rounding import Rounding
from ..solving import certified_epochs
from ..terms import Number, Term, Words
from .blocks import Line, Reference, Table
from .forward_pass import add_error, add_forward_pass
from .plot import loss_plot
from .sheet import Sheet, line

if TYPE_CHECKING:
    from ..training import Training

#: Columns of a table of parameters by epoch.
COLUMNS = 7


def add_summary(sheet: Sheet) -> None:
    """Add the table of every parameter: old value, gradient or step, new value."""
    problem = sheet.problem
    updated = problem.learning_rate is not None
    steps = updated and sheet.notation.form == "delta_rule"
    sheet.section("New parameters" if updated else "All gradients")
    rows: list[tuple[Line, ...]] = []
    for parameter in problem.parameters:
        name = parameter.name
        middle = key("step" if steps else "grad", name)
        if name in problem.frozen or not sheet.known(middle):
            continue
        written = sheet.ledger.given(name)
        row = [line(sheet.term(name)), line("not given") if written is None else line(as_written(written))]
        row += [line(sheet.value(middle)), _where(sheet, middle)]
        if updated:
            new = sheet.ledger.vocabulary.parameter(name, 1)
            row.append(line(sheet.value(new)) if sheet.known(new) else line("not known"))
        rows.append(tuple(row))
    head = [
        line("Parameter"),
        line("old value" if updated else "value"),
        line("step" if steps else "gradient"),
        (),
    ]
    align = ["left", "right", "right", "left"]
    if updated:
        head.append(line("new value"))
        align.append("right")
    sheet.add(Table(tuple(head), tuple(rows), tuple(align), breakable=len(rows) > 24))
    frozen = [parameter.name for parameter in problem.parameters if parameter.name in problem.frozen]
    if frozen and updated:
        words: list[str | Term | Reference] = ["Not updated: "]
        for index, name in enumerate(frozen):
            words += [", " if index else "", sheet.term(name)]
        sheet.text(*words, ".", small=True)


def _where(sheet: Sheet, quantity: str) -> Line:
    found = sheet.references([quantity])
    return line(found[0][1]) if found else ()


def add_second_pass(sheet: Sheet) -> None:
    """Add the forward pass with the new parameters and what has become of the error."""
    if len(sheet.problem.samples) > 1 or not sheet.known("loss@1"):
        return
    sheet.section("Forward pass with the new parameters")
    add_forward_pass(sheet, passes=1)
    sheet.part("The new error")
    if sheet.notation.form == "delta_rule":
        from .delta_rule import add_residuals

        add_residuals(sheet, passes=1)
    add_error(sheet, passes=1)
    before, after = sheet.ledger.values["loss"], sheet.ledger.values["loss@1"]
    change = "fallen" if after.ball < before.ball else "risen" if after.ball > before.ball else "stayed"
    if change == "stayed":
        sheet.text("The error has not changed.")
        return
    sheet.text(f"The error has {change} from ", _short(sheet, "loss"), " to ", _short(sheet, "loss@1"), ".")


def _short(sheet: Sheet, quantity: str) -> Term:
    again = sheet.again(quantity)
    return again[0][1] if again else sheet.value(quantity)


def add_epochs(sheet: Sheet, training: Training | None) -> None:
    """Add the table and the curve of the epochs, certified or, where the run is long, in float64."""
    problem = sheet.problem
    if problem.learning_rate is None or problem.epochs == 1:
        return
    sheet.section(f"Training over {problem.epochs:,} epochs".replace(",", "\N{THIN SPACE}"))
    if training is None:
        _add_certified(sheet)
    else:
        _add_long(sheet, training)


def _add_certified(sheet: Sheet) -> None:
    problem = sheet.problem
    epochs = range(certified_epochs(problem) + 1)
    sheet.text(
        "The same step again and again, each epoch from the parameters that the one before has left. The "
        "row of epoch 0 is the start."
    )
    columns = ["loss", *(p.name for p in problem.parameters if p.name not in problem.frozen)]
    parts = -(-len(columns) // COLUMNS)
    for part in range(parts):
        chosen = columns[part * len(columns) // parts : (part + 1) * len(columns) // parts]
        head = (line("Epoch"), *(line(sheet.term(name)) for name in chosen))
        rows = tuple(
            (line(Number(str(k))), *(line(sheet.value(_after(sheet, name, k))) for name in chosen))
            for k in epochs
        )
        sheet.add(Table(head, rows, ("right",) * len(head), breakable=len(rows) > 24, small=True))
    points = [(float(k), float(sheet.ledger.values[key("loss", "", passes=k)].ball.mid())) for k in epochs]
    first, last = (str(sheet.ledger.shown(key("loss", "", passes=k))) for k in (0, epochs[-1]))
    _add_curve(sheet, points, sheet.term("loss"), first, last)


def _after(sheet: Sheet, name: str, passes: int) -> str:
    """Return the key of the loss or of a parameter after so many updates."""
    return (
        key("loss", "", passes=passes) if name == "loss" else sheet.ledger.vocabulary.parameter(name, passes)
    )


def _add_long(sheet: Sheet, training: Training) -> None:
    problem = sheet.problem
    quantity = "loss" if problem.reported_loss is None else "reported_loss"
    sheet.text(
        "The first epoch is derived above with every digit certified. The whole run is computed in double "
        "precision: the digits of this section are not certified.",
        small=True,
    )
    passes = reported_passes(problem.epochs, problem.report_every)
    series = {"loss": training.losses}
    if problem.reported_loss is not None:
        series["reported_loss"] = training.reported
    head: tuple[Line, ...] = (line("Updates"), *(line(sheet.term(name)) for name in series))
    rows = tuple(
        (line(Number(str(k))), *(line(_rounded(values[k])) for values in series.values())) for k in passes
    )
    sheet.add(Table(head, rows, ("right",) * len(head)))
    points = [(float(k), float(value)) for k, value in enumerate(series[quantity])]
    first, last = (plain_number(series[quantity][k]) for k in (0, -1))
    _add_curve(sheet, points, sheet.term(quantity), first, last)
    sheet.part("Predictions after training")
    head = (
        line("Sample"),
        *(line(sheet.term(unit)) for unit in problem.inputs),
        *(line(sheet.term(key("target", unit))) for unit in problem.outputs),
        *(line(sheet.term(key("act", unit))) for unit in problem.outputs),
    )
    body = []
    for index, sample in enumerate(problem.samples):
        row = [line(Number(str(index + 1)))]
        row += [line(as_written(sample.inputs[unit])) for unit in problem.inputs]
        row += [line(as_written(sample.targets[unit])) for unit in problem.outputs]
        row += [line(_rounded(value)) for value in training.outputs[index]]
        body.append(tuple(row))
    sheet.add(Table(head, tuple(body), ("center",) * (len(head) - 1) + ("right",)))


def reported_passes(epochs: int, every: int | None) -> Sequence[int]:
    """Return the passes that a long run's table shows: first, second, every so many, last."""
    step = every or max(1, epochs // 10)
    return sorted({0, 1, *range(0, epochs + 1, step), epochs})


def _rounded(value: float, digits: int = 6) -> Term:
    """Return a double rounded for a table; a run that diverges ends in words."""
    if not isfinite(value):
        return Words("not finite")
    exact = fmpq(*map(int, float(value).as_integer_ratio()))
    return show(Value.of_rational(exact), Rounding(digits=digits, zeros="keep"))


def plain_number(value: float) -> str:
    """Return a double rounded to six digits as text."""
    rounded = _rounded(value)
    return str(rounded) if isinstance(rounded, Number) else "a number that is not finite"


def _add_curve(
    sheet: Sheet, points: Sequence[tuple[float, float]], name: Term, first: str, last: str
) -> None:
    finite = [point for point in points if isfinite(point[1])]
    if not finite:
        return
    ends = f"from {first} at the start to {last} at the end"
    sheet.add(
        loss_plot(
            finite,
            x_label="updates",
            y_label=line(name),
            alternative=f"Curve of the error over {len(points) - 1} updates: {ends}.",
            caption=line("The error over the updates."),
            decimal=sheet.style.decimal,
        )
    )

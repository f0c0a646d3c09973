"""All updates of a run: tables by update, curves, predictions."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from flint import fmpq

from ..derivation.ledger import as_written
from ..derivation.solving import certified_epochs
from ..formulas.terms import Number, Term, Words
from ..keys import key
from ..numbers.digits import Value, show
from ..numbers.rounding import Rounding
from . import update_wording, wording
from .blocks import Line, Table
from .pictures.plot import Point, curves_plot, loss_plot
from .sheet import Sheet, line
from .updates import add_later_updates

if TYPE_CHECKING:
    from ..doubles.training import Training

#: Columns of a table of parameters by epoch.
COLUMNS = 7

#: Up to this many parameters are drawn as curves.
MOST_CURVES = 4


def add_epochs(sheet: Sheet, training: Training | None) -> None:
    """Add the tables and the curves of the updates, certified or, where the run is long, in float64."""
    problem = sheet.problem
    if problem.learning_rate is None or problem.updates == 1 or sheet.selection.restricted:
        return
    sheet.section(_title(sheet))
    if training is None:
        add_later_updates(sheet)
        if not problem.descent.inline and problem.updates > 1:
            sheet.part("All updates")
        _add_certified(sheet)
    else:
        _add_long(sheet, training)


def _title(sheet: Sheet) -> str:
    problem = sheet.problem
    batches = len(problem.descent.batches)
    if batches and problem.descent.updates is None:
        epochs = wording.count(problem.epochs, "epoch")
        return f"Training over {epochs} of {wording.count(batches, 'update')}"
    noun = "updates" if problem.descent.updates is not None else "epochs"
    return f"Training over {problem.updates:,} {noun}".replace(",", "\N{THIN SPACE}")


def _add_certified(sheet: Sheet) -> None:
    problem = sheet.problem
    updates = range(certified_epochs(problem) + 1)
    batches = problem.descent.batches
    sheet.text(*_introduction(sheet))
    left_out = problem.frozen.union(sheet.selection.omitted)
    first = ["batch"] if batches else []
    first += ["learning_rate"] if problem.descent.schedule is not None else []
    first += ["loss", *(["epoch_loss"] if batches else [])]
    columns = [*first, *(p.name for p in problem.parameters if p.name not in left_out)]
    parts = -(-len(columns) // COLUMNS)
    counter = "Updates" if batches or problem.descent.updates is not None else "Epoch"
    for part in range(parts):
        chosen = columns[part * len(columns) // parts : (part + 1) * len(columns) // parts]
        head = (line(counter), *(line("samples" if name == "batch" else sheet.term(name)) for name in chosen))
        rows = tuple((line(Number(str(k))), *(_cell(sheet, name, k) for name in chosen)) for k in updates)
        sheet.add(Table(head, rows, ("right",) * len(head), breakable=len(rows) > 24, small=True))
    points = [(float(k), _middle(sheet, key("loss", "", passes=k))) for k in updates]
    ends = (wording.number_text(sheet.ledger.shown(key("loss", "", passes=k))) for k in (0, updates[-1]))
    if batches and not problem.descent.looks_ahead:
        whole = [
            (float(k), _middle(sheet, at))
            for k in updates
            if (at := key("epoch_loss", "", passes=k)) in sheet.ledger
        ]
        _add_losses(sheet, points[:-1], whole)
    else:
        _add_curve(sheet, points, sheet.term("loss"), *ends)
    if not problem.descent.plain or batches:
        names = [name for name in columns if name not in first][:MOST_CURVES]
        curves = [
            (name, [(float(k), _middle(sheet, _after(sheet, name, k))) for k in updates]) for name in names
        ]
        _add_parameter_curves(sheet, curves)


def _introduction(sheet: Sheet) -> list[str | Term]:
    """Return what the rows of the table are."""
    problem = sheet.problem
    if not problem.descent.batches:
        count = "update" if problem.descent.updates is not None else "epoch"
        text = (
            f"The same step again and again, each {count} from the parameters that the one before has left. "
            f"The row of {count} 0 is the start."
        )
        return [text + _ahead(sheet)]
    return [
        "One row for each update: the samples that are taken next, the loss over them, and the parameters "
        "before the update. At the start of an epoch and at the end ",
        sheet.term("epoch_loss"),
        " is the loss over all samples; the last row is what the last update has left." + _ahead(sheet),
    ]  # fmt: skip


def _ahead(sheet: Sheet) -> str:
    return " The loss is that where the gradient is taken." if sheet.problem.descent.looks_ahead else ""


def _cell(sheet: Sheet, name: str, passes: int) -> Line:
    """Return a number of the table, nothing where there is none."""
    last = certified_epochs(sheet.problem)
    if name == "batch":
        return line(
            update_wording.batch_title(sheet.problem.descent.batch(passes)) if passes < last else "all"
        )
    quantity = _after(sheet, name, passes)
    return line(sheet.value(quantity)) if sheet.known(quantity) else ()


def _after(sheet: Sheet, name: str, passes: int) -> str:
    """Return the key of a loss, the learning rate or a parameter after so many updates."""
    if name in ("loss", "epoch_loss", "learning_rate"):
        return key(name, "", passes=passes)
    return sheet.ledger.vocabulary.parameter(name, passes)


def _middle(sheet: Sheet, quantity: str) -> float:
    return float(sheet.ledger.values[quantity].ball.mid())


def _add_long(sheet: Sheet, training: Training) -> None:
    problem = sheet.problem
    quantity = "loss" if problem.reported_loss is None else "reported_loss"
    sheet.text(
        f"The first {'update' if problem.descent.batches else 'epoch'} is derived above with every digit "
        "certified. The whole run is computed in double precision: the digits of this section are not "
        "certified.",
        small=True,
    )
    passes = reported_passes(problem.updates, problem.report_every)
    series = {"loss": training.losses}
    if problem.reported_loss is not None:
        series["reported_loss"] = training.reported
    head: tuple[Line, ...] = (line("Updates"), *(line(sheet.term(name)) for name in series))
    rows = tuple(
        (line(Number(str(k))), *(line(_rounded(values[k])) for values in series.values())) for k in passes
    )
    if training.epoch_losses:
        by_epoch = training.epoch_losses
        chosen = sorted({0, *list(by_epoch)[:: max(1, len(by_epoch) // 10)], problem.updates})
        head = (line("Updates"), line(sheet.term("epoch_loss")))
        rows = tuple((line(Number(str(k))), line(_rounded(by_epoch[k]))) for k in chosen)
    sheet.add(Table(head, rows, ("right",) * len(head)))
    points = [(float(k), float(value)) for k, value in enumerate(series[quantity])]
    if training.epoch_losses:
        whole = [(float(k), value) for k, value in training.epoch_losses.items()]
        _add_losses(sheet, points[:-1], whole)
    else:
        first, last = (plain_number(series[quantity][k]) for k in (0, -1))
        _add_curve(sheet, points, sheet.term(quantity), first, last)
    _add_predictions(sheet, training)


def _add_predictions(sheet: Sheet, training: Training) -> None:
    problem = sheet.problem
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


def reported_passes(updates: int, every: int | None) -> Sequence[int]:
    """Return the passes that a long run's table shows: first, second, every so many, last."""
    step = every or max(1, updates // 10)
    return sorted({0, 1, *range(0, updates + 1, step), updates})


def _rounded(value: float, digits: int = 6) -> Term:
    """Return a double rounded for a table; a run that diverges ends in words."""
    if not isfinite(value):
        return Words("not finite")
    exact = fmpq(*map(int, float(value).as_integer_ratio()))
    return show(Value.of_rational(exact), Rounding(digits=digits, zeros="keep"))


def plain_number(value: float) -> str:
    """Return a double rounded to six digits as text."""
    rounded = _rounded(value)
    return wording.number_text(rounded) if isinstance(rounded, Number) else "a number that is not finite"


def _add_curve(sheet: Sheet, points: Sequence[Point], name: Term, first: str, last: str) -> None:
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


def _add_losses(sheet: Sheet, by_batch: Sequence[Point], whole: Sequence[Point]) -> None:
    """Add the loss of each batch and the loss of all samples over the updates."""
    curves = [
        (label, [point for point in points if isfinite(point[1])])
        for label, points in (("its own batch", by_batch), ("all samples", whole))
    ]
    if not all(points for _, points in curves):
        return
    first, last = (plain_number(whole[index][1]) for index in (0, -1))
    sheet.add(
        curves_plot(
            curves,
            x_label="updates",
            y_label=line(sheet.term("loss")),
            alternative=f"Curves of the error of each batch and of all samples; the latter goes from {first} "
            f"at the start to {last} at the end.",
            caption=line("The error over the updates."),
            decimal=sheet.style.decimal,
        )
    )


def _add_parameter_curves(sheet: Sheet, named: Sequence[tuple[str, Sequence[Point]]]) -> None:
    """Add the curves of some parameters over the updates."""
    if not named:
        return
    names = ", ".join(name for name, _ in named)
    sheet.add(
        curves_plot(
            [(sheet.term(name), points) for name, points in named],
            x_label="updates",
            y_label=line("value"),
            alternative=f"Curves of the parameters {names} over the updates; the table has their values.",
            caption=line("Parameters over the updates."),
            decimal=sheet.style.decimal,
        )
    )

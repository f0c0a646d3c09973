"""The penalty on the page: the loss it belongs to, its derivative, what it leaves out."""

from __future__ import annotations

from ..derivation.forms import simplified
from ..derivation.penalties import data_loss, penalty_slope
from ..formulas.terms import Comparison, Partial, Term, Underbrace
from ..keys import key
from . import wording
from .blocks import Line
from .layout.breaking import elide_around
from .sheet import Lines, Sheet, line, operator

#: Penalties of more parameters than this are not written out.
LONG_PENALTY = 16

#: Up to this many are all differentiated on the page; of more, the first and the last.
FEW_SQUARES = 4


def add_loss(sheet: Sheet, lines: Lines, passes: int, note: Line) -> None:
    """Add the loss of a pass to its derivation: as it is, or the data's and the penalty."""
    whole = key("loss", "", passes=passes)
    penalty = sheet.problem.descent.penalty
    if penalty is None:
        lines.derive(whole, note=note)
        return
    lines.derive(data_loss(sheet.graph, passes=passes), note=note)
    part = key("penalty", "", passes=passes)
    if len(penalty.parameters) <= LONG_PENALTY:
        lines.derive(part, note=line("the penalty"))
    else:
        count = wording.count(len(penalty.parameters), "parameter")
        lines.add(
            sheet.term(part), ("=", sheet.result(part)), result=part, note=line(f"the penalty on {count}")
        )
    lines.derive(whole, note=line("what is minimised: both together"))


def add_penalty(sheet: Sheet) -> None:
    """Add what is penalised, by which convention, and the derivative of the penalty."""
    if sheet.problem.descent.penalty is not None and sheet.first_time("penalty"):
        sheet.text(*penalty_statement(sheet), small=True)
        add_penalty_slope(sheet)


def penalty_statement(sheet: Sheet) -> list[str | Term]:
    """Return what is penalised, how strongly and by which convention."""
    penalty = sheet.problem.descent.penalty
    assert penalty is not None
    strengths = [name for name in ("l2", "l1") if getattr(penalty, name) is not None]
    words: list[str | Term] = ["The penalty: "]
    for index, name in enumerate(strengths):
        quantity = key("regularisation", name)
        words += [
            ", " if index else "",
            Comparison(sheet.term(quantity), "equal", sheet.value(quantity)),
            " for the squares" if name == "l2" else " for the magnitudes",
        ]
    left_out = [p.name for p in sheet.problem.parameters if p.name not in penalty.parameters]
    if left_out:
        words += [". Not penalised: "]
        for index, parameter in enumerate(left_out[:6]):
            words += [", " if index else "", sheet.term(parameter)]
        if len(left_out) > 6:
            words.append(f" and {len(left_out) - 6} others")
    words.append(". ")
    if penalty.l2 is not None:
        half = penalty.constant.text == "1/2"
        words.append(
            "The half before the squares cancels the 2 of their derivative. "
            if half
            else f"Before the squares stands {penalty.constant}, so the 2 of their derivative remains. "
        )
    words.append(
        "The penalty is divided by the number of samples."
        if penalty.by_samples
        else "The penalty is not divided by the number of samples."
    )
    return words


def add_penalty_slope(sheet: Sheet) -> None:
    """Derive the penalty's derivative by the first parameter that has one."""
    penalty, problem = sheet.problem.descent.penalty, sheet.problem
    assert penalty is not None
    name = next((name for name in penalty.parameters if name not in problem.frozen), None)
    if name is None:
        return
    (brace,) = penalty_slope(sheet.graph, name, sheet.ledger, 0)
    assert isinstance(brace, Underbrace) and isinstance(brace.label, Partial)
    lines = Lines(sheet, "The penalty's part of a gradient")
    note = line("only ", brace.label.by, " varies")
    chain = [("=", simplified(brace.term))]
    if len(penalty.parameters) <= LONG_PENALTY:
        around = elide_around(sheet.formula("penalty"), name, FEW_SQUARES)
        chain.insert(0, ("=", operator(around, brace.label.by)))
    lines.add(brace.label, *chain, note=note)
    lines.finish()
    if penalty.l1 is not None:
        sheet.text(
            "The derivative of a magnitude is the sign; at 0, where it has none, it is taken as 0.",
            small=True,
        )

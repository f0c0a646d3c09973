"""The opening of a problem on a worksheet: its picture, all that is given, how answers are rounded.

Nothing of it is a result. The author's introduction is left out, which introduces the worked solution.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...derivation.ledger import as_written
from ...formulas.terms import Comparison, Term
from ...keys import parse_key
from ...rules.optimizers import remembered
from ...spec.worksheet import Task
from .. import update_wording
from ..blocks import Beside, Block, Bullets, Diagram, Paragraph
from ..dense.opening import open_sheet, subtitle
from ..penalty import penalty_statement
from ..pictures.magnifying import magnified
from ..sheet import Sheet, line
from ..whole_givens import WholeGivens

#: How much larger pictures are in large type, and how wide at the most, in cm.
LARGER, WIDEST = 1.5, 16.8

#: The kinds of the numbers that belong to an update and are given.
SETTINGS = frozenset({"optimizer", "schedule", "start_rate", "learning_rate", "clip"})


def open_task(sheet: Sheet, task: Task, whole: WholeGivens, *, large: bool = False) -> list[Block]:
    """Return what stands before the items of a task; nothing of it is a result.

    Args:
        sheet: of the task's problem.
        task: what is asked.
        whole: the givens that it takes to answer it.
        large: in large type, nothing stands beside the picture, which is larger too.
    """
    if sheet.problem.architecture is not None:
        _open_general(sheet, task, whole)
    else:
        sheet.blocks.append(Paragraph(subtitle(sheet), small=True))
        open_sheet(sheet, picture=task.picture, compared=False, whole=whole)
    _add_update(sheet)
    blocks, sheet.blocks = sheet.blocks, []
    return [part for block in blocks for part in _enlarged(block)] if large else blocks


def _enlarged(block: Block) -> Iterator[Block]:
    """Yield a block as it stands among large type: pictures larger, nothing side by side with them."""
    if isinstance(block, Diagram):
        yield magnified(block, min(LARGER, WIDEST / block.width))
    elif isinstance(block, Beside) and any(isinstance(part, Diagram) for part in block.left):
        for part in (*block.left, *block.right):
            yield from _enlarged(part)
    else:
        yield block


def _open_general(sheet: Sheet, task: Task, whole: WholeGivens) -> None:
    """Add the picture with the values that are given, the givens, and how the layers work."""
    from ..general.general_sheet import add_givens, general_subtitle
    from ..pictures.graph_picture import graph_picture

    sheet.blocks.append(Paragraph(general_subtitle(sheet), small=True))
    if task.picture != "none":
        filled = task.picture == "filled"
        drawn = graph_picture(sheet, lambda key: filled and sheet.ledger.given(key) is not None)
        if drawn is not None:
            sheet.add(drawn)
    add_givens(sheet, compared=False, whole=whole)
    assert sheet.problem.architecture is not None
    notes: dict[str, str] = {}
    for stage in sheet.problem.architecture.stages:
        if stage.note:
            notes.setdefault(stage.note, stage.title)
    if notes:
        sheet.add(Bullets(tuple(line(f"{title}: {note}") for note, title in notes.items())))


def _add_update(sheet: Sheet) -> None:
    """Add what an update takes beside the learning rate: penalty, settings, order of the samples."""
    problem = sheet.problem
    descent = problem.descent
    if descent.penalty is not None:
        sheet.text(*penalty_statement(sheet), small=True)
    if problem.learning_rate is None:
        return
    if descent.batches:
        sheet.text(update_wording.batches_statement(problem), small=True)
    words = _settings(sheet)
    kinds = remembered(descent.optimizer)
    if kinds and not descent.state:
        words.append("What the optimizer remembers begins at zero. ")
    elif descent.state:
        words.append("Of what the optimizer remembers, all that is not given begins at zero. ")
    if descent.steps:
        words.append(f"It has made {descent.steps} updates before. ")
    words += [f"{text} " for text in update_wording.conventions(descent)]
    if words:
        sheet.text(*words, small=True)


def _settings(sheet: Sheet) -> list[str | Term]:
    """Return the numbers of optimizer, schedule and clipping, and what is remembered at the start."""
    ledger, descent = sheet.ledger, sheet.problem.descent
    found: list[str | Term] = []
    for key in ledger.all_keys():
        number = ledger.given(key)
        own = parse_key(key).kind in SETTINGS or key in descent.state
        if number is not None and own and key != "schedule.start":
            found += [
                ", " if found else "For the update ",
                Comparison(sheet.term(key), "equal", as_written(number)),
            ]
    return [*found, ". "] if found else []

"""The opening of a problem on a worksheet: its picture, what is given, how answers are rounded."""

from __future__ import annotations

from ...spec.worksheet import Task
from ..blocks import Block, Paragraph
from ..dense.opening import open_sheet, subtitle
from ..sheet import Sheet


def open_task(sheet: Sheet, task: Task) -> list[Block]:
    """Return what stands before the items of a task; nothing of it is a result."""
    if sheet.problem.architecture is not None:
        from ..general.general_sheet import general_subtitle, open_general

        sheet.blocks.append(Paragraph(general_subtitle(sheet), small=True))
        open_general(sheet, picture=False)
    else:
        sheet.blocks.append(Paragraph(subtitle(sheet), small=True))
        open_sheet(sheet, picture=task.picture)
    blocks, sheet.blocks = sheet.blocks, []
    return blocks

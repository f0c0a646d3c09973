"""A student's feedback sheet: points, what was right, the rest beside what is right, and why, kindly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ...derivation.ledger import as_written
from ...document.blocks import Block, Document, Heading, Inline, Line, MathStyle, Paragraph, Table, Text
from ...document.layout.alignment import needed_width, with_columns_measured, with_points_aligned
from ...document.layout.pages import LINE_WIDTH, SMALL_WIDTH
from ...document.sheet import line
from ...document.wording import join
from ...document.worksheet.answers import MANY_ANSWERS
from ...document.worksheet.items import points_text
from ...formulas.terms import Number, Term
from ..reading import Ambiguous, Unreadable, Written, spelled
from ..result import Compared, Marked, Marking, Status

#: A longer answer is cut in the table.
LONGEST_ANSWER = 24

#: Answers that need no more words.
RIGHT: frozenset[Status] = frozenset(["right", "carried", "tolerance"])

#: What helps where no mistake is known that leads to an answer.
_COMPARE = "compare your work with the worked solution"

#: How an answer was, in the table of a feedback sheet.
_WORDS: Mapping[Status, str] = {
    "follow_through": "right given yours",
    "fewer_digits": "too few digits",
    "wrong": "not right",
    "blank": "no answer",
    "unreadable": "not a number",
    "ambiguous": "to be asked",
}


def feedback(marking: Marking, title: str, *, answers: bool = True, paper: str = "a4") -> Document:
    """Return a student's feedback sheet.

    Args:
        marking: the marked paper.
        title: of the sheet that was marked.
        answers: whether the right answers are told.
        paper: "a4" or "letter".
    """
    whose = marking.name or marking.student
    total = f"{points_text(marking.total)} of {_points(marking.points)}"
    numbers = [item.question.item for item in marking.items]
    blocks: list[Block] = [Paragraph((Text(f"You have {total}.", strong=True), *_praise(marking)))]
    right = [item.question.item for item in marking.items if item.status in RIGHT]
    others = [item for item in marking.items if item.status not in RIGHT]
    if right and others:
        blocks.append(Paragraph((Text("Right: ", strong=True), Text(f"{_spans(right, numbers)}."))))
    if others:
        blocks.append(_table(others, marking.style, answers=answers))
    said = _remarks(marking)
    if said:
        blocks += [Heading(1, line("Remarks")), *said]
    beside = f" · {marking.student}" if marking.name else ""
    code = f" · {marking.code}" if marking.code else ""
    return Document(
        "Feedback",
        title,
        (Text(f"{whose}{beside}{code}"),),
        tuple(blocks),
        style=marking.style,
        paper="letter" if paper == "letter" else "a4",
        running_head=f"{title} · {whose}",
    )


def _praise(marking: Marking) -> Line:
    """Return a second sentence for who has all points, or earned some by following through."""
    if marking.items and marking.total == marking.points:
        return (Text(" Everything is right: well done."),)
    through = sum(item.status == "follow_through" for item in marking.items)
    if not through:
        return ()
    counted = "One answer counts" if through == 1 else f"{through} answers count"
    return (Text(f" {counted} as right given your earlier ones."),)


def _table(items: Sequence[Marked], style: MathStyle, *, answers: bool) -> Table:
    """Return what was not simply right, each answer beside the right one."""
    head = [line("No."), line("Quantity"), line("Your answer")]
    align = ["right", "left", "right"]
    if answers:
        head.append(line("Right answer"))
        align.append("right")
    rows = []
    for item in items:
        cells = [line(item.question.item), line(item.name), _answer(item)]
        if answers:
            cells.append(line(as_written(item.answer)))
        earned = f"{points_text(item.points)} of {points_text(item.question.points)}"
        rows.append((*cells, line(earned), line(_verdict(item))))
    table = Table(
        (*head, line("Points"), ()),
        tuple(rows),
        (*align, "right", "left"),
        breakable=True,
        small=len(rows) > MANY_ANSWERS,
    )
    room = SMALL_WIDTH if table.small else LINE_WIDTH
    measured = with_columns_measured(table, style)
    return measured if needed_width(measured) <= room else with_points_aligned(table)


def _verdict(item: Marked) -> str:
    """Return how an answer was; one that follows from others says from which."""
    fits = _fitting(item)
    if item.status == "follow_through" and fits is not None:
        return f"right given your {', '.join(fits.answers)}"
    return _WORDS[item.status]


def _answer(item: Marked) -> Line:
    """Return an answer for the table: the number that was read, or the text that is none."""
    reading = item.reading
    if isinstance(reading, Written) and len(spelled(reading)) <= LONGEST_ANSWER:
        return line(_number(reading))
    text = " ".join(reading.text.split())
    return line(text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}...")


def _number(written: Written) -> Term:
    return as_written(Number(spelled(written)))


def _remarks(marking: Marking) -> list[Block]:
    """Return what there is to say of answers, one paragraph for those of which the same is to be said."""
    said: dict[Line, list[Marked]] = {}
    for item in marking.items:
        words = _in_common(item)
        if words:
            said.setdefault(words, []).append(item)
    numbers = [item.question.item for item in marking.items]
    return [
        Paragraph((*_item(items[0]), *remark(items[0])))
        if len(items) == 1
        else Paragraph(
            (Text(f"{_spans([item.question.item for item in items], numbers)}: ", strong=True), *words)
        )
        for words, items in said.items()
    ]


def _in_common(item: Marked) -> Line:
    """Return what is to be said of an answer as it may be said of several, () for nothing."""
    fits = _fitting(item)
    if item.status == "wrong" and fits is not None and fits.but:
        return line(f"these follow from earlier answers of yours, but your answer to {fits.but}.")
    if item.status == "wrong" and not item.slips:
        return line(f"these are not right; {_COMPARE}.")
    return remark(item)


def _fitting(item: Marked) -> Compared | None:
    return next((record for record in item.compared if record.fits), None)


def _spans(items: Sequence[str], among: Sequence[str]) -> str:
    """Return items as they are counted: "2, 4 to 7 and 9"; three or more in a row as a span."""
    places = sorted(among.index(item) for item in items)
    rows: list[list[int]] = []
    for place in places:
        if rows and place == rows[-1][-1] + 1:
            rows[-1].append(place)
        else:
            rows.append([place])
    parts = [
        part
        for row in rows
        for part in (
            [f"{among[row[0]]} to {among[row[-1]]}"] if len(row) > 2 else [among[place] for place in row]
        )
    ]
    return join(parts)


def _item(item: Marked) -> tuple[Inline, ...]:
    return (Text(f"{item.question.item}  ", strong=True), *line(item.name), Text(": "))


def remark(item: Marked) -> Line:
    """Return what there is to say of an answer, () for one that is right or right given others."""
    reading, fits = item.reading, _fitting(item)
    if isinstance(reading, Unreadable):
        return line(f"“{_short(reading.text)}” could not be read as a number ({reading.reason}).")
    if isinstance(reading, Ambiguous) and item.status == "ambiguous":
        numbers = " or ".join(spelled(one) for one in reading.readings)
        return line(f"“{_short(reading.text)}” may be {numbers}. Please tell which one you mean.")
    if item.status == "fewer_digits":
        asked = ", but more digits are asked for"
        return line(f"right as far as it goes{asked}: ", as_written(item.answer), ".")
    if item.status != "wrong":
        return ()
    if fits is not None and fits.but:
        return line(f"it follows from your {_answers(fits.answers)}, but your answer to {fits.but}.")
    if not item.slips:
        return line(f"this one is not right; {_COMPARE}.")
    slip = item.slips[0]
    own = " (worked out from your own earlier answers)" if slip.given == "own" else ""
    others = [other.title for other in item.slips[1:3]]
    doubt = f" It might also be: {'; '.join(others)}." if others else ""
    return line(f"{slip.student}{own}{doubt}")


def _answers(items: tuple[str, ...]) -> str:
    return f"answer{'s' if len(items) > 1 else ''} to {join(items)}"


def _points(points: Fraction) -> str:
    return f"{points_text(points)} point{'' if points == 1 else 's'}"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else f"{plain[:60]}..."

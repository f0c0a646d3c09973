"""Why an answer has its mark: what was read, and what it was compared with, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.worksheet.items import points_text
from ..errors import SymbackpropError
from ..spec.suggest import listed
from .accepting import Interval
from .reading import Ambiguous, Blank, Unreadable, spelled
from .result import Marked, Marking, Status

#: How an answer was found, in a few words.
VERDICTS: dict[Status, str] = {
    "right": "right",
    "carried": "right, by carrying the other way",
    "tolerance": "right, within the tolerance",
    "follow_through": "right given the student's own earlier answers",
    "fewer_digits": "right, but to fewer digits than asked for",
    "wrong": "wrong",
    "blank": "no answer",
    "unreadable": "not a number",
    "ambiguous": "to be asked: it may be one of several numbers, one of them right",
}


def explain(marking: Marking, item: str) -> str:
    """Return why one answer has its mark: what was read, everything it was compared with, the result.

    Raises:
        SymbackpropError: the paper has no such item.
    """
    try:
        marked = marking[item]
    except KeyError:
        items = listed(one.question.item for one in marking.items)
        raise SymbackpropError(
            f"no item {item!r} on the sheet of {marking.student}; expected one of {items}"
        ) from None
    whose = f"{marking.name} ({marking.student})" if marking.name else marking.student
    question = marked.question
    lines = [f"{whose}, item {question.item}: {question.key}, {_worth(marked)}", *_read(marked)]
    lines += _compared(marked)
    if marked.emptied:
        lines.append(f"nothing that follows from it earns marks: the answer to {marked.emptied}")
    lines += [
        f"gives {slip.shown} from {slip.given} values: {slip.title} ({slip.mistake})" for slip in marked.slips
    ]
    lines.append(
        f"mark: {points_text(marked.points)} of {points_text(question.points)}: {VERDICTS[marked.status]}"
    )
    return "\n".join(lines) + "\n"


def _worth(marked: Marked) -> str:
    points = marked.question.points
    return f"{points_text(points)} point{'' if points == 1 else 's'}"


def _read(marked: Marked) -> Iterator[str]:
    """Yield what was written, and as what it was read."""
    reading = marked.reading
    if isinstance(reading, Blank):
        yield f"written: {reading.text!r}, no answer" if reading.text else "written: nothing"
    elif isinstance(reading, Unreadable):
        yield f"written: {reading.text!r}, no number: {reading.reason}"
    elif isinstance(reading, Ambiguous):
        numbers = " or ".join(spelled(one) for one in reading.readings)
        yield f"written: {reading.text!r}, which is {numbers}: {reading.reason}"
    else:
        yield f"written: {reading.text!r}, read as {spelled(reading)}"


def _compared(marked: Marked) -> Iterator[str]:
    for record in marked.compared:
        verdict = "no" if not record.fits else "yes"
        if record.but:
            verdict += f", but the answer to {record.but}"
        accepted = interval_text(record.interval)
        yield f"compared with {record.against}: {record.number}, accepted {accepted}: {verdict}"


def interval_text(interval: Interval) -> str:
    """Return an interval in words: "from 0.08825 to 0.08835", "from 0.0883 to below 0.0884"."""
    if interval.low == interval.high:
        return f"is {interval.low} alone"
    low = f"from {interval.low}" if interval.includes_low else f"from above {interval.low}"
    return f"{low} to {interval.high}" if interval.includes_high else f"{low} to below {interval.high}"

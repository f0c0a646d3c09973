"""The results of a class on paper: score distribution, difficulty per item, mistakes, what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import mean, median

from ...document.blocks import Bar, BarChart, Block, Bullets, Document, Heading, Line, Paragraph, Table, Text
from ...document.sheet import line
from ...document.wording import counted
from ...document.worksheet.items import points_text
from ..reading import Ambiguous, Unreadable, spelled
from ..result import Marked, Marking, Status
from .class_results import ClassResults, decimal
from .counting import (
    PARTS,
    ItemStatistics,
    MistakeStatistics,
    distribution,
    item_statistics,
    mistake_statistics,
)

#: More mistakes and more answers to look at than these are left to the CSV files.
MOST_MISTAKES, MOST_LISTED = 15, 40

_COLUMNS: tuple[tuple[str, tuple[Status, ...]], ...] = (
    ("right", ("right", "carried", "tolerance")),
    ("follows", ("follow_through",)),
    ("few digits", ("fewer_digits",)),
    ("wrong", ("wrong",)),
    ("blank", ("blank",)),
    ("unread", ("unreadable", "ambiguous")),
)


def class_page(results: ClassResults, *, paper: str = "a4") -> Document:
    """Return the results of a class as a document."""
    markings = results.markings
    sections = [
        ("Points", _points(markings) if markings else []),
        ("Items", _items(item_statistics(markings))),
        ("Mistakes", _mistakes(mistake_statistics(markings))),
        ("To look at", list(_to_look_at(results))),
    ]
    blocks: list[Block] = [Paragraph(_summary(results))]
    for number, (title, inside) in enumerate(((title, inside) for title, inside in sections if inside), 1):
        blocks += [Heading(1, line(title), str(number)), *inside]
    return Document(
        "Class results",
        results.title,
        line(counted(len(markings), "paper")),
        tuple(blocks),
        style=markings[0].style if markings else Document("", "", (), ()).style,
        paper="letter" if paper == "letter" else "a4",
        running_head=results.title,
    )


def _summary(results: ClassResults) -> Line:
    parts = [f"{counted(len(results.markings), 'paper')} marked."]
    if results.markings:
        totals = [marking.total for marking in results.markings]
        shares = [marking.total / marking.points for marking in results.markings if marking.points]
        full = {marking.points for marking in results.markings}
        out_of = f" of {points_text(next(iter(full)))} points" if len(full) == 1 else " points"
        average = _rounded(mean(totals))
        parts.append(f"Mean {average}{out_of}, median {_rounded(median(totals))}.")
        if shares:
            parts.append(f"{_percent(mean(shares))} of all points were earned.")
    if results.withheld:
        parts.append(f"{counted(len(results.withheld), 'paper')} withheld, see below.")
    if results.absent:
        parts.append(f"{counted(len(results.absent), 'student')} without an answer.")
    return line(" ".join(parts))


def _points(markings: Sequence[Marking]) -> list[Block]:
    counts = distribution(markings)
    most = max(counts)
    step = 100 // PARTS
    bars = tuple(
        Bar(line(f"{step * place} to {step * (place + 1)} %"), count / most, str(count))
        for place, count in enumerate(counts)
    )
    said = ", ".join(
        f"{step * place} to {step * (place + 1)} %: {count}" for place, count in enumerate(counts)
    )
    caption = line(
        "How many papers earned which part of the points; whoever stands between two counts above."
    )
    return [BarChart(bars, f"Papers by points earned. {said}.", caption)]


def _items(found: Sequence[ItemStatistics]) -> list[Block]:
    if not found:
        return []
    bars = tuple(Bar(_label(one), float(one.share), _percent(one.share)) for one in found)
    said = ", ".join(f"item {one.item}: {_percent(one.share)}" for one in found)
    caption = line("Which part of its points each item brought in; the shortest bars were the hardest items.")
    head = (line("Item"), *(line(title) for title, _ in _COLUMNS))
    rows = tuple(
        (_label(one), *(_count(sum(one.statuses[status] for status in statuses)) for _, statuses in _COLUMNS))
        for one in found
    )
    table = Table(head, rows, ("left", *["right"] * len(_COLUMNS)), breakable=True, small=len(rows) > 20)
    return [BarChart(bars, f"Points earned by item. {said}.", caption), table]


def _label(one: ItemStatistics) -> Line:
    return line(f"{one.item}  ", one.name) if one.name is not None else line(one.item)


def _mistakes(found: Sequence[MistakeStatistics]) -> list[Block]:
    if not found:
        return []
    shown = found[:MOST_MISTAKES]
    bars = tuple(Bar(line(made.title), made.times / found[0].times, str(made.times)) for made in shown)
    said = ", ".join(f"{made.title}: {made.times}" for made in shown)
    caption = "How many wrong answers each mistake explains; of several that do, the likeliest counts."
    if len(found) > len(shown):
        caption += f" {len(found) - len(shown)} rarer ones are in the CSV file."
    notes = tuple(
        (
            Text(f"{made.title}: ", strong=True),
            *line(f"{made.instructor} {counted(len(made.students), 'student')}, {_places(made)}."),
        )
        for made in shown
    )
    return [BarChart(bars, f"Mistakes by frequency. {said}.", line(caption)), Bullets(notes)]


def _places(made: MistakeStatistics) -> str:
    items = [item for item, _ in made.items.most_common(4)]
    return f"mostly in item {', '.join(items)}" if len(made.items) > 4 else f"in item {', '.join(items)}"


def _to_look_at(results: ClassResults) -> Iterator[Block]:
    """Yield what the instructor has to decide: faults of the file, and answers that could not be read."""
    lists = (
        ("In the file of answers", [line(fault) for fault in results.faults]),
        ("Withheld", [line(whose) for whose in results.withheld]),
        ("Answers that may be one of several numbers", _unread(results.markings, "ambiguous")),
        ("Answers that are no numbers, without marks", _unread(results.markings, "unreadable")),
        ("Without an answer", [line(whose) for whose in results.absent]),
    )
    for title, items in lists:
        if items:
            more = len(items) - MOST_LISTED
            kept = [*items[:MOST_LISTED], *([line(f"and {more} more")] if more > 0 else [])]
            yield Heading(2, line(title))
            yield Bullets(tuple(kept))


def _unread(markings: Sequence[Marking], status: Status) -> list[Line]:
    return [
        line(f"{marking.name or marking.student}, item {item.question.item}: {_said(item)}")
        for marking in markings
        for item in marking.items
        if item.status == status
    ]


def _said(item: Marked) -> str:
    reading = item.reading
    text = " ".join(reading.text.split())
    text = text if len(text) <= 40 else f"{text[:40]}..."
    if isinstance(reading, Ambiguous):
        return f"“{text}” is {' or '.join(spelled(one) for one in reading.readings)}: {reading.reason}"
    return f"“{text}”: {reading.reason}" if isinstance(reading, Unreadable) else f"“{text}”"


def _count(count: int) -> Line:
    return line(str(count)) if count else ()


def _percent(share: Fraction) -> str:
    return f"{round(100 * share)} %"


def _rounded(points: Fraction) -> str:
    return decimal(Fraction(round(points * 100), 100))

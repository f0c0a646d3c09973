"""An audit on paper: each wrong line beside its correction, and the judgement of every figure."""

from __future__ import annotations

from collections.abc import Iterator

from ..derivation.ledger import as_written
from ..document.blocks import Document, Line, Table, Text, Together
from ..document.sheet import Lines, Sheet, line
from ..formulas.terms import Number, Result, Term
from ..mistakes.catalogue import MISTAKES
from ..mistakes.explanation import Explanation
from .auditing import Audit
from .convention import Convention
from .finding import Finding
from .report import line_of, summary, title_of

#: A table with more rows than this may run over pages.
ONE_PAGE = 24

_VERDICTS = {
    "right": "right",
    "convention": "right by the convention",
    "inherited": "wrong by inheritance",
    "own": "wrong by itself",
    "unexplained": "wrong, unexplained",
}


def audit_document(audit: Audit, paper: str = "a4") -> Document:
    """Return the report of an audit."""
    sheet = Sheet(audit.problem, audit.sweep.graph, audit.sweep.ledger)
    _add_overview(sheet, audit)
    _add_own(sheet, audit)
    _add_inherited(sheet, audit)
    _add_unexplained(sheet, audit)
    _add_all(sheet, audit)
    title = audit.request.title
    return Document(
        kind="Audit \N{MIDDLE DOT} Backpropagation",
        title=title,
        subtitle=(Text(summary(audit)),),
        blocks=tuple(sheet.blocks),
        style=sheet.style,
        paper=paper,  # type: ignore[arg-type]
        running_head=f"{title} \N{EM DASH} audit",
        keywords=("backpropagation", "audit"),
    )


def _add_overview(sheet: Sheet, audit: Audit) -> None:
    inferred = audit.convention
    sheet.section("The figures and how they are rounded")
    if audit.request.source:
        sheet.text(f"The figures: {audit.request.source}.", small=True)
    sheet.text(
        f"Of all conventions tried, the one that gives most figures is: {inferred.convention.words}; "
        f"{inferred.digits_in_words}. It gives {inferred.score} of {inferred.figures}, the page's own "
        f"mistakes "
        "followed."
    )
    ranked = sorted(inferred.scores, key=lambda pair: -pair[1])
    rows = tuple((line(_sentence(convention)), line(Number(str(score)))) for convention, score in ranked)
    sheet.add(Table((line("Convention"), line("figures given")), rows, ("left", "right"), small=True))


def _sentence(convention: Convention) -> str:
    words = convention.words
    return words[0].upper() + words[1:]


def _add_own(sheet: Sheet, audit: Audit) -> None:
    found = [(place, finding) for place, finding in enumerate(audit.findings) if finding.verdict == "own"]
    if not found:
        return
    sheet.section("Wrong by themselves")
    for place, finding in found:
        sure = finding.explanation
        assert sure is not None
        _add_pair(sheet, place, finding, sure)


def _add_pair(sheet: Sheet, place: int, finding: Finding, sure: Explanation) -> None:
    """Add a wrong line, its correction, and what happened."""
    left = sheet.term(finding.figure.key)
    lines = Lines(sheet, f"Figure {place + 1}, {finding.figure.name}: {title_of(sure)}")
    printed = as_written(finding.figure.printed.number)
    if sure.slipped:
        lines.add(left, ("=", sure.term), note=line("computed"))
        lines.add(None, ("=", printed), note=line("but printed"))
    else:
        lines.add(left, ("=", sure.term), ("=", printed), note=line("printed"))
    _add_correction(lines, left, finding)
    _together(sheet, lines, "".join(_why(sure)))


def _together(sheet: Sheet, lines: Lines, *remarks: str) -> None:
    """Add lines and remarks that no page break parts."""
    first = len(sheet.blocks)
    lines.finish()
    for remark in remarks:
        sheet.text(remark, small=True)
    sheet.blocks[first:] = [Together(tuple(sheet.blocks[first:]))]


def _add_correction(lines: Lines, left: Term, finding: Finding) -> None:
    correcting, right = finding.correcting, as_written(finding.corrected)
    steps: list[tuple[str, Term]] = []
    if correcting is not None and not isinstance(correcting, Number):
        steps.append(("=", correcting))
    lines.add(left, *steps, ("=", Result(right)), note=line("should be"))


def _why(sure: Explanation) -> Iterator[str]:
    yield " ".join(MISTAKES[name].instructor for name in sure.mistakes)
    if not sure.exactly:
        yield " The last digits are a little off, as they are where numbers were rounded on the way."


def _add_inherited(sheet: Sheet, audit: Audit) -> None:
    found = [
        (place, finding) for place, finding in enumerate(audit.findings) if finding.verdict == "inherited"
    ]
    if not found:
        return
    sheet.section("Wrong by inheritance")
    sheet.text(
        "Each is a right step over wrong numbers; with the numbers before it put right it is right too."
    )
    rows = tuple(
        (
            line(Number(str(place + 1))),
            line(sheet.term(finding.figure.key)),
            line(as_written(finding.figure.printed.number)),
            line(as_written(finding.corrected)),
            _sources(sheet, audit, finding),
        )
        for place, finding in found
    )
    head = (line("Figure"), line("quantity"), line("printed"), line("should be"), line("inherited from"))
    sheet.add(Table(head, rows, ("right", "left", "right", "right", "left"), breakable=len(rows) > ONE_PAGE))


def _sources(sheet: Sheet, audit: Audit, finding: Finding) -> Line:
    parts: list[str | Term] = []
    for place in finding.came_from:
        parts += [", " if parts else "", sheet.term(audit.findings[place].figure.key), f" ({place + 1})"]
    return line(*parts)


def _add_unexplained(sheet: Sheet, audit: Audit) -> None:
    found = [
        (place, finding) for place, finding in enumerate(audit.findings) if finding.verdict == "unexplained"
    ]
    if not found:
        return
    sheet.section("Wrong and unexplained")
    sheet.text("No mistake of the library explains these for certain; what comes nearest stands below each.")
    for place, finding in found:
        left = sheet.term(finding.figure.key)
        lines = Lines(sheet, f"Figure {place + 1}, {finding.figure.name}")
        lines.add(left, ("=", as_written(finding.figure.printed.number)), note=line("printed"))
        _add_correction(lines, left, finding)
        remarks = (f"Perhaps {title_of(e)}: {line_of(finding, e)}." for e in finding.explanations[:2])
        _together(sheet, lines, *remarks)


def _add_all(sheet: Sheet, audit: Audit) -> None:
    sheet.section("All figures")
    rows = tuple(
        (
            line(Number(str(place + 1))),
            line(sheet.term(finding.figure.key)),
            line(as_written(finding.figure.printed.number)),
            line(as_written(finding.corrected)),
            line(as_written(finding.right)),
            line(_VERDICTS[finding.verdict]),
        )
        for place, finding in enumerate(audit.findings)
    )
    head = (
        line("Figure"),
        line("quantity"),
        line("printed"),
        line("should be"),
        line("exactly"),
        line("verdict"),
    )
    sheet.add(
        Table(
            head,
            rows,
            ("right", "left", "right", "right", "right", "left"),
            breakable=len(rows) > ONE_PAGE,
            small=True,
        )
    )

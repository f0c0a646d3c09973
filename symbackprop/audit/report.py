"""An audit as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..derivation.ledger import as_written
from ..mistakes.catalogue import MISTAKES
from ..mistakes.explanation import Explanation
from ..render.plain import plain_math
from .auditing import Audit
from .convention import Convention
from .finding import Finding

#: How many other conventions a text names with their scores.
MOST_OTHERS = 3


def to_data(audit: Audit) -> dict[str, Any]:
    """Return an audit as plain data.

    {"convention": {...}, "figures": [{"quantity", "printed", "verdict", "from", "mistake", "shows", ...}]}
    """
    inferred = audit.convention
    return {
        "title": audit.request.title,
        "problem": audit.problem.name,
        "summary": dict(audit.counts()),
        "convention": {
            **_convention(inferred.convention),
            "digits": inferred.digits_in_words,
            "score": inferred.score,
            "figures": inferred.figures,
            "others": [
                {**_convention(convention), "score": score}
                for convention, score in inferred.scores
                if convention != inferred.convention
            ],
        },
        "figures": [_figure(audit, finding) for finding in audit.findings],
    }


def _convention(convention: Convention) -> dict[str, Any]:
    return {
        "rounding": convention.mode,
        "carry": convention.carry,
        "readout": convention.readout,
        "words": convention.words,
    }


def _figure(audit: Audit, finding: Finding) -> dict[str, Any]:
    sure = finding.explanation
    return {
        "quantity": finding.figure.name,
        "printed": finding.figure.written,
        "verdict": finding.verdict,
        "from": names_of(audit, finding.came_from),
        "mistake": None if sure is None else sure.mistake,
        "shows": shows(finding),
        "right": str(finding.right),
        "corrected": str(finding.corrected),
        "reads": [] if sure is None else reads(audit, sure),
        "explanations": [
            {
                "mistakes": list(explanation.mistakes),
                "title": title_of(explanation),
                "shows": line_of(finding, explanation),
                "chance": float(f"{explanation.chance:.2g}"),
                "confident": explanation.confident,
                "exactly": explanation.exactly,
            }
            for explanation in finding.explanations
        ],
    }


def names_of(audit: Audit, places: tuple[int, ...]) -> list[str]:
    """Return the figures at some places as the author names them."""
    return [audit.findings[place].figure.name for place in places]


def reads(audit: Audit, explanation: Explanation) -> list[str]:
    """Return the wrong figures that an explanation reads as they are printed."""
    fixed = explanation.hypothesis.reading.reads(explanation.hypothesis.changes)
    wrong = {finding.figure.key: finding.figure.name for finding in audit.findings if finding.wrong}
    return [wrong[name] for name in fixed if name in wrong]


def title_of(explanation: Explanation) -> str:
    """Return the mistakes of an explanation in words."""
    titles = [MISTAKES[name].title for name in explanation.mistakes]
    return ", and ".join(titles)


def shows(finding: Finding) -> str | None:
    """Return the arithmetic that gives a wrong figure, None where none is known."""
    sure = finding.explanation
    if sure is not None:
        return line_of(finding, sure)
    if finding.inheriting is not None:
        line = plain_math(finding.inheriting)
        return f"{line} = {plain_math(as_written(finding.figure.printed.number))}"
    return None


def line_of(finding: Finding, explanation: Explanation) -> str:
    """Return the arithmetic of an explanation, and what was printed where a slip of the hand parts them."""
    line = explanation.shows
    if not explanation.slipped:
        return line
    return f"{line}; printed {plain_math(as_written(finding.figure.printed.number))}"


def to_text(audit: Audit) -> str:
    """Return an audit as text: what was found on the whole, then each wrong figure beside its correction."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    counts, inferred = audit.counts(), audit.convention
    yield f"{audit.request.title}: {summary(audit)}"
    yield (
        f"Rounding: {inferred.convention.words}, {inferred.digits_in_words}; "
        f"it gives {inferred.score} of {inferred.figures} figures"
    )
    others = sorted(
        ((score, convention) for convention, score in inferred.scores if convention != inferred.convention),
        key=lambda pair: -pair[0],
    )
    if others:
        named = "; ".join(f"{convention.words} {score}" for score, convention in others[:MOST_OTHERS])
        yield f"  others: {named}"
    if not audit.faults:
        yield "No figure is wrong." if counts["right"] + counts["convention"] else "There is no figure."
        return
    width = max(len(finding.figure.name) for finding in audit.findings)
    yield ""
    for finding in audit.faults:
        figure = finding.figure
        reason = what_happened(audit, finding)
        yield f"{figure.name:{width}}  {figure.written}, should be {finding.corrected}: {reason}"
        arithmetic = shows(finding)
        if arithmetic is not None:
            yield f"{'':{width}}    {arithmetic}"
        if finding.verdict == "unexplained":
            for explanation in finding.explanations[:MOST_OTHERS]:
                yield f"{'':{width}}    perhaps {title_of(explanation)}: {line_of(finding, explanation)}"


def summary(audit: Audit) -> str:
    """Return how many figures there are of each verdict, in words."""
    counts = audit.counts()
    total = len(audit.findings)
    parts = [f"{counts['right'] + counts['convention']} right"]
    if counts["convention"]:
        parts[0] += f" ({counts['convention']} of them by the rounding convention)"
    if counts["own"]:
        parts.append(f"{counts['own']} wrong by {'itself' if counts['own'] == 1 else 'themselves'}")
    if counts["inherited"]:
        parts.append(f"{counts['inherited']} wrong by inheritance")
    if counts["unexplained"]:
        parts.append(f"{counts['unexplained']} wrong and unexplained")
    return f"{total} figure{'' if total == 1 else 's'}: " + ", ".join(parts)


def what_happened(audit: Audit, finding: Finding) -> str:
    """Return in a few words why a figure is wrong."""
    if finding.verdict == "inherited":
        return "inherited from " + ", ".join(names_of(audit, finding.came_from))
    sure = finding.explanation
    return "no mistake of the library explains it for certain" if sure is None else title_of(sure)

"""The results of a class as plain data, for machines."""

from __future__ import annotations

from typing import Any

from .class_results import ClassResults
from .counting import item_statistics, mistake_statistics


def to_data(results: ClassResults) -> dict[str, Any]:
    """Return the results as plain data: every student's marks, the items, the mistakes, what is wrong."""
    return {
        "title": results.title,
        "students": [
            {
                "id": marking.student,
                "name": marking.name,
                "points": str(marking.total),
                "items": [
                    {
                        "item": one.question.item,
                        "quantity": one.question.key,
                        "points": str(one.points),
                        "of": str(one.question.points),
                        "status": one.status,
                        "written": one.reading.text,
                        "mistakes": [slip.mistake for slip in one.slips],
                    }
                    for one in marking.items
                ],
            }
            for marking in results.markings
        ],
        "items": [
            {"item": one.item, "answered": one.answered, "share of points": str(one.share)}
            for one in item_statistics(results.markings)
        ],
        "mistakes": [
            {"mistake": one.mistake, "times": one.times, "students": list(one.students)}
            for one in mistake_statistics(results.markings)
        ],
        "faults": list(results.faults),
        "withheld": list(results.withheld),
        "absent": list(results.absent),
    }

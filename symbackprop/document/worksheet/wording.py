"""Words of worksheets: the lines of the head, and how they are spelled in print."""

from __future__ import annotations

from collections.abc import Mapping

#: How wide the usual lines of a head are, against each other.
HEAD: Mapping[str, float] = {"Name": 2.2, "Number": 1.0, "Signature": 1.6, "Group": 0.8, "Date": 0.8}


def typographic(text: str) -> str:
    """Return a text as it is printed: every straight apostrophe, as in O'Hara, becomes the curved one."""
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")

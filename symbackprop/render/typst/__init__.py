"""Documents as Typst source, ready for the embedded engine."""

from .document import render_patches, render_typst
from .math import typst_math
from .names import typst_name
from .source import Typst, escape_typst, typst_string

__all__ = [
    "Typst",
    "escape_typst",
    "render_patches",
    "render_typst",
    "typst_math",
    "typst_name",
    "typst_string",
]

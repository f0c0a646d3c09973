"""LaTeX: a document that stands alone, or a fragment for the author's own document."""

from .document import render_latex
from .escape import Latex, escape_latex
from .math import latex_math
from .names import latex_name

__all__ = ["Latex", "escape_latex", "latex_math", "latex_name", "render_latex"]

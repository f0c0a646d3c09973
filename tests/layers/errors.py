"""What a problem that cannot be used is refused with."""

from __future__ import annotations

import pytest

from symbackprop.errors import ProblemError
from symbackprop.spec import read_problem


def refusal(text: str, file: str = "p.yaml") -> ProblemError:
    """Return the error that a problem file gives."""
    with pytest.raises(ProblemError) as caught:
        read_problem(text, file)
    return caught.value

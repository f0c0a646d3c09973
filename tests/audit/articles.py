"""The published articles as audit files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from symbackprop.audit import Audit, audit
from symbackprop.audit.audit_file import build_audit
from symbackprop.spec.faults import Written

#: The articles that print figures, and the built-in example with each one's network.
ARTICLES = {
    "two_output_sigmoid": "two-output-sigmoid",
    "or_gate": "or-gate",
    "shared_bias": "shared-bias",
    "delta_rule": "delta-rule",
}


@cache
def article(name: str) -> dict[str, Any]:
    path = Path(__file__).resolve().parent.parent / "articles" / f"{name}.yaml"
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return data


def audit_data(name: str) -> dict[str, Any]:
    """Return an article's figures as the fields of an audit file: nothing but what the article prints."""
    found = article(name)
    return {
        "problem": ARTICLES[name],
        "title": found["title"],
        "figures": [
            {"quantity": figure["quantity"], "printed": figure["printed"]} for figure in found["figures"]
        ],
    }


@cache
def audited(name: str) -> Audit:
    return audit(build_audit(Written(audit_data(name), f"{name}.yaml")))

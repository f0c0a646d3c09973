"""Audit: somebody's printed figures held against the right ones, and the wrong ones explained."""

from __future__ import annotations

from .audit_file import AuditRequest, Figure, load_audit
from .auditing import Audit, audit
from .finding import Finding, Verdict
from .report import to_data, to_text

__all__ = [
    "Audit",
    "AuditRequest",
    "Figure",
    "Finding",
    "Verdict",
    "audit",
    "load_audit",
    "to_data",
    "to_text",
]

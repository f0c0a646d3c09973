"""Check codes: a short code on each page that ties paper, key and answers together, also as a QR code."""

from __future__ import annotations

from .code import ALPHABET, CodeError, check_code, is_code, normal_code
from .qr import qr_matrix

__all__ = ["ALPHABET", "CodeError", "check_code", "is_code", "normal_code", "qr_matrix"]

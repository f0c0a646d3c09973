"""Listings: short programs that reproduce the sheet's numbers."""

from .listing import LIBRARIES, listing
from .text import Listing

__all__ = ["LIBRARIES", "Listing", "listing"]

"""Worksheets: what is asked, what is left open, the sheet and its key as one document."""

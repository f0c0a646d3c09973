"""Tests of worksheets and their keys."""

"""Tests of making many files."""

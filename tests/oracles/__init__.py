"""Oracles: values of networks that come from somewhere else than the package under test."""

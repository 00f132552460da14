"""Vasari's tests."""

"""Protocols with numbers."""

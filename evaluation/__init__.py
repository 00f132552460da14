"""Protocols with numbers: how good the answers are, on the user's own collection."""

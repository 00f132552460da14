"""Readers, one a kind of source: each turns a source into artwork records."""

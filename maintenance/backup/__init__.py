"""Backups of a whole collection in a place of their own, and bringing one back."""

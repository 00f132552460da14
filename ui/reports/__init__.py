"""Reports: single HTML files that need nothing beside them, to be kept, sent and printed."""

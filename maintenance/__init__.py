"""What is done to a collection that exists: kept sound, re-embedded, corrected, moved."""

"""What is found, as tables for a terminal."""

"""What people read, wherever they read it: numbers, measures, models, works and runs in words."""

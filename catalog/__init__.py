"""What is known of each artwork: the SQL catalog, its filters and its job log."""

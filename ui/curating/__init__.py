"""What curators do over the web: who they are, and the jobs that they start."""

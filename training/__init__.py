"""Models trained on a collection's labels: fine-tuned networks, supervised projections."""

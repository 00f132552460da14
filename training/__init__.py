"""Models that a collection teaches itself: fine-tuned networks and supervised projections."""

"""The index of embeddings and every question asked of it."""

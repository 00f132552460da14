"""From a source of artworks to the catalog, the embeddings and the index."""

"""What brings claimed works from their images to their vectors: in this process, or on Ray."""

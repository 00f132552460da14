"""Maps of a collection: every work at a place in the plane, near the works that are like it."""

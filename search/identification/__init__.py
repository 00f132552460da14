"""Which work of the collection a photo shows, and how sure that is."""

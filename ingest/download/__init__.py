"""Images over HTTP: asked for politely, checked at every step, refused with a reason."""

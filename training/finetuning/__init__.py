"""A network trained on the labels of a collection: by the field's recipe, or by our own."""

"""A network taught by the labels of a collection: the field's recipe, and one of our own."""

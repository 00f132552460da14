"""The HTTP API: what other programs ask a collection, in the documents of the command line."""

"""Where a network's weights come from: an ordered list of providers for each model.

Every provider brings the normalisation that belongs to its weights. Nothing is unpickled that
could run code, and nothing is fetched while usable weights are on disk.
"""

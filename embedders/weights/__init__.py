"""Where a network's weights come from: an ordered list of providers for each model.

Every provider brings the normalisation that belongs to its weights. Nothing is unpickled that
could run code, and nothing is fetched while usable weights are on disk.
"""

from embedders.weights.local_file import LocalFile
from embedders.weights.obtain import WeightsUnavailable, find_weights, obtain_weights
from embedders.weights.provider import ProviderFailed, Report, WeightsProvider
from embedders.weights.stored import StoredWeights

__all__ = [
    "LocalFile",
    "ProviderFailed",
    "Report",
    "StoredWeights",
    "WeightsProvider",
    "WeightsUnavailable",
    "find_weights",
    "obtain_weights",
]

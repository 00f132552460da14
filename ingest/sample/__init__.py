"""Collections to try the product with: real paintings where there is internet, else drawn ones."""

from ingest.sample.choose import SamplePrepared, SampleUnavailableError, prepare_sample
from ingest.sample.generated import draw_collection
from ingest.sample.nga import FetchOutcome, fetch_nga_sample, nga_reachable

__all__ = [
    "FetchOutcome",
    "SamplePrepared",
    "SampleUnavailableError",
    "draw_collection",
    "fetch_nga_sample",
    "nga_reachable",
    "prepare_sample",
]

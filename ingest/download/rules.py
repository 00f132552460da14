"""How downloads behave: how many, how fast, how long, how large, from where."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True, kw_only=True)
class DownloadRules:
    """The manners and the limits of downloads.

    Args:
        at_once: downloads at one moment, over all hosts.
        host_at_once: the same, of one host.
        host_rate: requests a second to one host.
        attempts: how often an image is asked for before it counts as failed.
        backoff: seconds of the first pause before asking again, doubled each time.
        longest_pause: seconds; a server that asks for more patience is asked again after this.
        connect_seconds: for a connection, the look-up of the name included.
        read_seconds: between two pieces of an answer.
        total_seconds: for one answer from its request to its last byte.
        give_up_seconds: a host that has not answered at all for so long is not asked again in
            this job.
        max_bytes: the largest image.
        max_redirects: followed one after another.
        recheck_seconds: an image that was asked for within this time is not asked for again; after
            it, the server is asked whether it has changed.
        allow_private_networks: whether addresses of this machine and its network may be asked.
        user_agent: how the requests say who asks.
    """

    at_once: int = 32
    host_at_once: int = 8
    host_rate: float = 10.0
    attempts: int = 4
    backoff: float = 1.0
    longest_pause: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 120.0
    give_up_seconds: float = 600.0
    max_bytes: int = 200 * 2**20
    max_redirects: int = 5
    recheck_seconds: float = 30 * 86400.0
    allow_private_networks: bool = False
    user_agent: str = "Vasari"


def user_agent(contact: str | None) -> str:
    """Return how Vasari names itself to servers, with whom to ask about it."""
    try:
        name = f"Vasari/{version('vasari')}"
    except PackageNotFoundError:  # run from a checkout that is not installed
        name = "Vasari"
    return f"{name} ({contact})" if contact else name

"""How downloads behave: how many, how fast, how long, how large, from where."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from settings import Settings


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

    at_once: int
    host_at_once: int
    host_rate: float
    attempts: int
    backoff: float
    longest_pause: float
    connect_seconds: float
    read_seconds: float
    total_seconds: float
    give_up_seconds: float
    max_bytes: int
    recheck_seconds: float
    allow_private_networks: bool
    user_agent: str
    max_redirects: int = 5


def download_rules(settings: Settings) -> DownloadRules:
    """Return the rules that the settings ask for."""
    return DownloadRules(
        at_once=settings.downloads_at_once,
        host_at_once=settings.downloads_host_at_once,
        host_rate=settings.downloads_host_rate,
        attempts=settings.download_attempts,
        backoff=settings.download_backoff,
        longest_pause=settings.download_longest_pause,
        connect_seconds=settings.download_connect_seconds,
        read_seconds=settings.download_read_seconds,
        total_seconds=settings.download_total_seconds,
        give_up_seconds=settings.download_give_up_seconds,
        recheck_seconds=settings.image_recheck_days * 86400,
        max_bytes=settings.max_image_bytes,
        allow_private_networks=settings.allow_private_networks,
        user_agent=user_agent(settings.contact),
    )


def user_agent(contact: str | None) -> str:
    """Return how Vasari names itself to servers, with whom to ask about it."""
    try:
        name = f"Vasari/{version('vasari')}"
    except PackageNotFoundError:  # run from a checkout that is not installed
        name = "Vasari"
    return f"{name} ({contact})" if contact else name

"""Paths that pages of any origin may ask, since their protocols have browsers ask across origins.

OpenRefine fetches suggestions from its own page and shows previews in a frame; viewers on any
site fetch IIIF manifests and pictures. Both specifications have servers allow that to everybody.
No cookie opens these paths, nothing is changed there, and only the server's own names are answered
to. Still, a page anywhere can read them through the browser of somebody who can reach the server:
a collection that is not for everybody has reading need a key, and then they are closed to other
pages like all else.
"""

from settings import Settings

METHODS = ("GET", "HEAD", "POST")
"""POST is for reconciliation, whose queries may be longer than an address."""

FRAMED = "/api/reconcile/preview"
"""What pages of any origin may frame: a page with nothing on it to be clicked."""

_RECONCILIATION = "/api/reconcile"
_BELOW = (f"{_RECONCILIATION}/", "/iiif/", "/images/")


class OpenPaths:
    """The paths of a server that are open to pages of other origins."""

    def __init__(self, settings: Settings) -> None:
        self._are_open = not settings.read_needs_key

    def __contains__(self, path: str) -> bool:
        return self._are_open and (path == _RECONCILIATION or path.startswith(_BELOW))

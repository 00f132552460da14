"""Arguments that several interfaces read: a work, a picture, a part of it, the models' shares."""

import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from catalog.artworks import ArtworkFacts, by_id
from deployment import Deployment
from search.query import InvalidQuery, Region
from ui.output import Refused


def find_artwork(deployment: Deployment, text: str) -> ArtworkFacts:
    """Return the work with this id.

    Raises:
        Refused: this is no id, or no work has it.
    """
    try:
        artwork_id = UUID(text)
    except ValueError:
        raise Refused(
            f"{text!r} is not the id of a work; `vasari artworks list` shows the ids"
        ) from None
    with deployment.database.transaction() as session:
        found = by_id(session, [artwork_id])
    if artwork_id not in found:
        raise Refused(f"no work has the id {artwork_id}; `vasari artworks list` shows the ids")
    return found[artwork_id]


def picture_or_work(given: str) -> Path | UUID:
    """Read an argument that is a picture file or the id of a work.

    Raises:
        Refused: it is neither.
    """
    path = Path(given)
    with suppress(RuntimeError):  # "~nobody" where nobody has that name
        path = path.expanduser()
    if path.exists():
        return path
    try:
        return UUID(given)
    except ValueError:
        raise Refused(f"no file {given!r}, and it is not the id of a work either") from None


def work_id(given: str) -> UUID:
    """Read the id of a work.

    Raises:
        InvalidQuery: it is none.
    """
    try:
        return UUID(given)
    except ValueError:
        raise InvalidQuery(f"{given!r} is not the id of a work") from None


def parse_region(given: str | None) -> Region | None:
    """Read a part of a picture.

    Raises:
        InvalidQuery: it is not four numbers.
    """
    if given is None:
        return None
    try:
        left, top, width, height = (float(part) for part in given.split(","))
    except ValueError:
        raise InvalidQuery(f"a region is X,Y,W,H, four numbers, not {given!r}") from None
    return Region(left, top, width, height)


def parse_place(given: str | None) -> tuple[float, float] | None:
    """Read a place of a picture: X and Y in shares of its sides.

    Raises:
        InvalidQuery: it is not two numbers from 0 to 1.
    """
    if given is None:
        return None
    try:
        x, y = (float(part) for part in given.split(","))
        if min(x, y) >= 0 and max(x, y) <= 1:
            return x, y
    except ValueError:
        pass
    raise InvalidQuery(f"a place is X,Y, two shares from 0 to 1, not {given!r}")


def parse_weights(given: Iterable[str]) -> dict[str, float]:
    """Read the shares of models in ``fusion``.

    Raises:
        InvalidQuery: one is not MODEL=SHARE.
    """
    weights = {}
    for item in given:
        model, _, share = item.rpartition("=")
        try:
            weights[model] = float(share)
        except ValueError:
            raise InvalidQuery(
                f"a weight is MODEL=SHARE, such as resnet50=0.7, not {item!r}"
            ) from None
        if not math.isfinite(weights[model]):
            raise InvalidQuery(f"a weight is MODEL=SHARE with a finite share, not {item!r}")
    return weights

"""A part of a map, drawn freehand: a polygon that an address can carry."""

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from errors import VasariError
from search.maps.stored import Positions

MOST_CORNERS = 120


class InvalidArea(VasariError, ValueError):
    """What is given is no part of a map."""

    is_for_visitors = True


@dataclass(frozen=True)
class Area:
    """A polygon on a map, whose last corner is joined to the first.

    Args:
        corners: (x, y) of each, in the steps of ``Positions``.

    Raises:
        InvalidArea: fewer than three corners, more than ``MOST_CORNERS``, or one off the map.
    """

    corners: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not 3 <= len(self.corners) <= MOST_CORNERS:
            raise InvalidArea(f"an area has from 3 to {MOST_CORNERS} corners")
        if not all(0 <= value < 2**16 for corner in self.corners for value in corner):
            raise InvalidArea("an area has a corner that is not on the map")

    def __str__(self) -> str:
        """Return the corners as an address has them: base64 of uint16 x, y, little-endian."""
        data = np.array(self.corners, "<u2").tobytes()
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Area":
        """Return the area that a text of :meth:`__str__` says.

        Raises:
            InvalidArea: it says none.
        """
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            corners = np.frombuffer(data, "<u2").reshape(-1, 2).tolist()
        except (binascii.Error, ValueError):
            raise InvalidArea("this is no area of a map") from None
        return cls(tuple((x, y) for x, y in corners))

    def holds(self, positions: Positions) -> NDArray[np.bool_]:
        """Tell which places lie inside, by the even-odd rule: bool [n].

        The page's script does the same in the same arithmetic, so that both agree on every work.
        """
        corners = np.array(self.corners, np.float64)
        least, most = corners.min(axis=0), corners.max(axis=0)
        inside = np.zeros(len(positions), np.bool_)
        near = np.flatnonzero(((positions >= least) & (positions <= most)).all(axis=1))
        x, y = positions[near].astype(np.float64).T
        odd = np.zeros(len(near), np.bool_)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            odd ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        inside[near] = odd
        return inside


@dataclass(frozen=True)
class MapArea:
    """An area of the map of one model."""

    model: str
    area: Area

    def __str__(self) -> str:
        """Return it as an address has it."""
        return f"{self.model}~{self.area}"

    @classmethod
    def read(cls, text: str) -> "MapArea":
        """Return what a text of :meth:`__str__` says.

        Raises:
            InvalidArea: it says none.
        """
        model, _, area = text.partition("~")
        return cls(model, Area.read(area))

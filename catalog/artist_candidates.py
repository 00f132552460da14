"""Which artists a name from outside may mean, and how surely: for data that is matched by machine.

A name that an artist has but for accents, case and punctuation counts for most, then one that
matches as a name does, within one script or across scripts, and last one that has most of its
letters.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from rapidfuzz import process
from rapidfuzz.fuzz import token_sort_ratio

from catalog.artist_suggestions import parsed_names
from catalog.artists import ArtistFacts
from catalog.name_matching import lives_contradict, match_names
from catalog.names import Name, name_key, parse_name, sounds
from catalog.persons import names_a_person

LONGEST_NAME = 200
"""Characters; what is longer is no name, and not looked for."""

_LONGEST_WORD = 20
"""Letters; longer words have no sounds here, whose readings would be many and are remembered."""

_LETTERS_ALONE = 0.7
"""What likeness of the letters is worth where the names do not match as names."""

_LEAST_LETTERS = 75
"""Percent of letters in common."""

_OTHER_LIFE = 0.5
"""What a match is worth where the years say another person."""

_LIVES_AGREE = 0.9
"""How surely two namesakes are one who were born and died in the same years."""

_SURE = 0.9
"""A name that matches as well as this may be what was meant."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An artist who may be meant.

    Args:
        confidence: that it is this one, in (0, 1].
        by_name: the names match, and not just the letters.
        same_life: whether the years that were given are the artist's; ``None`` where nothing can
            be said.
        is_match: it can be nobody else of the collection, as far as the names and years say.
    """

    artist: ArtistFacts
    confidence: float
    by_name: bool = True
    same_life: bool | None = None
    is_match: bool = False


class ArtistNames:
    """The names of artists, arranged so that one can be found by a name spelled otherwise.

    Args:
        artists: the first of two that match equally well comes first.
    """

    def __init__(self, artists: Iterable[ArtistFacts]) -> None:
        self.artists = {artist.id: artist for artist in artists}
        self._parsed = {artist.id: parsed_names(artist) for artist in self.artists.values()}
        self._bearers: dict[str, set[UUID]] = defaultdict(set)
        self._first: dict[str, set[UUID]] = defaultdict(set)
        self._last: dict[str, set[UUID]] = defaultdict(set)
        for artist in self.artists.values():
            for spelling in artist.names:
                self._bearers[name_key(spelling)].add(artist.id)
            for name in self._parsed[artist.id]:
                first, last = _sounds(name)
                for sound in first:
                    self._first[sound].add(artist.id)
                for sound in last:
                    self._last[sound].add(artist.id)
        self._bearers.pop("", None)  # names without a letter
        self._keys = list(self._bearers)
        self._order = {artist_id: place for place, artist_id in enumerate(self.artists)}

    def candidates(
        self, text: str, *, born: int | None = None, died: int | None = None, limit: int
    ) -> list[Candidate]:
        """Return whom a name may mean, the likeliest first.

        Args:
            text: a name, or an artist's id.
            born, died: years of whoever is meant; those that stand beside the name count likewise.
        """
        artist = self._by_id(text)
        if artist is not None:
            return [Candidate(artist=artist, confidence=1.0, is_match=True)]
        key = name_key(text)
        if not key or len(text) > LONGEST_NAME:
            return []
        meant = parse_name(text)
        found = self._of_name(meant)
        same = self._bearers.get(key, set())
        for artist_id in same:
            found[artist_id] = 1.0, False
        life = (meant.born if born is None else born, meant.died if died is None else died)
        ranked = [
            self._judged(artist_id, confidence, life)
            for artist_id, (confidence, _) in found.items()
        ]
        ranked += [
            self._judged(artist_id, confidence, life, by_name=False)
            for artist_id, confidence in self._of_letters(key, limit).items()
            if artist_id not in found
        ]
        ranked.sort(key=lambda item: (-item.confidence, self._order[item.artist.id]))
        if ranked and names_a_person(text):
            best = ranked[0].artist.id
            alone = best in found and not found[best][1]
            # A name that is an artist's own leaves less doubt than one that is nearly so.
            farthest = _SURE if best in same else _LETTERS_ALONE
            if alone and _leaves_no_doubt(ranked, farthest):
                ranked[0] = replace(ranked[0], is_match=True)
        return ranked[:limit]

    def starting_with(self, prefix: str) -> list[ArtistFacts]:
        """Return the artists with a name, or a word of a name, that starts so.

        Those whose whole name starts so come first.

        Args:
            prefix: the start of a name, or an artist's id.
        """
        artist = self._by_id(prefix)
        if artist is not None:
            return [artist]
        key = name_key(prefix)
        if not key:
            return []
        at_start, inside = set(), set()
        for name, bearers in self._bearers.items():
            if name.startswith(key):
                at_start |= bearers
            elif f" {key}" in name:
                inside |= bearers
        found = [sorted(ids, key=self._order.__getitem__) for ids in (at_start, inside - at_start)]
        return [self.artists[artist_id] for ids in found for artist_id in ids]

    def _by_id(self, text: str) -> ArtistFacts | None:
        try:
            return self.artists.get(UUID(text))
        except ValueError:
            return None

    def _of_name(self, meant: Name) -> dict[UUID, tuple[float, bool]]:
        """Return who has a matching name, how surely, and whether only if nobody else has."""
        first, last = _sounds(meant)
        sounding: set[UUID] = set()
        for sound in last:
            sounding |= self._last.get(sound, set()) | self._first.get(sound, set())
        for sound in first:
            sounding |= self._last.get(sound, set())
        found = {}
        for artist_id in sounding:
            matches = [
                (match.confidence, match.if_only)
                for name in self._parsed[artist_id]
                if (match := match_names(meant, name)) is not None
            ]
            if matches:
                found[artist_id] = max(matches)
        return found

    def _of_letters(self, key: str, limit: int) -> dict[UUID, float]:
        """Return who has a name with most of its letters in common."""
        near = process.extract(
            key,
            self._keys,
            scorer=token_sort_ratio,
            processor=None,
            limit=limit,
            score_cutoff=_LEAST_LETTERS,
        )
        found: dict[UUID, float] = {}
        for name, ratio, _ in near:
            for artist_id in self._bearers[name]:
                worth = _LETTERS_ALONE * ratio / 100
                found[artist_id] = max(worth, found.get(artist_id, 0.0))
        return found

    def _judged(
        self,
        artist_id: UUID,
        confidence: float,
        life: tuple[int | None, int | None],
        *,
        by_name: bool = True,
    ) -> Candidate:
        artist = self.artists[artist_id]
        lived = (artist.born, artist.died)
        known = [pair for pair in zip(life, lived, strict=True) if None not in pair]
        same_life = None if not known else not lives_contradict(life, lived)
        if same_life is False:
            confidence *= _OTHER_LIFE
        elif same_life and by_name and len(known) == len(lived):
            confidence = 1 - (1 - confidence) * (1 - _LIVES_AGREE)
        return Candidate(artist=artist, confidence=confidence, by_name=by_name, same_life=same_life)


def _leaves_no_doubt(ranked: list[Candidate], farthest: float) -> bool:
    best, others = ranked[0], ranked[1:]
    return best.confidence >= _SURE and all(other.confidence <= farthest for other in others)


def _sounds(name: Name) -> tuple[set[str], set[str]]:
    """Return how the first and the last words of a name sound."""
    first: set[str] = set()
    last: set[str] = set()
    for words in (name.words, name.called):
        if words:
            first |= _heard(words[0])
            last |= _heard(words[-1]) | _heard(name.surname)
    return first, last


def _heard(word: str) -> frozenset[str]:
    return sounds(word) if len(word) <= _LONGEST_WORD else frozenset()

"""Which artists may be one person, with the evidence: for a curator to decide about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.artists import ArtistFacts, list_artists
from catalog.models import ArtistAuthority, Artwork, SameWork
from catalog.name_matching import NameMatch, lives_contradict, match_names, share_a_word
from catalog.names import PARTICLES, Name, parse_name, sounds
from catalog.persons import names_a_person

LEAST_CONFIDENCE = 0.75
"""Less sure suggestions are not made unless asked for."""

_ONE_WORK, _ONE_WORK_OTHER_NAME = 0.95, 0.6
"""How surely two artists are one who are both named for one painting: with a word of their names in
common, and without. Sources do disagree on who painted a work."""

_LIVES_AGREE = 0.9
"""The same for two namesakes who were born and died in the same years."""

_LONGEST_LIFE = 110

_SURE_NAMES = 0.8
"""Names that match so surely make their bearers one where it is asked whether a match is the only
one."""

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, kw_only=True)
class ArtistLink:
    """Why two artists may be one.

    Args:
        confidence: the probability that they are, in (0, 1].
        reasons: in words.
    """

    first: UUID
    second: UUID
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MergeSuggestion:
    """Artists that may be one person.

    Args:
        into: whose preferred name is the best of them.
        others: who would be merged into that one.
        links: as few as hold them together, the surest.
        confidence: of the least sure link.
    """

    into: ArtistFacts
    others: tuple[ArtistFacts, ...]
    links: tuple[ArtistLink, ...]
    confidence: float


def suggest_merges(
    session: Session, *, least: float = LEAST_CONFIDENCE
) -> tuple[MergeSuggestion, ...]:
    """Return which artists may be one person, the surest first. Nothing is changed.

    Evidence is in their names, within one script or across scripts; in the years of their lives;
    and in works whose records a curator has marked as one, since one painting has one painter.
    Artists whose lives contradict one another, and those whom one source's authority tells apart,
    are never put together, nor is who is no person: "Unknown", "Italian School", a company.

    Args:
        least: suggestions less sure than this are left out.
    """
    artists = {artist.id: artist for artist in list_artists(session) if names_a_person(artist.name)}
    evidence: dict[Pair, list[tuple[float, str]]] = defaultdict(list)
    matches = _name_matches(artists)
    for pair, match in _unambiguous(matches).items():
        evidence[pair].append((match.confidence, match.reason))
        if _lives_agree(*(artists[item] for item in pair)):
            evidence[pair].append((_LIVES_AGREE, "born and died in the same years"))
    for pair, title in _named_for_one_work(session):
        if not artists.keys() >= set(pair):
            continue
        related = any(
            share_a_word(one, other)
            for one in parsed_names(artists[pair[0]])
            for other in parsed_names(artists[pair[1]])
        )
        worth = _ONE_WORK if related else _ONE_WORK_OTHER_NAME
        evidence[pair].append((worth, f"both are named for one work, “{title}”"))
    links = [
        ArtistLink(
            first=first,
            second=second,
            confidence=1 - prod(1 - worth for worth, _ in found),
            reasons=tuple(dict.fromkeys(reason for _, reason in found)),
        )
        for (first, second), found in evidence.items()
    ]
    sure = [link for link in links if link.confidence >= least]
    suggestions = [
        _suggestion([artists[item] for item in ids], held)
        for ids, held in _joined(sure, artists, _numbered(session))
    ]
    return tuple(sorted(suggestions, key=lambda item: (-item.confidence, item.into.name)))


def _name_matches(artists: Mapping[UUID, ArtistFacts]) -> dict[Pair, NameMatch]:
    """Return the best match of the names of each two artists that have one."""
    parsed = {artist.id: parsed_names(artist) for artist in artists.values()}
    found: dict[Pair, NameMatch] = {}
    for first, second in _candidates(parsed):
        matches = [
            match
            for one in parsed[first]
            for other in parsed[second]
            if (match := match_names(one, other)) is not None
        ]
        if matches and not _contradict(artists[first], artists[second]):
            found[first, second] = max(matches, key=lambda match: match.confidence)
    return found


def _candidates(parsed: Mapping[UUID, Sequence[Name]]) -> Iterator[Pair]:
    """Return the pairs of artists of whom a surname sounds like a surname or a first name."""
    last: dict[str, set[UUID]] = defaultdict(set)
    first: dict[str, set[UUID]] = defaultdict(set)
    for artist_id, names in parsed.items():
        for name in names:
            for words in (name.words, name.called):
                if words:
                    for sound in sounds(words[-1]) | sounds(name.surname):
                        last[sound].add(artist_id)
                    for sound in sounds(words[0]):
                        first[sound].add(artist_id)
    seen: set[Pair] = set()
    for sound, ids in last.items():
        for one in ids:
            for other in ids | first.get(sound, set()):
                pair = (min(one, other), max(one, other))
                if one != other and pair not in seen:
                    seen.add(pair)
                    yield pair


def _unambiguous(matches: Mapping[Pair, NameMatch]) -> dict[Pair, NameMatch]:
    """Leave out matches that hold only if there is no other, where there is another."""
    from scipy.cluster.hierarchy import DisjointSet

    persons = DisjointSet(item for pair in matches for item in pair)
    for pair, match in matches.items():
        if not match.if_only and match.confidence >= _SURE_NAMES:
            persons.merge(*pair)
    met: dict[UUID, set[UUID]] = defaultdict(set)
    for (first, second), match in matches.items():
        if match.if_only:
            met[first].add(persons[second])
            met[second].add(persons[first])
    return {
        pair: match
        for pair, match in matches.items()
        if not match.if_only or all(len(met[item]) == 1 for item in pair)
    }


def _named_for_one_work(session: Session) -> Iterator[tuple[Pair, str]]:
    """Return pairs of artists, and the title of a work that records name each of them for."""
    works: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for work_id, artist_id, title in session.execute(
        select(SameWork.work_id, Artwork.artist_id, Artwork.title)
        .join(Artwork, Artwork.id == SameWork.artwork_id)
        .where(Artwork.artist_id.is_not(None))
        .order_by(SameWork.work_id, Artwork.title)
    ):
        works[work_id].setdefault(artist_id, title)
    for named in works.values():
        for first, second in combinations(sorted(named), 2):
            yield (first, second), named[first]


def _numbered(session: Session) -> dict[UUID, set[str]]:
    """Return the sources whose own authority knows each artist."""
    sources: dict[UUID, set[str]] = defaultdict(set)
    for artist_id, source in session.execute(
        select(ArtistAuthority.artist_id, ArtistAuthority.source)
    ):
        sources[artist_id].add(source)
    return sources


def _joined(
    links: Iterable[ArtistLink],
    artists: Mapping[UUID, ArtistFacts],
    numbered: Mapping[UUID, set[str]],
) -> Iterator[tuple[list[UUID], list[ArtistLink]]]:
    """Return the sets of artists that links hold together, the surest links first.

    A link that would join two persons of one authority, or of lives that contradict, is left out.
    """
    from scipy.cluster.hierarchy import DisjointSet

    groups = DisjointSet(artists)
    held: dict[UUID, list[ArtistLink]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (-link.confidence, link.first, link.second)):
        one, other = groups[link.first], groups[link.second]
        if one == other:
            continue
        pairs = product(groups.subset(one), groups.subset(other))
        if any(
            _contradict(artists[first], artists[second])
            or numbered.get(first, set()) & numbered.get(second, set())
            for first, second in pairs
        ):
            continue
        groups.merge(one, other)
        held[groups[one]] = [*held.pop(one, []), *held.pop(other, []), link]
    for group, its_links in held.items():
        yield sorted(groups.subset(group)), its_links


def _suggestion(artists: Sequence[ArtistFacts], links: Sequence[ArtistLink]) -> MergeSuggestion:
    into, *others = sorted(artists, key=_worth_as_name, reverse=True)
    return MergeSuggestion(
        into=into,
        others=tuple(others),
        links=tuple(links),
        confidence=min(link.confidence for link in links),
    )


def _worth_as_name(artist: ArtistFacts) -> tuple[bool, bool, bool, bool, bool, int, str]:
    """Return what speaks for an artist's name as that of all: dates, a full name well spelled."""
    name = parse_name(artist.name)
    capital_particles = any(
        word[0].isupper() and word.casefold() in PARTICLES for word in artist.name.split()[1:]
    )
    return (
        name.script == "latin",
        "(" not in artist.name,
        len(name.words) > 1,
        not capital_particles,
        not artist.name.isascii(),
        artist.works,
        artist.name,
    )


def parsed_names(artist: ArtistFacts) -> list[Name]:
    """Return the names of a person that can be compared; others may be names of many."""
    names = [name for name in artist.names if names_a_person(name)]
    return [parse_name(name) for name in names or (artist.name,)]


def _contradict(first: ArtistFacts, second: ArtistFacts) -> bool:
    return lives_contradict((first.born, first.died), (second.born, second.died))


def _lives_agree(first: ArtistFacts, second: ArtistFacts) -> bool:
    if first.born is None or first.died is None or second.born is None or second.died is None:
        return False
    # Longer than a life is a time in which somebody was active, which says little.
    lived = first.died - first.born <= _LONGEST_LIFE
    return lived and not lives_contradict((first.born, first.died), (second.born, second.died))

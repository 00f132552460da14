"""Whether two names may be one artist's, and how sure that is."""

from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

from catalog.names import Name, consonants, readings

YEARS_APART = 3
"""So far may two sources' dates of one life lie apart."""

_EQUAL = 1.0
_INITIAL = 0.9
_SOUNDING = 0.97
_MISSPELLED = 0.85
"""How surely two words are one: equal, an initial, alike in sound across scripts, or but for one
letter."""

_WORD_LEFT_OUT = 0.95
_TURNED_ROUND = 0.95
_KNOWN_AS = 0.97
_RANK_LEFT_OUT = 0.85
_ONE_WORD = 0.88
"""What a match is worth less where one name lacks a word of the other, is written surname first, is
what the other is called, does not say which of a family it is, or is one word alone."""

_SUREST = 0.99
"""Two persons may have one name."""

_LEAST_ALIKE = 50
_LEAST_ALIKE_ALONE = 80
"""Sounds in common, in percent, of words with the same consonants: Mane and Monet have 75. Where
it is all there is, such as a surname alone, they must have more."""

_SHORTEST_MISSPELLED = 7


@dataclass(frozen=True)
class NameMatch:
    """How two names match.

    Args:
        confidence: the probability that they are one artist's, in (0, 1].
        reason: in words.
        if_only: it holds only if no other artist matches as well: a surname alone says little
            where there are two of it.
    """

    confidence: float
    reason: str
    if_only: bool = False


def match_names(first: Name, second: Name) -> NameMatch | None:
    """Compare two names; ``None`` where they are not one artist's, or nothing can be said."""
    if first.several or second.several or first.qualified or second.qualified:
        return None
    if first.rank and second.rank and first.rank != second.rank:
        return None
    if lives_contradict((first.born, first.died), (second.born, second.died)):
        return None
    same_script = first.script == second.script
    forms = [
        (one, other, _KNOWN_AS ** ((one is not first.words) + (other is not second.words)))
        for one in (first.words, first.called)
        for other in (second.words, second.called)
        if one and other
    ]
    best: NameMatch | None = None
    for one, other, worth in forms:
        found = _match_words(one, other, same_script=same_script)
        if found is None and min(len(one), len(other)) == 1:
            found = _match_alone(first, second, one, other, same_script=same_script)
        if found is not None and (best is None or found.confidence * worth > best.confidence):
            best = NameMatch(found.confidence * worth, found.reason, found.if_only)
    if best is not None:
        best = replace(best, confidence=min(best.confidence, _SUREST))
    if best is not None and first.rank != second.rank:
        reason = (
            f"{best.reason}, but one does not say whether it is the {first.rank or second.rank}"
        )
        best = NameMatch(best.confidence * _RANK_LEFT_OUT, reason, if_only=True)
    return best


def lives_contradict(
    first: tuple[int | None, int | None], second: tuple[int | None, int | None]
) -> bool:
    """Tell whether two lives, as years of birth and death, cannot be one."""
    return any(
        one is not None and other is not None and abs(one - other) > YEARS_APART
        for one, other in zip(first, second, strict=True)
    )


def share_a_word(first: Name, second: Name) -> bool:
    """Tell whether any word of one name may be a word of the other."""
    same_script = first.script == second.script
    return any(
        _same_word(one, other, same_script=same_script, alone=True) is not None
        for one in (*first.words, *first.called, first.surname)
        for other in (*second.words, *second.called, second.surname)
    )


def _match_words(
    one: tuple[str, ...], other: tuple[str, ...], *, same_script: bool
) -> NameMatch | None:
    """Match two names of several words: all words of the shorter are in the longer."""
    short, long = sorted((one, other), key=len)
    if len(short) < 2:
        return None
    worth = _aligned(short, long, same_script=same_script)
    if worth is not None:
        left_out = len(long) - len(short)
        reason = "the same name" if same_script else "the same name in another script"
        if left_out:
            reason += f", with {left_out} more word" + "s" * (left_out > 1)
        initials = min(map(len, (*short, *long))) == 1
        return NameMatch(worth * _WORD_LEFT_OUT**left_out, reason, if_only=initials)
    if same_script:
        # Surname first, as in catalogues: the words that follow it are first names.
        for turned, straight in ((short[1:] + short[:1], long), (short, long[1:] + long[:1])):
            if _aligned(turned, straight, same_script=True) == _EQUAL:
                left_out = len(long) - len(short)
                worth = _TURNED_ROUND * _WORD_LEFT_OUT ** min(left_out, 1)
                return NameMatch(worth, "the same name, surname first")
        worth = _surname_first_with_more(short, long)
        if worth is not None:
            return NameMatch(worth, "the same name, surname first, with more words")
    return None


def _surname_first_with_more(short: tuple[str, ...], long: tuple[str, ...]) -> float | None:
    """Match "Diego Velázquez" with "Velázquez Diego Rodríguez de Silva"."""
    turned = short[-1:] + short[:-1]
    return _TURNED_ROUND * _WORD_LEFT_OUT if long[: len(turned)] == turned else None


def _aligned(short: tuple[str, ...], long: tuple[str, ...], *, same_script: bool) -> float | None:
    """Return how surely a name's words are in another in order, the last at its end."""
    # A surname that hardly sounds alike needs all of the first names to go with it.
    sure = len(short) < len(long)
    worth = _same_word(short[-1], long[-1], same_script=same_script, alone=sure)
    if worth is None or len(short[-1]) == 1:
        return None
    place = 0
    for number, word in enumerate(short[:-1]):
        while place < len(long) - 1:
            found = _same_word(word, long[place], same_script=same_script)
            initial = min(len(word), len(long[place])) == 1
            place += 1
            # An initial stands for the word in its place: J. Smith is not Peter James Smith.
            if found is not None and (not initial or place == number + 1):
                worth = min(worth, found)
                break
        else:
            return None
    return worth


def _match_alone(
    first: Name, second: Name, one: tuple[str, ...], other: tuple[str, ...], *, same_script: bool
) -> NameMatch | None:
    """Match a word that stands alone with the surname of another name, or with all of it."""
    alone, name, full = (one[0], other, second) if len(one) == 1 else (other[0], one, first)
    if len(alone) < 4:
        return None
    surnames = {name[-1]} | ({full.surname} if name is full.words else set())
    if full.of_a_place and name is full.words:
        surnames.add(name[0])
    found = [
        worth
        for surname in surnames
        if (worth := _same_word(alone, surname, same_script=same_script, alone=True)) is not None
    ]
    if not found:
        return None
    if len(name) == 1:
        return NameMatch(max(found) * _ONE_WORD, "the same name in another script")
    return NameMatch(max(found) * _ONE_WORD, "the only artist of this name", if_only=True)


def _same_word(one: str, other: str, *, same_script: bool, alone: bool = False) -> float | None:
    """Return how surely two words are one; ``None`` where they are not."""
    if one == other:
        return _EQUAL
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return None if alone or not long.startswith(short) else _INITIAL
    if same_script:
        near = len(short) >= _SHORTEST_MISSPELLED and Levenshtein.distance(one, other) == 1
        return _MISSPELLED if near and not alone else None
    alike = max(
        (
            ratio(reading, heard)
            for reading in readings(one)
            for heard in readings(other)
            if consonants(reading) == consonants(heard)
        ),
        default=0.0,
    )
    return _SOUNDING if alike >= (_LEAST_ALIKE_ALONE if alone else _LEAST_ALIKE) else None

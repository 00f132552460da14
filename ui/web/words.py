"""The page's sentences: what a model is, a rank, an agreement."""

from collections.abc import Callable, Mapping, Sequence

from search.auto import Choice
from search.identification.identify import Identification
from search.similar import RANK_DEPTH, SimilarWorks
from search.stopwatch import Stage
from ui.wording.identification import how_to_photograph
from ui.wording.numbers import percent

GENERATED_SOURCE = "Generated sample"
"""Source of the works that Vasari draws itself where no collection can be had."""

AS_GOOD_AS_CERTAIN = 0.999


def chosen_by_vasari(choice: Choice, title: Callable[[str], str]) -> str:
    """Return what was chosen to answer, in a sentence."""
    shares = choice.shares.items()
    if len(shares) == 1:
        return f"{title(choice.model)}: it finds the most works of the same style and artist."
    parts = listed([f"{share:.0%} “{title(name)}”" for name, share in shares])
    return f"The mixture that finds the most works of the same style and artist: {parts}."


def ordinal(number: int) -> str:
    """Return a rank as it is spoken: 1st, 2nd, 3rd, 4th, 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def works(number: int) -> str:
    """Return a number of works."""
    return "1 work" if number == 1 else f"{number:,} works"


def rank_elsewhere(title: str, rank: int | None) -> str:
    """Return where a hit stands under another model, by that one's title."""
    if rank is None:
        return f"not in the first {RANK_DEPTH} of {title}"
    return f"{ordinal(rank)} under {title}"


def agreement(answer: SimilarWorks, title: Callable[[str], str], *, top: int) -> str | None:
    """Return how far the models agree; ``None`` where there are no two to compare.

    Args:
        title: gives what a person calls a model.
        top: hits that were wanted of each model. Where fewer works are left, all of them are hits
            of every model, which is no agreement.
    """
    comparison = answer.comparison
    if comparison.overlap is None:
        return None
    share = f"{comparison.overlap:.0%}"
    shown = most_hits(answer)
    measure = f"overlap@{shown} = {comparison.overlap:.2f}"
    if shown < top and comparison.overlap == 1:
        return f"No more than {works(shown)} could be found: the models differ in order only."
    if len(answer.models) == 2:
        return f"The two models have {share} of these works in common ({measure})."
    pairs = "; ".join(
        f"{title(pair.models[0])} and {title(pair.models[1])} {pair.overlap:.0%}"
        for pair in comparison.pairs
    )
    return f"Two models have on average {share} of these works in common ({measure}): {pairs}."


def how_sure(seen: Identification) -> str:
    """Return in plain words how sure it is which work a photo shows."""
    spots = "1 spot" if seen.inliers == 1 else f"{seen.inliers:,} spots"
    percentage = percent(100 * seen.confidence)
    if seen.shows_too_little is not None:
        return how_to_photograph(seen.shows_too_little)
    if seen.verdict == "absent":
        return "Nothing in the collection matches what your photo shows."
    if seen.verdict == "unsure":
        return f"{spots} of your photo match it, which may be chance: {percentage} sure. Compare."
    sure = "As good as certain" if seen.confidence >= AS_GOOD_AS_CERTAIN else "Very likely"
    mirrored = ", mirrored" if seen.works and seen.works[0].match.mirrored else ""
    return f"{sure}: {spots} of your photo match the work{mirrored} ({percentage} sure)."


def listed(parts: Sequence[str]) -> str:
    """Return things in a row, as they are spoken."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def most_hits(answer: SimilarWorks) -> int:
    """Return how many works the longest of the models' answers has."""
    return max(len(found.hits) for found in answer.models.values())


def durations(timings_ms: Mapping[Stage, float]) -> str:
    """Return how long each stage of an answer took, without those that it did not need."""
    spoken: dict[Stage, str] = {
        "decode": "reading the picture",
        "embed": "embedding it",
        "index": "searching the index",
        "catalog": "looking up the works",
    }
    parts = [
        f"{spoken[stage]} {value:,.0f}\u00a0ms"
        if value >= 1
        else f"{spoken[stage]} under 1\u00a0ms"
        for stage, value in timings_ms.items()
        if value > 0
    ]
    return ", ".join(parts)


def pixels(width: int | None, height: int | None) -> str:
    """Return the size of a picture; nothing where it is not known."""
    return "" if width is None or height is None else f"{width:,} × {height:,} pixels"

"""HTML for the page, with every text that comes from outside escaped.

Titles and names come from the sources and may hold anything. They reach the page through
``escaped`` only, and never through Markdown, which Streamlit's own captions and notices read.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from uuid import UUID

from catalog.artworks import ArtworkFacts
from ui.addresses import comparison_address, work_address
from ui.palette import on_either
from ui.wording.works import made_by, more_reproductions


def escaped(value: object) -> str:
    """Return a value as text that is safe in HTML, within an attribute too."""
    return escape(" ".join(str(value).split()), quote=True)


def heading(text: str, *, note: str = "") -> str:
    """Return a heading of the page with a line under it."""
    below = f'<p class="v-faint">{escaped(note)}</p>' if note else ""
    return f'<h2 class="v-heading">{escaped(text)}</h2>{below}'


def picture(address: str | None, description: str, *, fine: str | None = None) -> str:
    """Return a picture with its description for those who cannot see it.

    Args:
        fine: address of a larger one, for screens that show it.
    """
    if address is None:
        return '<span class="v-nothing">no picture</span>'
    finer = f' srcset="{escaped(address)}, {escaped(fine)} 2x"' if fine else ""
    return f'<img src="{escaped(address)}"{finer} alt="{escaped(description)}" loading="lazy">'


def caption(artwork: ArtworkFacts) -> str:
    """Return a work's title, maker, year and source, and how that spells the maker."""
    by = made_by(artwork)
    given = artwork.catalogued_as
    return (
        to_work(artwork, escaped(artwork.title), "v-work")
        + (f'<span class="v-by" title="{escaped(by)}">{escaped(by)}</span>' if by else "")
        + (f'<span class="v-given">catalogued as {escaped(given)}</span>' if given else "")
        + f'<span class="v-source">{escaped(artwork.source)}</span>'
    )


def tile(
    shown: str,
    artwork: ArtworkFacts,
    *,
    over: str = "",
    below: str = "",
    actions: Sequence[str] = (),
    shared: bool = False,
) -> str:
    """Return a work as a tile.

    Args:
        shown: its picture, as HTML.
        over: HTML laid over the picture.
        below: HTML after the caption.
        actions: what can be done with it, as by ``action``.
        shared: whether the frame is marked.
    """
    frame = "v-frame v-shared" if shared else "v-frame"
    offered = f'<div class="v-actions">{"".join(actions)}</div>' if actions else ""
    return (
        f'<figure class="v-tile">{to_work(artwork, f"{shown}{over}", frame, again=True)}'
        f'<figcaption><div class="v-caption">{caption(artwork)}</div>{below}{offered}</figcaption>'
        "</figure>"
    )


def wall(tiles: Iterable[str]) -> str:
    """Return tiles beside and below one another."""
    return f'<div class="v-wall">{"".join(tiles)}</div>'


def action(
    label: str, does: str, artwork: ArtworkFacts, *, model: str = "", meaning: str = ""
) -> str:
    """Return a button of a tile.

    Args:
        does: what it does with the work, by its name in ``ui.web.clicks``.
        model: under which the work was found, where that matters.
        meaning: a sentence that says what it does.
    """
    named = f' data-model="{escaped(model)}"' if model else ""
    return (
        f'<button type="button" class="v-link" {_does(does, artwork.id)}{named} '
        f'title="{escaped(meaning or label)}" '
        f'aria-label="{escaped(f"{label}: {artwork.title}")}">{escaped(label)}</button>'
    )


def find_similar(artwork: ArtworkFacts) -> str:
    """Return a button that asks about a work."""
    return action("Find similar", "similar", artwork, meaning="Find works like this one.")


def records(artwork: ArtworkFacts, others: int) -> list[str]:
    """Return a button that opens the other records of a work; none where it has one.

    Args:
        others: how many.
    """
    meaning = "This work has several records, and is shown once. See them all."
    label = more_reproductions(others)
    return [action(label, "records", artwork, meaning=meaning)] if others else []


def facts(values: Mapping[str, object]) -> str:
    """Return named facts, those that are there."""
    rows = "".join(
        f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>"
        for name, value in values.items()
        if value not in (None, "")
    )
    return f'<dl class="v-facts">{rows}</dl>'


def numbers(values: Mapping[str, str]) -> str:
    """Return named figures, in columns."""
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in values.items())
    return f'<dl class="v-numbers">{rows}</dl>'


def histogram(counts: Mapping[int, int], span: tuple[int, int], *, bars: int = 30) -> str:
    """Return how many works there are along a span of years, as bars.

    Args:
        counts: year -> works.
        span: the first and the last year.
    """
    first, last = span
    width = max(1, (last - first + bars) // bars)
    sums = [0] * ((last - first) // width + 1)
    for year, works in counts.items():
        if first <= year <= last:
            sums[(year - first) // width] += works
    most = max(sums) or 1
    drawn = "".join(
        f'<i style="height: {100 * number / most:.0f}%" title="'
        f'{first + place * width}–{first + (place + 1) * width - 1}: {number:,}"></i>'
        for place, number in enumerate(sums)
    )
    described = f"{sum(sums):,} works from {first} to {last}, the most in one bar {most:,}"
    return f'<div class="v-years" role="img" aria-label="{described}">{drawn}</div>'


def swatch(colour: str) -> str:
    """Return a spot in a model's colour."""
    return f'<span class="v-swatch" style="background: {on_either(colour)}"></span>'


def to_work(artwork: ArtworkFacts, content: str, kind: str = "", *, again: bool = False) -> str:
    """Return a link to the page of a work.

    Args:
        content: HTML.
        kind: its CSS class.
        again: whether the same link stands beside it, which the keyboard leads to.
    """
    skipped = ' tabindex="-1" aria-hidden="true"' if again else ""
    return (
        f'<a class="v-to-work {kind}" href="{escaped(work_address(artwork.id))}" target="_self" '
        f"{_does('work', artwork.id)} "
        f'title="{escaped(artwork.title)}"{skipped}>{content}</a>'
    )


def to_comparison(work: UUID, other: ArtworkFacts) -> str:
    """Return a link to the comparison of two works."""
    address = escaped(comparison_address([work, other.id]))
    described = escaped(f"Compare with {other.title}")
    return (
        f'<a class="v-link v-to-compare" href="{address}" target="_self" '
        f"{_does('comparison', work, other.id)} "
        f'aria-label="{described}">Compare</a>'
    )


def _does(name: str, *works: UUID) -> str:
    """Return the attributes by which ``ui.web.clicks`` knows what to do."""
    return f'data-does="{name}" data-of="{",".join(map(str, works))}"'


def described_work(artwork: ArtworkFacts) -> str:
    """Return what stands for a work's picture."""
    by = made_by(artwork)
    return f"{artwork.title}, {by}" if by else artwork.title

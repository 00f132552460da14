"""How far the models agree: in three measures, in a common ranking, and in what only one finds."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from uuid import UUID

import altair as alt
import streamlit as st

from catalog.artworks import ArtworkFacts
from search.comparison import PairAgreement, overlap_at_k
from search.similar import SimilarWorks
from ui.web.blocks import draw_chart
from ui.web.collection import model_title
from ui.web.markup import escaped, heading, swatch, tile
from ui.web.pictures import picture_of
from ui.web.words import most_hits, works
from ui.wording.numbers import decimal

STRIP_LENGTH = 10

_MEASURES = {
    "overlap": (
        "works in common",
        "overlap@{shown}: the share of works that both show. 0 none, 1 all.",
    ),
    "rbo": (
        "same works at the top",
        "rank-biased overlap: the same, with the first ranks counting most. 0 none, 1 all.",
    ),
    "spearman": (
        "same order",
        "Spearman's rank correlation over the works of both: 1 the same order, 0 no relation, "
        "−1 the reverse.",
    ),
}


def show_agreement(answer: SimilarWorks, colours: Mapping[str, str]) -> None:
    """Draw how far two or more models agree; nothing for one."""
    comparison = answer.comparison
    if not comparison.pairs:
        return
    known = {hit.artwork.id: hit.artwork for hits in answer.models.values() for hit in hits.hits}
    strips = [
        _strip(
            "What they would choose together",
            "The consensus: works that stand high with several models, by reciprocal rank fusion.",
            [item.id for item in comparison.consensus],
            known,
        )
    ]
    for model, ids in comparison.only.items():
        count = sum(item in known for item in ids)
        strips.append(
            _strip(
                f"Only {model_title(model)} found",
                f"{works(count)} that no other model shows.",
                ids,
                known,
                colour=colours[model],
            )
        )
    with st.container(key="agreement"):
        st.html(
            heading(
                "Agreement",
                note="Models that were trained differently and still agree are a good sign.",
            )
            + "".join(_pair(pair, most_hits(answer)) for pair in comparison.pairs)
            + "".join(strips)
        )
        _show_overlap(answer)


def _show_overlap(answer: SimilarWorks) -> None:
    """Draw the share of works in common among the first hit, the first two, and so on."""
    points = [
        {
            "pair": " and ".join(model_title(name) for name in pair),
            "k": k,
            "overlap": overlap_at_k(*(ids[name][:k] for name in pair)),
        }
        for ids in [{n: [hit.artwork.id for hit in f.hits] for n, f in answer.models.items()}]
        for pair in combinations(answer.models, 2)
        for k in range(1, max(len(ids[name]) for name in pair) + 1)
    ]
    if len(points) < 2:
        return
    chart = (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("k:Q", title="among the first k hits", axis=alt.Axis(format="d", grid=False)),
            y=alt.Y(
                "overlap:Q",
                title="works in common",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            color=alt.Color(
                "pair:N", legend=alt.Legend(title=None) if len(answer.models) > 2 else None
            ),
            tooltip=["pair:N", "k:Q", alt.Tooltip("overlap:Q", format=".0%")],
        )
        .properties(height=180, description="Share of works in common among the first k hits")
    )
    draw_chart(chart)


def _pair(pair: PairAgreement, shown: int) -> str:
    between = " and ".join(model_title(name) for name in pair.models)
    figures = "".join(
        f"<div><b>{decimal(getattr(pair, name), 2)}</b><span>{title}</span>"
        f'<p class="v-faint">{escaped(meaning.format(shown=shown))}</p></div>'
        for name, (title, meaning) in _MEASURES.items()
    )
    return f'<h3 class="v-between">{escaped(between)}</h3><div class="v-measures">{figures}</div>'


def _strip(
    title: str,
    note: str,
    ids: Sequence[UUID],
    known: Mapping[UUID, ArtworkFacts],
    *,
    colour: str = "",
) -> str:
    # A work that a cut-off has taken from the answers is not shown here either.
    artworks = [known[item] for item in ids if item in known]
    if not artworks:
        return ""
    tiles = "".join(tile(picture_of(artwork), artwork) for artwork in artworks[:STRIP_LENGTH])
    return (
        f'<h3 class="v-between">{swatch(colour) if colour else ""}{escaped(title)}</h3>'
        f'<p class="v-faint">{escaped(note)}</p><div class="v-strip">{tiles}</div>'
    )

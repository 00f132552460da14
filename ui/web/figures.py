"""The answers in figures: a table of statistics, and distance against rank as a chart."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import streamlit as st

from catalog.backgrounds import Background
from search.similar import ModelHits, SimilarWorks
from search.statistics import angular_distance
from ui.palette import on_dark
from ui.web.blocks import draw_chart, is_dark, show_heading
from ui.web.collection import model_title
from ui.web.markup import escaped, heading, swatch
from ui.web.words import durations, most_hits

_MEASURES = {"angular_distance": "angular distance", "cosine": "cosine"}
_TOOLTIP = (
    ("title", "N", "title", ""),
    ("artist", "N", "artist", ""),
    ("year", "N", "year", ""),
    ("model", "N", "model", ""),
    ("rank", "Q", "rank", "d"),
    ("distance", "Q", "angular distance", ".3f"),
    ("cosine", "Q", "cosine", ".3f"),
)
_FIGURES = {
    "mean": "mean",
    "std": "standard deviation",
    "min": "min",
    "max": "max",
    "median": "median",
}


def show_statistics(answer: SimilarWorks, colours: Mapping[str, str]) -> None:
    """Draw the statistics of each model's hits."""
    shown = most_hits(answer)
    with st.container(key="statistics"):
        st.html(
            heading(
                "Statistics",
                note=f"Over the {shown} nearest works of each model. Angular distance is 0 for "
                "the same direction and 2 for opposite ones; cosine is 1 and −1. The numbers of "
                "two models are on different scales: compare their ranks, or how many pairs "
                "of works in this collection they are closer than.",
            )
            + _table(answer, colours)
            + f'<p class="v-faint">Time taken: {escaped(durations(answer.timings_ms))}.</p>'
        )


def show_chart(
    answer: SimilarWorks, colours: Mapping[str, str], backgrounds: Mapping[str, Background]
) -> None:
    """Draw angular distance against rank, a line a model, and where works usually lie."""
    with st.container(key="chart"):
        show_heading(
            "Distance by rank",
            note="A steep start means that the first works stand out from the others. The bands "
            "are where half of all pairs of works lie.",
        )
        draw_chart(_chart(answer, colours, backgrounds))


def _table(answer: SimilarWorks, colours: Mapping[str, str]) -> str:
    groups = "".join(
        f'<th class="v-group" colspan="{len(_FIGURES)}" scope="colgroup">{title}</th>'
        for title in _MEASURES.values()
    )
    columns = "".join(
        f'<th scope="col"{_first(figure)}>{title}</th>'
        for _ in _MEASURES
        for figure, title in _FIGURES.items()
    )
    rows = "".join(_row(found, colours[name]) for name, found in answer.models.items())
    return (
        '<div class="v-table"><table><thead>'
        f"<tr><td></td>{groups}</tr>"
        f'<tr><th scope="col" style="text-align: left">model</th>{columns}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(found: ModelHits, colour: str) -> str:
    cells = "".join(
        f"<td{_first(figure)}>"
        + (f"{getattr(found.statistics, f'{figure}_{measure}'):.3f}" if found.statistics else "–")
        + "</td>"
        for measure in _MEASURES
        for figure in _FIGURES
    )
    return (
        f'<tr><th scope="row">{swatch(colour)}{escaped(model_title(found.model))}</th>{cells}</tr>'
    )


def _first(figure: str) -> str:
    return ' class="v-first"' if figure == "mean" else ""


def _chart(
    answer: SimilarWorks, colours: Mapping[str, str], backgrounds: Mapping[str, Background]
) -> alt.LayerChart | alt.FacetChart:
    last = most_hits(answer)
    titles = [model_title(name) for name in answer.models]
    drawn = [on_dark(colours[name]) if is_dark() else colours[name] for name in answer.models]
    base = alt.Chart(alt.InlineData(values=_points(answer))).encode(
        x=alt.X(
            "rank:Q",
            title="rank (1 is the nearest)",
            scale=alt.Scale(domain=[0.8, last + 0.2], nice=False),
            axis=alt.Axis(values=_ticks(last), format="d", grid=False),
        ),
        y=alt.Y(
            "distance:Q",
            title="angular distance (0 is the same)",
            scale=alt.Scale(zero=False, nice=True, padding=12),
            axis=alt.Axis(format=".2f", tickCount=6),
        ),
        color=alt.Color(
            "model:N",
            scale=alt.Scale(domain=titles, range=drawn),
            legend=alt.Legend(title=None, symbolStrokeWidth=3, symbolOpacity=1),
        ),
    )
    lines = base.mark_line(point=alt.OverlayMarkDef(size=55, filled=True), strokeWidth=2)
    # What the pointer finds: a point itself is too small to hit.
    targets = base.mark_circle(size=700, opacity=0).encode(
        tooltip=[
            alt.Tooltip(f"{field}:{kind}", title=title, format=form)
            for field, kind, title, form in _TOOLTIP
        ]
    )
    return alt.layer(
        _bands(answer, backgrounds, dict(zip(titles, drawn, strict=True))), lines, targets
    ).properties(
        height=320,
        description=f"Angular distance against rank for {' and '.join(titles)}",
    )


def _bands(
    answer: SimilarWorks, backgrounds: Mapping[str, Background], drawn: Mapping[str, str]
) -> alt.Chart:
    """Draw between which distances half of all pairs of works lie, for each model."""
    values = [
        {"model": model_title(name), "near": ends[0], "far": ends[1]}
        for name in answer.models
        if name in backgrounds and (ends := _middle_half(backgrounds[name]))
    ]
    bands: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_rect(opacity=0.13)
        .encode(
            y=alt.Y("near:Q"),
            y2="far:Q",
            color=alt.Color(
                "model:N", scale=alt.Scale(domain=list(drawn), range=list(drawn.values()))
            ),
            tooltip=[
                alt.Tooltip("model:N"),
                alt.Tooltip("near:Q", title="a quarter of pairs is nearer than", format=".2f"),
                alt.Tooltip("far:Q", title="a quarter is farther than", format=".2f"),
            ],
        )
    )
    return bands


def _middle_half(background: Background) -> tuple[float, float]:
    """Return the quartiles of the angular distance of two works of the collection."""
    probabilities, cosines = np.array(background.quantiles).T
    far, near = np.interp([0.25, 0.75], probabilities, cosines)
    return angular_distance(float(near)), angular_distance(float(far))


def _points(answer: SimilarWorks) -> list[dict[str, object]]:
    return [
        {
            "model": model_title(name),
            "rank": hit.rank,
            "distance": hit.angular_distance,
            "cosine": hit.cosine,
            "title": hit.artwork.title,
            "artist": hit.artwork.artist or "–",
            "year": str(hit.artwork.year or "–"),
        }
        for name, found in answer.models.items()
        for hit in found.hits
    ]


def _ticks(last: int) -> list[int]:
    step = 1 if last <= 15 else 5
    return sorted({1, *range(step, last + 1, step)})

"""Models: what each is, how far they agree over the collection, and what evaluations found."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import streamlit as st

from embedders import DerivedDescription
from evaluation.agreement import DEPTH, sampled_overlaps
from evaluation.bootstrap import mean_intervals
from evaluation.run_comparison import RunComparison, compare_runs
from evaluation.runs import Run, RunFault, Runs
from ui.addresses import report_address
from ui.evaluation_runs import runs_of
from ui.palette import MODEL_COLOURS, on_dark
from ui.web import collection, visit
from ui.web.blocks import draw_chart, is_dark, show_heading, show_notice
from ui.web.markup import escaped, facts
from ui.wording.measures import measure_label
from ui.wording.models import model_explanation
from ui.wording.numbers import signed
from ui.wording.runs import facts_of

SAMPLED = 60
"""Works that are asked about when models are compared at a glance."""

_KEPT_SECONDS = 3600


def show_models() -> None:
    """Draw the page."""
    visit.leave()
    models = collection.askable()
    show_heading("Models", note="What compares the pictures. Each sees them in its own way.")
    _show_each(models)
    if len(models) > 1:
        _show_agreement(models)
    _show_evaluations(runs_of(collection.deployment()))


def _show_each(models: Sequence[str]) -> None:
    opened = collection.deployment()
    filled = collection.index().status().vectors
    specs = collection.index().specs
    cards = ""
    for name in models:
        described = opened.registry.describe(name)
        derived = described if isinstance(described, DerivedDescription) else None
        told = facts(
            {
                "Numbers a picture": f"{specs[name].dimension:,}",
                "Works compared": f"{filled[name].points:,}",
                "Made of": derived and collection.model_title(derived.derivation.model),
                "Licence": None if derived else described.licence,
            }
        )
        sees = escaped(model_explanation(name, opened.registry))
        title = escaped(collection.model_title(name))
        cards += f'<div><b>{title}</b><p class="v-faint">{sees}</p>{told}</div>'
    st.html(f'<div class="v-measures v-cards">{cards}</div>')


@st.cache_data(ttl=_KEPT_SECONDS, show_spinner="Comparing the models …")
def _overlaps(models: tuple[str, ...], works: int) -> dict[tuple[str, str], float]:  # noqa: ARG001
    # `works` stands for the collection.
    return sampled_overlaps(collection.index(), models, sample=SAMPLED)


def _show_agreement(models: Sequence[str]) -> None:
    show_heading(
        "Agreement",
        note=f"How many of the {DEPTH} nearest works two models have in common, on average over "
        f"{SAMPLED} works of the collection.",
    )
    shares = _overlaps(tuple(models), collection.overview().works)
    head = "".join(f'<th scope="col">{escaped(collection.model_title(n))}</th>' for n in models)
    rows = ""
    for one in models:
        cells = "".join(
            "<td>–</td>" if one == other else f"<td>{_share(shares, one, other)}</td>"
            for other in models
        )
        rows += f'<tr><th scope="row">{escaped(collection.model_title(one))}</th>{cells}</tr>'
    st.html(
        f'<div class="v-table" tabindex="0"><table><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _share(shares: Mapping[tuple[str, str], float], one: str, other: str) -> str:
    share = shares.get((one, other), shares.get((other, one)))
    return "–" if share is None else f"{share:.0%}"


def _show_evaluations(runs: Runs) -> None:
    show_heading("Evaluations", note="What was measured on this collection, and kept.")
    kept = {run.id: run for run in reversed(runs.all())}
    if not kept:
        show_notice("Nothing has been measured on this collection yet.")
        return
    left, right = st.columns(2)
    first = left.selectbox("Evaluation", list(kept), format_func=lambda n: _named(kept[n]))
    same = [name for name, run in kept.items() if _alike(run, kept[first]) and name != first]
    second = right.selectbox(
        "Compared with",
        same,
        index=None,
        format_func=lambda name: _named(kept[name]),
        placeholder="Nothing" if same else "No other one of this kind",
        disabled=not same,
    )
    run = kept[first]
    _show_measures(run, runs)
    with st.expander("How it was measured"):
        st.html(facts(facts_of(run)))
    address = escaped(report_address(run.id))
    st.html(f'<p><a class="v-link" href="{address}" target="_blank">The whole report</a></p>')
    if second is not None:
        _show_comparison(kept[second], run, runs)


def _named(run: Run) -> str:
    of = f" by {run.options['label']}" if "label" in run.options else ""
    return f"{run.protocol.capitalize()}{of}, {run.time:%d %B %Y, %H:%M}"


def _alike(one: Run, other: Run) -> bool:
    return (one.protocol, one.options.get("label")) == (other.protocol, other.options.get("label"))


def _show_measures(run: Run, runs: Runs) -> None:
    """Draw the mean of each measure with its 95 % interval, a panel a measure."""
    try:
        values = runs.query_values(run)
    except RunFault:
        return  # it measured no single queries; its report has what it found
    points = []
    for (method, measure), column in values.values.items():
        known = column[~np.isnan(column)]
        if len(known):
            (interval,) = mean_intervals(known[:, None], seed=0)
            points.append(
                {
                    "method": _method_title(method),
                    "measure": measure_label(measure),
                    "value": interval.value,
                    "low": interval.low,
                    "high": interval.high,
                }
            )
    colour = on_dark(MODEL_COLOURS[1]) if is_dark() else MODEL_COLOURS[1]
    across = alt.X(
        "low:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4, format=".2f")
    )
    base = alt.Chart().encode(y=alt.Y("method:N", title=None, sort=None))
    drawn = alt.layer(
        base.mark_rule(strokeWidth=2, color=colour).encode(x=across, x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1, color=colour).encode(
            x="value:Q",
            tooltip=["method:N", "measure:N"]
            + [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high")],
        ),
        data=alt.InlineData(values=points),
    ).properties(width=260, height=alt.Step(26))
    chart = drawn.facet(
        facet=alt.Facet("measure:N", title=None, sort=None), columns=3
    ).resolve_scale(x="independent")
    st.caption("Means over the queries, with intervals of 95 %")
    draw_chart(chart)


def _method_title(method: str) -> str:
    try:
        return collection.model_title(method)
    except LookupError:
        return method


def _show_comparison(before: Run, after: Run, runs: Runs) -> None:
    show_heading("What changed", note=f"From {_named(before)} to {_named(after)}.")
    try:
        compared = _compared(before, after, runs)
    except RunFault as error:
        show_notice(str(error), title="These two cannot be compared")
        return
    for warning in compared.warnings:
        show_notice(warning)
    st.dataframe(
        [
            {
                "method": _method_title(change.method),
                "measure": measure_label(change.measure),
                "before": round(change.first, 3),
                "after": round(change.second, 3),
                "difference": signed(change.difference.value),
                "95 % interval": f"{signed(change.difference.low)} to "
                f"{signed(change.difference.high)}",
                "more than chance": "yes" if change.is_sure else "no",
            }
            for change in compared.changes
        ],
        hide_index=True,
    )


def _compared(before: Run, after: Run, runs: Runs) -> RunComparison:
    return compare_runs((before, after), (runs.query_values(before), runs.query_values(after)))

"""The report of a fine-tuning: what it gained, how it learned, what it confuses."""

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from evaluation.retrieval import RetrievalQuality
from training.transfer import after_of, before_of, gain_of
from ui.palette import MODEL_COLOURS
from ui.reports.cells import difference_cell, value_cell
from ui.reports.charts import WIDTH, svg
from ui.reports.parts import Cell, Chart, Facts, Report, Section, Table, Text

if TYPE_CHECKING:
    from training.finetuning.outcome import FineTuned

MEASURE = "precision_at_10"
MOST_CELLS = 60
"""Classes of a confusion matrix that can still be read."""


def finetune_report(tuned: "FineTuned") -> Report:
    """Return the report, without what it cannot show."""
    spec = tuned.spec
    transfer = tuned.transfer[spec.embedding]
    gained = gain_of(transfer.held_out.among_all).micro[MEASURE]
    before = before_of(transfer.held_out.among_all).micro[MEASURE]
    after = after_of(transfer.held_out.among_all).micro[MEASURE]
    return Report(
        kind="Fine-tuning",
        title=spec.name,
        lead=f"{tuned.parent.description.title} was trained on {len(tuned.classes)} values of "
        f"{spec.label} on {tuned.sizes['training']} works. "
        f"Of the ten works nearest to one that was held out, {after.value:.1%} share its "
        f"{spec.label}, where it was {before.value:.1%}.",
        figures={
            "P@10 before": f"{before.value:.3f}",
            "P@10 after": f"{after.value:.3f}",
            f"gained, {gained.low:+.3f} to {gained.high:+.3f}": f"{gained.value:+.3f}",
            "of held-out works classified correctly": f"{tuned.accuracy:.1%}",
        },
        sections=(
            Section(title="What it is worth", parts=(_transfer_table(tuned),)),
            Section(title="How it learned", parts=_curves(tuned)),
            Section(title="Confusion", parts=_confusion(tuned)),
            Section(title="The works", parts=(_works_table(tuned),)),
            Section(title="The recipe", parts=(Facts(facts=_facts(tuned)),)),
        ),
        foot=f"{spec.name}, seed {spec.seed}, {tuned.seconds / 60:.1f} minutes on "
        f"{tuned.device}, from {spec.model} with weights {tuned.parent.weights.sha256[:12]}.",
    )


def _transfer_table(tuned: "FineTuned") -> Table:
    rows: list[list[str | Cell]] = []
    for embedding, transfer in tuned.transfer.items():
        for who, quality in (
            ("works held out", transfer.held_out),
            ("artists not seen", transfer.unseen),
        ):
            if quality is None:
                continue
            rows.append(_row(f"{embedding}: {who}", "", quality.among_all))
            if quality.among_held_out is not None:
                rows.append(
                    _row(f"{embedding}: {who}", "held-out works answer", quality.among_held_out)
                )
    return Table(
        columns=("asked by", "queries", "before", "after", "gained"),
        rows=rows,
        caption=f"P@10 by {tuned.spec.label}, with 95 % confidence intervals by bootstrap over "
        "the queries. All other works answer, unless it says otherwise; to a work by an artist not "
        "seen, no other of that artist's. The model gives the "
        f"{tuned.spec.embedding} embedding; the other one is in its weights too.",
    )


def _row(name: str, below: str, quality: RetrievalQuality) -> list[str | Cell]:
    return [
        Cell(text=name, below=below),
        str(quality.queries),
        value_cell(before_of(quality).micro[MEASURE]),
        value_cell(after_of(quality).micro[MEASURE]),
        difference_cell(gain_of(quality).micro[MEASURE]),
    ]


def _curves(tuned: "FineTuned") -> tuple[Chart, ...]:
    epochs = list(tuned.history)
    if not epochs:
        return ()
    losses: list[dict[str, Any]] = []
    accuracies: list[dict[str, Any]] = []
    for number, epoch in enumerate(epochs, 1):
        losses.append({"epoch": number, "of": "training", "loss": epoch["loss"]})
        losses.append({"epoch": number, "of": "validation", "loss": epoch["validation_loss"]})
        accuracies.append({"epoch": number, "accuracy": epoch["validation_accuracy"]})
    unfrozen = sum(epoch["phase"] == "head" for epoch in epochs)
    colours = alt.Scale(domain=["training", "validation"], range=list(MODEL_COLOURS[:2]))
    axis = alt.Axis(labelAngle=0, labelOverlap="parity")
    loss = (
        alt.Chart(pd.DataFrame(losses))
        .mark_line(point=True)
        .encode(
            x=alt.X("epoch:O", axis=axis),
            y=alt.Y("loss:Q", scale=alt.Scale(zero=False)),
            color=alt.Color("of:N", scale=colours, title=None),
        )
        .properties(width=WIDTH, height=240)
    )
    accuracy = (
        alt.Chart(pd.DataFrame(accuracies))
        .mark_line(point=True, color=MODEL_COLOURS[1])
        .encode(
            x=alt.X("epoch:O", axis=axis),
            y=alt.Y("accuracy:Q", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False)),
        )
        .properties(width=WIDTH, height=180)
    )
    return (
        Chart(
            drawing=svg(loss),
            caption=f"Loss. The backbone was frozen for the first {unfrozen} epochs; then the last "
            "half of its layers learned too. The training loss holds all that is learned, and is "
            "of the works as they were seen, with dropout; the validation loss is the plain "
            f"cross-entropy of {tuned.spec.label}.",
        ),
        Chart(drawing=svg(accuracy), caption="Share of the validation works classified correctly."),
    )


def _confusion(tuned: "FineTuned") -> tuple[Chart | Text, ...]:
    names = list(tuned.classes)
    if len(names) > MOST_CELLS:
        return (Text(text=f"{len(names)} classes are too many to draw; report.json has them."),)
    cells = [
        {"class": own, "predicted": predicted, "works": int(tuned.confusion[row, column])}
        for row, own in enumerate(names)
        for column, predicted in enumerate(names)
    ]
    side = min(WIDTH - 160, 24 * len(names) + 60)
    chart = (
        alt.Chart(pd.DataFrame(cells))
        .mark_rect(stroke="#ece7dd")
        .encode(
            x=alt.X("predicted:N", sort=names, title="predicted", axis=alt.Axis(labelAngle=-60)),
            y=alt.Y("class:N", sort=names, title=str(tuned.spec.label)),
            color=alt.Color(
                "works:Q", scale=alt.Scale(range=["#fbf9f4", MODEL_COLOURS[1]]), title="works"
            ),
        )
        .properties(width=side, height=side)
    )
    caption = (
        f"The {int(tuned.confusion.sum())} held-out works, by their class and the class predicted."
    )
    return (Chart(drawing=svg(chart), caption=caption),)


def _works_table(tuned: "FineTuned") -> Table:
    parts = list(tuned.sizes)
    rows: list[list[str | Cell]] = [
        [name, *(str(sizes[part]) for part in parts)] for name, sizes in tuned.classes.items()
    ]
    rows.append(["all", *(str(tuned.sizes[part]) for part in parts)])
    return Table(
        columns=(str(tuned.spec.label), *parts),
        rows=rows,
        last_apart=True,
        caption=f"{tuned.left_out} more works, of no class that was learned, could answer too"
        + (f"; {tuned.unreadable} could not be read." if tuned.unreadable else "."),
    )


def _facts(tuned: "FineTuned") -> dict[str, str]:
    preset = tuned.spec.preset
    facts = {
        "preset": preset.name,
        "divided by": preset.split,
        "works of a class": f"at least {preset.min_works}"
        + (f", at most {preset.max_works}" if preset.max_works else ""),
        "parts seen of each picture": str(preset.views) if preset.views else "the whole picture",
        "dropout": str(preset.dropout),
        "label smoothing": str(preset.smoothing),
        "weight of the other labels": str(preset.other_labels),
        "weight of the supervised contrast": str(preset.contrast),
        "weight decay": str(preset.weight_decay),
        "works a step": str(preset.batch * preset.accumulate),
        "weights kept": f"of the {preset.keep} epoch",
    }
    for phase in preset.phases:
        name = "frozen backbone" if phase.name == "head" else "last half of the layers"
        facts[name] = (
            f"up to {phase.epochs} epochs, rate {phase.head_rate:g} of the head"
            + (f", {phase.rate:g} of the last block" if phase.rate else "")
            + f", {phase.schedule}"
        )
    return facts

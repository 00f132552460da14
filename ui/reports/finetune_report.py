"""The report of a fine-tuning: what it gained, how it learned, what it confuses."""

from typing import TYPE_CHECKING

import altair as alt

from training.transfer import after_of, before_of, gain_of
from ui.palette import MODEL_COLOURS
from ui.reports.charts import WIDTH, svg
from ui.reports.drawings import lines_chart
from ui.reports.parts import Cell, Chart, Facts, Report, Section, Table, Text
from ui.reports.tables import TRANSFER_MEASURE, finetune_table

if TYPE_CHECKING:
    from training.finetuning.outcome import FineTuned

MOST_CELLS = 60
"""Classes of a confusion matrix that can still be read."""


def finetune_report(tuned: "FineTuned") -> Report:
    """Return the report, without what it cannot show."""
    spec = tuned.spec
    transfer = tuned.transfer[spec.embedding]
    gained = gain_of(transfer.held_out.among_all).micro[TRANSFER_MEASURE]
    before = before_of(transfer.held_out.among_all).micro[TRANSFER_MEASURE]
    after = after_of(transfer.held_out.among_all).micro[TRANSFER_MEASURE]
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
    caption = (
        f"P@10 by {tuned.spec.label}, with 95 % confidence intervals by bootstrap over the "
        "queries. All other works answer, unless it says otherwise; to a work by an artist not "
        "seen, no other of that artist's. The model gives the "
        f"{tuned.spec.embedding} embedding; the other one is in its weights too."
    )
    return finetune_table(tuned.transfer, caption=caption)


def _curves(tuned: "FineTuned") -> tuple[Chart, ...]:
    epochs = list(tuned.history)
    if not epochs:
        return ()

    def line(measure: str) -> list[tuple[float, float]]:
        return [(float(number), float(epoch[measure])) for number, epoch in enumerate(epochs, 1)]

    unfrozen = sum(epoch["phase"] == "head" for epoch in epochs)
    losses = {"training": line("loss"), "validation": line("validation_loss")}
    accuracy = {"validation": line("validation_accuracy")}
    return (
        Chart(
            drawing=lines_chart("epoch", "loss", losses),
            caption=f"Loss. The backbone was frozen for the first {unfrozen} epochs; then the last "
            "half of its layers learned too. The training loss holds all that is learned, and is "
            "of the works as they were seen, with dropout; the validation loss is the plain "
            f"cross-entropy of {tuned.spec.label}.",
        ),
        Chart(
            drawing=lines_chart("epoch", "accuracy", accuracy),
            caption="Share of the validation works classified correctly.",
        ),
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
        alt.Chart(alt.InlineData(values=cells))
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

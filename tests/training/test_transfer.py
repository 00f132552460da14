"""What learning is worth, against the evaluation of whole collections and one written out."""

from pathlib import Path

import numpy as np
import pytest

from deployment import Deployment
from evaluation.bootstrap import mean_intervals
from evaluation.copies import copy_groups
from evaluation.labels import UNLABELLED, Label, encode, label_of
from evaluation.metrics import measure_names
from evaluation.ranking import RelevanceJudgments
from evaluation.retrieval import evaluate_retrieval
from evaluation.splits import folds
from evaluation.stored import NothingToEvaluate, read_stored
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from training.transfer import (
    TransferQuality,
    Trial,
    Vectors,
    after_of,
    before_of,
    gain_of,
    measure_transfer,
)

NAMES = ("a", "b", "c")


def _unit(rng: np.random.Generator, works: int, dimension: int) -> Vectors:
    vectors = rng.normal(size=(works, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _precisions(
    vectors: Vectors, truth: RelevanceJudgments, asked: list[int], answer: list[int]
) -> list[float]:
    """Return each query's precision@10 among the works that may answer, one by one."""
    found = []
    for query in asked:
        others = [
            other
            for other in answer
            if truth.copies[other] != truth.copies[query]
            and (
                truth.apart is None
                or truth.apart[query] == UNLABELLED
                or truth.apart[other] != truth.apart[query]
            )
        ]
        own = truth.classes[query]
        if own == UNLABELLED or all(truth.classes[other] != own for other in others):
            continue
        others.sort(key=lambda other: -float(vectors[query] @ vectors[other]))
        found.append(sum(truth.classes[other] == own for other in others[:10]) / 10)
    return found


@pytest.mark.parametrize("with_apart", [False, True])
def test_held_out_works_are_measured_as_one_by_one(with_apart: bool) -> None:
    rng = np.random.default_rng(2)
    works = 120
    truth = RelevanceJudgments(
        classes=rng.integers(-1, 3, works),
        copies=np.where(rng.random(works) < 0.1, 0, np.arange(works)),
        apart=rng.integers(-1, 12, works) if with_apart else None,
    )
    parts = folds(truth.classes, truth.copies, 4, seed=0)
    trials = [
        Trial(
            held_out=parts.works(number),
            before=_unit(rng, works, 16),
            after=_unit(rng, works, 5),
        )
        for number in range(4)
    ]
    found = measure_transfer(trials, truth, NAMES, label=Label.STYLE)
    for quality, strict in ((found.among_all, False), (found.among_held_out, True)):
        assert quality is not None
        by_hand: dict[str, list[float]] = {"before": [], "after": []}
        for trial in trials:
            asked = trial.held_out.tolist()
            answer = asked if strict else list(range(works))
            for name, vectors in (("before", trial.before), ("after", trial.after)):
                by_hand[name] += _precisions(vectors, truth, asked, answer)
        for name, method in (("before", before_of(quality)), ("after", after_of(quality))):
            assert quality.queries == len(by_hand[name])
            value = method.micro["precision_at_10"].value
            assert value == pytest.approx(np.mean(by_hand[name]), abs=1e-12)
        gain = gain_of(quality)
        assert (gain.first, gain.second) == ("after", "before")
        assert gain.micro["precision_at_10"].value == pytest.approx(
            np.mean(by_hand["after"]) - np.mean(by_hand["before"]), abs=1e-12
        )


def test_a_gain_is_a_paired_comparison_with_an_interval() -> None:
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(3), 20)
    before = _unit(rng, 60, 8)
    shifted = before + 2 * np.eye(8, dtype=np.float32)[classes]
    after = shifted / np.linalg.norm(shifted, axis=1, keepdims=True)
    truth = RelevanceJudgments(classes=classes, copies=np.arange(60))
    trial = Trial(held_out=np.arange(60), before=before, after=after)
    quality = measure_transfer([trial], truth, NAMES, label=Label.STYLE, seed=5).among_all
    gain = gain_of(quality).micro["precision_at_10"]
    assert 0 < gain.low < gain.value < gain.high
    precisions = [
        np.array(_precisions(v, truth, [*range(60)], [*range(60)])) for v in (before, after)
    ]
    (by_hand,) = mean_intervals((precisions[1] - precisions[0])[:, None], seed=5)
    assert (gain.value, gain.low, gain.high) == pytest.approx(
        (by_hand.value, by_hand.low, by_hand.high)
    )
    assert quality.chance["precision_at_10"] == pytest.approx(19 / 59)


@pytest.mark.slow
def test_with_nothing_learned_it_is_the_evaluation_of_the_collection(
    deployment: Deployment, pictures: Path
) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    same = {"images/003.jpg": "g", "images/015.jpg": "g"}
    whole = evaluate_retrieval(
        deployment.index, deployment.database, label=Label.GENRE, same=same, seed=3
    )
    stored = read_stored(deployment.index, deployment.database, ["edge_grid", "colour_grid"])
    classes, names = encode([label_of(work, Label.GENRE) for work in stored.works])
    truth = RelevanceJudgments(classes=classes, copies=copy_groups(stored.works, same))
    parts = folds(truth.classes, truth.copies, 3, seed=0)
    before, after = stored.vectors["colour_grid"], stored.vectors["edge_grid"]
    trials = [Trial(held_out=parts.works(n), before=before, after=after) for n in range(3)]
    found = measure_transfer(trials, truth, names, label=Label.GENRE, seed=3).among_all
    assert found.queries == whole.queries
    assert found.chance == pytest.approx(whole.chance)
    for name in measure_names(10):
        for own, theirs in ((before_of(found), "colour_grid"), (after_of(found), "edge_grid")):
            assert own.micro[name] == whole.methods[theirs].micro[name]
            assert own.macro[name] == whole.methods[theirs].macro[name]


def _trial_of(held_out: list[int]) -> Trial:
    vectors = _unit(np.random.default_rng(0), 4, 3)
    return Trial(held_out=np.array(held_out), before=vectors, after=vectors)


def test_held_out_works_without_a_right_answer_leave_nothing_to_measure() -> None:
    truth = RelevanceJudgments(classes=np.array([0, 0, 1, 2]), copies=np.arange(4))
    with pytest.raises(NothingToEvaluate, match="held out"):
        measure_transfer([_trial_of([2, 3])], truth, NAMES, label=Label.STYLE)
    # The one work of class 0 that was held out finds the other, which was not.
    found: TransferQuality = measure_transfer([_trial_of([1, 2])], truth, NAMES, label=Label.STYLE)
    assert found.among_all.queries == 1
    assert found.among_held_out is None

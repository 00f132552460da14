import math

import pytest
import torch

from training.finetuning.losses import contrast_loss, label_loss, total_loss
from training.finetuning.split import UNKNOWN


def test_works_whose_label_is_unknown_teach_nothing() -> None:
    logits = torch.randn(4, 3, requires_grad=True)
    some = label_loss(logits, torch.tensor([0, UNKNOWN, 2, UNKNOWN]))
    alone = label_loss(logits[[0, 2]], torch.tensor([0, 2]))
    assert float(some.detach()) == pytest.approx(float(alone.detach()))
    nothing = label_loss(logits, torch.full((4,), UNKNOWN))
    nothing.backward()  # type: ignore[no-untyped-call]
    assert float(nothing.detach()) == 0
    assert not logits.grad.any()  # type: ignore[union-attr]


def test_contrast_is_that_of_the_paper() -> None:
    rng = torch.Generator().manual_seed(1)
    vectors = torch.nn.functional.normalize(torch.randn(6, 4, generator=rng), dim=1)
    classes = [0, 0, 1, 1, 1, UNKNOWN]
    similarity = (vectors @ vectors.T / 0.1).tolist()
    terms = []
    for i in range(5):
        others = [j for j in range(6) if j != i]
        below = sum(math.exp(similarity[i][j]) for j in others)
        mine = [j for j in others if classes[j] == classes[i]]
        terms.append(-sum(math.log(math.exp(similarity[i][j]) / below) for j in mine) / len(mine))
    found = contrast_loss(vectors * 3, torch.tensor(classes))
    assert float(found) == pytest.approx(sum(terms) / len(terms), rel=1e-4)


def test_without_two_of_a_class_there_is_no_contrast() -> None:
    assert float(contrast_loss(torch.randn(3, 4), torch.tensor([0, 1, 2]))) == 0


def test_the_other_labels_count_at_their_weight() -> None:
    embedded = torch.randn(4, 8)
    logits = {"style": torch.randn(4, 3), "genre": torch.randn(4, 2)}
    classes = {"style": torch.tensor([0, 1, 2, 0]), "genre": torch.tensor([0, 1, UNKNOWN, 1])}
    found = total_loss(
        embedded, logits, classes, main="style", others=0.3, smoothing=0.1, contrast=0.5
    )
    expected = (
        label_loss(logits["style"], classes["style"], smoothing=0.1)
        + 0.3 * label_loss(logits["genre"], classes["genre"], smoothing=0.1)
        + 0.5 * contrast_loss(embedded, classes["style"])
    )
    assert float(found) == pytest.approx(float(expected))

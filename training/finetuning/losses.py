"""Losses: cross-entropy of several labels at once, and supervised contrast."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from training.finetuning.split import UNKNOWN

TEMPERATURE = 0.1


def label_loss(logits: Tensor, classes: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of the works whose class is known; 0 if none is.

    Args:
        logits: float32 [n, classes].
        classes: int64 [n].
    """
    if not bool((classes != UNKNOWN).any()):
        return logits.sum() * 0
    return functional.cross_entropy(
        logits, classes, label_smoothing=smoothing, ignore_index=UNKNOWN
    )


def contrast_loss(embedded: Tensor, classes: Tensor) -> Tensor:
    """Return the supervised contrastive loss, a mean over the works with another of their class.

    Khosla et al., "Supervised contrastive learning", 2020, equation 2, at a temperature of 0.1.
    Works without another of their class in the batch do not count.

    Args:
        embedded: float32 [n, d], of any length.
        classes: int64 [n].
    """
    unit = functional.normalize(embedded.float(), dim=1)
    own = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    similarity = (unit @ unit.T / TEMPERATURE).masked_fill(own, -1e9)
    log_share = similarity - torch.logsumexp(similarity, dim=1, keepdim=True)
    positive = (classes[:, None] == classes[None]) & ~own & (classes != UNKNOWN)[:, None]
    count = positive.sum(dim=1)
    counted = count > 0
    if not bool(counted.any()):
        return embedded.sum() * 0
    of_each = -(log_share * positive).sum(dim=1)[counted] / count[counted]
    return of_each.mean()


def total_loss(
    embedded: Tensor,
    logits: Mapping[str, Tensor],
    classes: Mapping[str, Tensor],
    *,
    main: str,
    others: float,
    smoothing: float,
    contrast: float,
) -> Tensor:
    """Return the main label's loss, with the other labels' and the contrast at their weights."""
    loss = label_loss(logits[main], classes[main], smoothing=smoothing)
    for label, given in logits.items():
        if label != main:
            loss = loss + others * label_loss(given, classes[label], smoothing=smoothing)
    if contrast:
        loss = loss + contrast * contrast_loss(embedded, classes[main])
    return loss

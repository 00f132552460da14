"""Fitting how sure an identification is, on queries whose answers are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from evaluation.stored import NothingToEvaluate
from search.identification.certainty import MOST_INLIERS, confidence

FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class CertaintyFit:
    """A logistic regression of "the work named is the one in the photo" on the matched points.

    Args:
        queries, right: how many queries, and in how many the work named was right.
        intercept, per_inlier: of the regression; matches beyond ``MOST_INLIERS`` do not count.
        log_loss, brier: of the fit, each query judged by a fit on others (``FOLDS`` folds).
        log_loss_now, brier_now: of the certainty that the product states now.
    """

    queries: int
    right: int
    intercept: float
    per_inlier: float
    log_loss: float
    brier: float
    log_loss_now: float
    brier_now: float


def fit_certainty(documents: Sequence[Path], *, seed: int = 0) -> CertaintyFit:
    """Fit the certainty on the queries of saved evaluations of identification.

    Queries that count neither way are passed over.

    Raises:
        NothingToEvaluate: a file holds no queries, or they are all right or all wrong.
    """
    queries = [query for path in documents for query in _queries(path)]
    counted = [item for item in queries if not item["neutral"] and item["named"] is not None]
    inliers = [int(query["inliers"]) for query in counted]
    named = [bool(query["named"]) for query in counted]
    right = np.array(named)
    if min(right.sum(), (~right).sum()) < FOLDS:
        raise NothingToEvaluate(
            f"{right.sum()} queries were named rightly and {(~right).sum()} wrongly: at least "
            f"{FOLDS} of each are needed. Leave works out, so that there is something to get wrong"
        )
    features = np.minimum(inliers, MOST_INLIERS).astype(np.float64)[:, None]
    model = LogisticRegression(C=1.0, max_iter=1_000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    expected = cross_val_predict(model, features, right, cv=folds, method="predict_proba")[:, 1]
    model.fit(features, right)
    now = [confidence(count) for count in inliers]
    return CertaintyFit(
        queries=len(right),
        right=int(right.sum()),
        intercept=float(model.intercept_[0]),
        per_inlier=float(model.coef_[0, 0]),
        log_loss=float(log_loss(right, expected)),
        brier=float(brier_score_loss(right, expected)),
        log_loss_now=float(log_loss(right, now)),
        brier_now=float(brier_score_loss(right, now)),
    )


def _queries(path: Path) -> list[dict[str, Any]]:
    try:
        queries = json.loads(path.read_text(encoding="utf-8"))["queries"]
        return [{**query} for query in queries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NothingToEvaluate(
            f"{path} holds no queries ({error}); write it with "
            "`vasari evaluate identification --queries --save`"
        ) from error

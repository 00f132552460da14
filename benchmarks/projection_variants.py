"""Which way of teaching a projection helps most, on works and on artists not seen: one table.

    python -m benchmarks.projection_variants HOME [--label style] [--same-works CSV] [--seeds 3]

Every variant is cross-fitted on folds that are drawn anew with each seed, once by work and once by
artist. The last row is nested: in each fold the variant is chosen on the other folds alone, so that
its figure owes nothing to the choice. The principal components are taken once from all works, which
uses no label; the command itself takes them from each fold's works.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize
from sklearn.covariance import shrunk_covariance

from deployment import Deployment
from embedders.projection import channel_scale, principal_components
from evaluation.copies import copy_groups, read_same_works
from evaluation.labels import UNLABELLED, Codes, Label, encode, label_of
from evaluation.metrics import Floats
from evaluation.ranking import RelevanceJudgments, Rows, measure_rankings
from evaluation.splits import artist_units, folds
from evaluation.stored import read_stored
from settings import Settings

Fit = Callable[[Floats, Codes, Codes], Floats]
"""From components (works, k), classes and artists of those learned from, to a map (k, m)."""

FOLDS = 5
CONTRAST = "both, contrast across artists"
"""The one that takes minutes, and is not among those that the nested row chooses from."""

PRECISION = 0
"""The column of P@10 among the measures."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way: which vectors, how many of their principal components, and what is fitted to them.

    Args:
        fit: ``None`` for the plain vector itself.
    """

    features: tuple[str, ...]
    components: int = 600
    fit: Fit | None = None


def within(scores: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return the covariance of works around the mean of their group."""
    rest = scores - pd.DataFrame(scores).groupby(groups).transform("mean").to_numpy()
    return np.asarray(rest.T @ rest / len(scores))


def discriminants(total: Floats, inner: Floats, count: int) -> Floats:
    """Return the directions in which the total spread most exceeds the inner one."""
    return np.asarray(eigh(total, inner)[1][:, ::-1][:, :count])


def lda(scores: Floats, classes: Codes, _: Codes, *, shrinkage: float) -> Floats:
    """Fisher's discriminants."""
    inner = within(scores, classes)
    between = np.cov(scores.T, bias=True) - inner
    return discriminants(between, shrunk_covariance(inner, shrinkage), len(np.unique(classes)) - 1)


def across_artists(
    scores: Floats, classes: Codes, artists: Codes, *, shrinkage: float, share: float
) -> Floats:
    """LDA that also counts as spread within a class what tells its painters apart."""
    both = classes * (artists.max() + 2) + artists + 1
    around_artists, around_classes = within(scores, both), within(scores, classes)
    painters = around_classes - around_artists
    painters *= np.trace(around_artists) / max(np.trace(painters), 1e-12)
    inner = share * painters + (1 - share) * around_artists
    between = np.cov(scores.T, bias=True) - around_classes
    return discriminants(between, shrunk_covariance(inner, shrinkage), len(np.unique(classes)) - 1)


def cross_artist_pairs(
    scores: Floats, classes: Codes, artists: Codes, *, shrinkage: float, count: int
) -> Floats:
    """Whiten by the differences of works of one class by different artists."""
    inner = np.zeros((scores.shape[1],) * 2)
    for own in np.unique(classes):
        rows = np.flatnonzero(classes == own)
        pairs = (artists[rows, None] != artists[rows]).astype(float)
        if pairs.any():
            laplacian = np.diag(pairs.sum(axis=1)) - pairs
            inner += scores[rows].T @ laplacian @ scores[rows] * len(rows) / pairs.sum()
    return discriminants(np.cov(scores.T), shrunk_covariance(inner / len(scores), shrinkage), count)


def with_components(
    scores: Floats, classes: Codes, artists: Codes, *, shrinkage: float, weight: float
) -> Floats:
    """LDA beside the principal components themselves."""
    found = lda(scores, classes, artists, shrinkage=shrinkage)
    learned, plain = ((scores @ part).var(axis=0).sum() for part in (found, np.eye(len(found))))
    return np.concatenate(
        [found / np.sqrt(learned), weight * np.eye(len(found)) / np.sqrt(plain)], axis=1
    )


def contrast(
    scores: Floats,
    classes: Codes,
    artists: Codes,
    *,
    shrinkage: float,
    temperature: float = 0.3,
    pull: float = 0.01,
    steps: int = 10,
) -> Floats:
    """Supervised contrast (Khosla et al. 2020) from LDA on: like are works by other artists."""
    scores = scores / np.sqrt((scores**2).sum(axis=1).mean())
    first = lda(scores, classes, artists, shrinkage=shrinkage)
    first /= np.sqrt(((scores @ first) ** 2).sum(axis=1).mean())
    compared = (artists[:, None] != artists) & ~np.eye(len(scores), dtype=bool)
    like = compared & (classes[:, None] == classes)
    asks = like.any(axis=1)
    target = like / np.maximum(like.sum(axis=1, keepdims=True), 1)

    def loss(flat: Floats) -> tuple[float, Floats]:
        matrix = flat.reshape(first.shape)
        raw = scores @ matrix
        length = np.linalg.norm(raw, axis=1, keepdims=True) + 1e-9
        unit = raw / length
        cosines = np.where(compared, unit @ unit.T / temperature, -1e9)
        greatest = cosines.max(axis=1, keepdims=True)
        weights = np.exp(cosines - greatest)
        total = weights.sum(axis=1, keepdims=True)
        each = greatest + np.log(total) - (target * cosines).sum(axis=1, keepdims=True)
        slope = (weights / total - target) * asks[:, None] / asks.sum() / temperature
        of_unit = (slope + slope.T) @ unit
        of_raw = (of_unit - (of_unit * unit).sum(axis=1, keepdims=True) * unit) / length
        away = matrix - first
        return (
            float(each[asks].mean() + pull * (away**2).sum()),
            np.asarray(scores.T @ of_raw + 2 * pull * away).ravel(),
        )

    best = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return np.asarray(best.x.reshape(first.shape))


def variants(model: str, other: str, stage: str) -> dict[str, Variant]:
    """Return the variants by name."""
    both = (model, stage)
    as_shipped = partial(lda, shrinkage=0.3)
    painters = partial(across_artists, shrinkage=0.3, share=0.3)
    pairs = partial(cross_artist_pairs, shrinkage=0.5, count=50)
    beside = partial(with_components, shrinkage=0.3, weight=0.5)
    return {
        f"plain {model}": Variant(features=(model,)),
        f"LDA on {model}": Variant(features=(model,), fit=as_shipped),
        f"LDA on {stage}": Variant(features=(stage,), fit=as_shipped),
        "LDA on both": Variant(features=both, fit=as_shipped),
        f"LDA on both and {other}": Variant(features=(*both, other), fit=as_shipped),
        "both, shrinkage 0.1": Variant(features=both, fit=partial(lda, shrinkage=0.1)),
        "both, shrinkage 0.5": Variant(features=both, fit=partial(lda, shrinkage=0.5)),
        "both, shrinkage 0.7": Variant(features=both, fit=partial(lda, shrinkage=0.7)),
        "both, 300 components": Variant(features=both, components=300, fit=as_shipped),
        "both, painters whitened": Variant(features=both, fit=painters),
        "both, pairs across artists": Variant(features=both, fit=pairs),
        "both, LDA beside components": Variant(features=both, fit=beside),
        CONTRAST: Variant(features=both, fit=partial(contrast, shrinkage=0.3)),
    }


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The works, their principal components by the vectors that these are of, and the truth."""

    components: Mapping[tuple[str, ...], Floats]
    plain: NDArray[np.float32]
    truth: RelevanceJudgments
    units: Codes
    artists: Codes

    def precisions(self, variant: Variant, learned: NDArray[np.bool_], asked: Rows) -> Floats:
        """Return P@10 of some works, fitted to others; NaN without a right answer."""
        vectors: NDArray[np.floating] = self.plain
        if variant.fit is not None:
            scores = self.components[variant.features][:, : variant.components]
            rows = np.flatnonzero(learned & (self.truth.classes != UNLABELLED))
            middle = scores[rows].mean(axis=0)
            found = variant.fit(scores[rows] - middle, self.truth.classes[rows], self.artists[rows])
            vectors = (scores - middle) @ found
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        asks = np.zeros(len(vectors), bool)
        asks[asked] = True
        measured = measure_rankings(
            lambda rows: {"": vectors[rows] @ vectors.T}, replace(self.truth, asks=asks), k=10
        )
        precisions = np.full(len(vectors), np.nan)
        if len(measured.queries):
            precisions[measured.queries] = measured.methods[""][:, PRECISION]
        return precisions[asked]

    def cross_fitted(self, variant: Variant, among: NDArray[np.bool_], seed: int) -> Floats:
        """Return P@10 of the works of ``among``, each fitted to the other folds of these."""
        classes = np.where(among, self.truth.classes, UNLABELLED)
        divided = folds(classes, self.units, FOLDS, seed=seed)
        found = np.full(len(classes), np.nan)
        for fold in range(FOLDS):
            asked = divided.works(fold)
            learned = among & ~np.isin(self.units, self.units[asked])
            found[asked] = self.precisions(variant, learned, asked)
        return found

    def nested(self, tried: Mapping[str, Variant], seed: int) -> tuple[Floats, list[str]]:
        """Return P@10 with the variant chosen in each fold on the other folds, and the choices."""
        divided = folds(self.truth.classes, self.units, FOLDS, seed=seed)
        found = np.full(len(self.units), np.nan)
        chosen = []
        for fold in range(FOLDS):
            asked = divided.works(fold)
            among = ~np.isin(self.units, self.units[asked])
            inner = {
                name: float(np.nanmean(self.cross_fitted(variant, among, seed + 100)))
                for name, variant in tried.items()
            }
            best = max(inner, key=lambda name: inner[name])
            chosen.append(best)
            found[asked] = self.precisions(tried[best], among, asked)
        return found, chosen


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--label", type=Label, default=Label.STYLE)
    parser.add_argument("--same-works", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    model, stage, other = "resnet50", "resnet50_stage3", "efficientnet_lite0"
    with Deployment(Settings(home=given.home)) as deployment:
        stored = read_stored(deployment.index, deployment.database, [model, stage, other])
    classes = encode([label_of(work, given.label) for work in stored.works])[0]
    artists = [work.artist for work in stored.works]
    same = read_same_works(given.same_works) if given.same_works else None
    copies, codes = copy_groups(stored.works, same), encode(artists)[0]
    tried = variants(model, other, stage)
    components = {}
    for features in {variant.features for variant in tried.values()}:
        raw = np.concatenate([stored.vectors[name] for name in features], axis=1)
        centred = raw - raw.mean(axis=0, dtype=np.float64)
        scaled = centred * channel_scale(centred)
        components[features] = scaled @ principal_components(scaled, 600)[1]
    by_work = Bench(
        components=components,
        plain=stored.vectors[model],
        truth=RelevanceJudgments(classes=classes, copies=copies),
        units=copies,
        artists=codes,
    )
    by_artist = replace(
        by_work,
        truth=RelevanceJudgments(classes=classes, copies=copies, apart=codes),
        units=artist_units(artists, copies),
    )
    everything = np.ones(len(classes), bool)
    seeds = range(1, given.seeds + 1)
    print("P@10, mean over seeds | works not seen | artists not seen, the query's own left out")
    for name, variant in tried.items():
        means = [
            np.mean([np.nanmean(bench.cross_fitted(variant, everything, s)) for s in seeds])
            for bench in (by_work, by_artist)
        ]
        print(f"{name} | {means[0]:.3f} | {means[1]:.3f}", flush=True)
    quick = {name: variant for name, variant in tried.items() if name != CONTRAST}
    for title, bench in (("works", by_work), ("artists", by_artist)):
        found, chosen = bench.nested(quick, 1)
        print(f"nested, {title} not seen | {np.nanmean(found):.3f} | {chosen}", flush=True)


if __name__ == "__main__":
    main()

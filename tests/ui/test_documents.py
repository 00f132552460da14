"""JSON documents take their keys from dataclasses: renaming a field there would rename the key."""

from dataclasses import fields

import pytest

from catalog.artist_suggestions import ArtistLink, MergeSuggestion
from catalog.artists import ArtistFacts
from catalog.dismissals import Dismissal
from catalog.jobs import Failure, FailureGroup, JobFacts
from embedders import ModelStatus
from evaluation.bootstrap import Interval
from evaluation.choosing import MethodResult
from evaluation.index_recall import IndexCheck, Recall
from evaluation.runs import Code, Collection, Run
from ingest.summary import JobSummary
from ingest.survey import Survey
from maintenance.drift import Drift
from maintenance.keypoints import KeypointsKept, KeypointsMade
from maintenance.map_drawing import DrawnMap
from maintenance.reconcile import Repair
from maintenance.reembed import ReembedSummary
from search.comparison import Comparison, Consensus, PairAgreement
from search.duplicates import DuplicateGroup, Duplicates, Link
from search.index.status import IndexStatus, Replica, Shard, Storage, VectorStatus
from search.same_picture import Agreement
from search.similar import Hit
from ui.documents.plain import plain

KEYS: dict[type, str] = {
    ArtistLink: "first second confidence reasons",
    MergeSuggestion: "into others links confidence",
    ArtistFacts: "id name born died works names",
    Dismissal: "works dismissed_at",
    FailureGroup: "stage reason count examples",
    JobFacts: "id kind state arguments seen added updated unchanged failed embedded error "
    "started_at ended_at failures left",
    ModelStatus: "name dimension ready provider licence fingerprint reason",
    Interval: "value low high",
    MethodResult: "name kind precision over_best_model over_fusion shares",
    IndexCheck: "models warnings damaged_files",
    Recall: "queries recall p50_ms p95_ms exact_p50_ms",
    Code: "version commit changed",
    Collection: "engine generation works",
    Run: "protocol time options seed filter models collection code queries files id",
    JobSummary: "job seen added updated unchanged failed left embedded failures seconds "
    "interrupted",
    Survey: "works failed failures left_out counts centuries missing extra "
    "same_title_and_artist same_image first",
    Drift: "works points thumbnails missing_points missing_vectors orphaned_points "
    "other_payloads missing_thumbnails orphaned_thumbnails damaged_thumbnails "
    "damaged_files",
    Repair: "queued deleted_points rewritten_payloads remade_thumbnails deleted_thumbnails "
    "replaced_files job unavailable",
    DrawnMap: "model works fitted placed removed anew seconds",
    KeypointsKept: "works kept bytes most_bytes",
    KeypointsMade: "made kept without_room removed failed failures interrupted seconds",
    ReembedSummary: "job model works embedded failed switched seconds",
    Comparison: "overlap rbo spearman pairs consensus only",
    Consensus: "id score",
    PairAgreement: "models overlap rbo spearman",
    DuplicateGroup: "works links marked",
    Duplicates: "groups works compared models dismissed",
    Link: "first second agreement cosines",
    IndexStatus: "engine location generation points vectors payload_indexes",
    VectorStatus: "points indexed fingerprint",
    Storage: "memory_bytes disk_bytes shards advice",
    Shard: "number replicas",
    Replica: "node state",
    Agreement: "edge_to_edge inliers fitting spread first_shown second_shown detail colour "
    "difference hash_distance",
    Hit: "rank artwork cosine angular_distance percentile z ranks reproductions",
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_are_added_and_never_renamed(kind: type) -> None:
    assert set(KEYS[kind].split()) <= {item.name for item in fields(kind)}


def test_secrets_in_places_are_not_told() -> None:
    failure = Failure(
        item="https://me:secret@host/1.jpg",
        stage="fetch",
        reason="gone",
        detail="https://me:secret@host",
    )
    told = plain(FailureGroup(stage="fetch", reason="gone", count=1, examples=(failure,)))
    assert "secret" not in str(told)
    assert told["examples"][0].keys() == {"item", "detail", "artwork_id"}

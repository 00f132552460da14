"""The museum's sample, fetched from a server on the loopback that also misbehaves."""

import csv
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.download.rules import download_rules
from ingest.sample.nga import (
    COLUMNS,
    NgaWork,
    fetch_nga_sample,
    nga_reachable,
    nga_works,
)
from settings import Settings

RULES = replace(
    download_rules(Settings.model_construct()),
    host_rate=1000,
    backoff=0.01,
    connect_seconds=4,
    allow_private_networks=True,
)
WORKS = tuple(nga_works())
FIRST = WORKS[0].uuid


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_list_has_some_two_hundred_works_of_many_schools_and_centuries():
    assert 180 <= len(WORKS) <= 220
    assert len({work.uuid for work in WORKS}) == len(WORKS)
    assert len({work.school for work in WORKS}) >= 15
    assert len({work.year // 100 for work in WORKS if work.year}) >= 7
    assert all(work.title and work.artist and work.date for work in WORKS)


def test_the_list_keeps_accents_and_names_no_pseudo_artist():
    artists = {work.artist for work in WORKS}
    assert {"Diego Velázquez", "Francisco de Zurbarán"} <= artists
    assert not [artist for artist in artists if "Century" in artist or "Unknown" in artist]


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("c. 1655/1660", 1655),
        ("1872", 1872),
        ("before 980", 980),
        ("mid 1830s", 1830),
        ("late 16th or early 17th century", None),
        ("", None),
    ],
)
def test_the_year_is_the_first_number_of_three_or_four_digits(date, year):
    assert NgaWork("u", "t", "a", date, "s").year == year


@pytest.mark.slow
def test_every_work_arrives_with_its_row(museum, tmp_path):
    progress = []
    outcome = fetch_nga_sample(
        tmp_path, RULES, base_url=museum.base_url, on_progress=lambda *at: progress.append(at)
    )
    table = rows(outcome.csv)
    assert (outcome.fetched, outcome.already_there, outcome.failures) == (len(WORKS), 0, ())
    assert [row["title"] for row in table] == [work.title for work in WORKS]
    assert tuple(table[0]) == COLUMNS
    assert {row["source"] for row in table} == {"National Gallery of Art"}
    assert all((tmp_path / row["file"]).exists() for row in table)
    assert progress[0] == (0, len(WORKS))
    assert progress[-1] == (len(WORKS), len(WORKS))
    assert museum.paths[0].endswith("/full/!600,600/0/default.jpg")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.slow
def test_no_more_requests_run_at_once_than_allowed(museum, tmp_path):
    fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert museum.most_at_once <= RULES.host_at_once


@pytest.mark.slow
def test_what_is_there_is_not_fetched_again(museum, tmp_path):
    fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    (tmp_path / WORKS[3].file).unlink()
    museum.asked.clear()
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert (outcome.fetched, outcome.already_there) == (1, len(WORKS) - 1)
    assert set(museum.asked) == {WORKS[3].uuid}


@pytest.mark.slow
def test_a_missing_image_is_recorded_once_and_has_no_row(museum, answer, tmp_path):
    museum.answers[FIRST] = [answer(404, b"gone")]
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert outcome.failures == ((FIRST, "gone: HTTP 404"),)
    assert outcome.images == len(WORKS) - 1
    assert museum.asked[FIRST] == 1
    assert FIRST not in {Path(row["file"]).stem for row in rows(outcome.csv)}
    assert not (tmp_path / WORKS[0].file).exists()


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_passing_trouble_is_asked_again(museum, answer, tmp_path, status):
    museum.answers[FIRST] = [answer(status, b"", {"Retry-After": "0"}), answer()]
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert not outcome.failures
    assert museum.asked[FIRST] == 2


@pytest.mark.slow
def test_the_pause_that_the_server_asks_for_is_kept(museum, answer, tmp_path):
    museum.answers[FIRST] = [answer(429, b"", {"Retry-After": "1"}), answer()]
    begin = time.monotonic()
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert time.monotonic() - begin >= 1
    assert not outcome.failures


@pytest.mark.slow
def test_a_lasting_trouble_is_given_up(museum, answer, tmp_path):
    museum.answers[FIRST] = [answer(500, b"")]
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert outcome.failures == ((FIRST, "server error: HTTP 500"),)
    assert museum.asked[FIRST] == 4


@pytest.mark.slow
def test_what_is_no_whole_jpeg_is_refused(museum, answer, tmp_path):
    whole = answer().body
    bad = {
        WORKS[0].uuid: (whole[: len(whole) // 2], ""),
        WORKS[1].uuid: (b"<html><title>Log in</title></html>", ""),
        WORKS[2].uuid: (b"", ""),
        WORKS[4].uuid: (b"\xff\xd8" + bytes(6 * 2**20), "file too large"),
    }
    museum.answers = {uuid: [answer(200, body)] for uuid, (body, _) in bad.items()}
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    reasons = dict(outcome.failures)
    assert set(reasons) == set(bad)
    for uuid, (_, reason) in bad.items():
        assert reason in reasons[uuid]
        assert not (tmp_path / f"{uuid}.jpg").exists()


@pytest.mark.slow
def test_a_connection_that_breaks_off_is_tried_again(museum, answer, tmp_path):
    museum.answers[FIRST] = [answer(reset=True), answer()]
    museum.answers[WORKS[1].uuid] = [answer(reset=True)]
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=museum.base_url)
    assert [uuid for uuid, _ in outcome.failures] == [WORKS[1].uuid]
    assert outcome.failures[0][1].startswith("connection lost")
    assert museum.asked[FIRST] == 2


def test_a_server_that_is_gone_ends_the_fetch_early(nowhere, tmp_path):
    begin = time.monotonic()
    outcome = fetch_nga_sample(tmp_path, RULES, base_url=nowhere)
    assert time.monotonic() - begin < 10
    assert outcome.images == 0
    assert len(outcome.failures) == len(WORKS)
    assert "is left alone" in outcome.failures[-1][1]
    assert rows(outcome.csv) == []


def test_the_probe_tells_a_museum_from_nobody(museum, nowhere):
    assert nga_reachable(RULES, museum.base_url)
    begin = time.monotonic()
    assert not nga_reachable(RULES, nowhere)
    assert not nga_reachable(RULES, "http://no-such-museum.invalid/iiif", timeout=1.0)
    assert time.monotonic() - begin < 4


def test_the_sample_is_not_fetched_from_a_private_address(museum, tmp_path):
    careful = replace(RULES, allow_private_networks=False)
    assert not nga_reachable(careful, museum.base_url)
    outcome = fetch_nga_sample(tmp_path, careful, base_url=museum.base_url)
    assert outcome.images == 0
    assert "refused address" in outcome.failures[0][1]
    assert not museum.asked

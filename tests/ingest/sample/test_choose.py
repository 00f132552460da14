"""Which sample a machine gets, and that it stays with it."""

from dataclasses import replace

import pytest

from ingest.download.rules import download_rules
from ingest.sample import SampleUnavailableError, prepare_sample
from settings import Settings

FEW = 2

RULES = replace(
    download_rules(Settings.model_construct()),
    host_rate=1000,
    backoff=0.01,
    connect_seconds=4,
    allow_private_networks=True,
)


@pytest.mark.slow
def test_with_the_museum_in_reach_its_paintings_are_taken(museum, tmp_path):
    sample = prepare_sample(tmp_path, RULES, base_url=museum.base_url, works=FEW)
    assert sample.kind == "nga"
    assert sample.folder == tmp_path / "nga"
    assert sample.csv == tmp_path / "nga" / "works.csv"
    assert "National Gallery of Art" in sample.sentence
    assert not (tmp_path / "generated").exists()


def test_without_internet_the_sample_is_drawn_and_says_so(nowhere, tmp_path):
    sample = prepare_sample(tmp_path, RULES, base_url=nowhere, works=FEW)
    assert sample.kind == "generated"
    assert len(list(sample.folder.glob("*.jpg"))) == FEW
    assert "drawn by Vasari" in sample.sentence
    assert "cannot be reached" in sample.sentence


@pytest.mark.slow
def test_too_few_images_are_not_a_collection(museum, answer, tmp_path):
    museum.otherwise = answer(404, b"")
    sample = prepare_sample(tmp_path, RULES, base_url=museum.base_url, works=FEW)
    assert sample.kind == "generated"
    assert "only 0 of" in sample.sentence
    assert sample.failures[0][1] == "gone: HTTP 404"


@pytest.mark.slow
def test_what_was_prepared_is_kept_even_offline(museum, nowhere, tmp_path):
    first = prepare_sample(tmp_path, RULES, base_url=museum.base_url)
    again = prepare_sample(tmp_path, RULES, base_url=nowhere)
    assert (again.kind, again.csv) == (first.kind, first.csv)
    assert "earlier run" in again.sentence


def test_a_drawn_sample_stays_drawn_when_the_museum_comes_into_reach(museum, nowhere, tmp_path):
    prepare_sample(tmp_path, RULES, base_url=nowhere, works=FEW)
    again = prepare_sample(tmp_path, RULES, base_url=museum.base_url, works=FEW)
    assert again.kind == "generated"
    assert not museum.asked


@pytest.mark.slow
def test_a_sample_that_is_asked_for_by_name_is_what_comes(museum, tmp_path):
    drawn = prepare_sample(tmp_path, RULES, base_url=museum.base_url, prefer="generated", works=FEW)
    fetched = prepare_sample(tmp_path, RULES, base_url=museum.base_url, prefer="nga")
    assert (drawn.kind, fetched.kind) == ("generated", "nga")
    assert prepare_sample(tmp_path, RULES, base_url=museum.base_url).kind == "nga"


@pytest.mark.slow
def test_the_museums_sample_asked_for_by_name_and_out_of_reach_is_an_error(
    museum, answer, tmp_path
):
    museum.otherwise = answer(404, b"")
    with pytest.raises(SampleUnavailableError, match="generated sample"):
        prepare_sample(tmp_path, RULES, base_url=museum.base_url, prefer="nga")

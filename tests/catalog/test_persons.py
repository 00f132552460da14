"""Names of persons, told from what museums write where they know none."""

from pathlib import Path

import pandas as pd
import pytest

from catalog.persons import names_a_person

CONSTITUENTS = Path(__file__).resolve().parents[3] / "shared" / "nga" / "constituents.csv"


@pytest.mark.parametrize(
    "name",
    [
        "Unknown",
        "Anonymous Artist",
        "Неизвестный художник",
        "Anónimo",
        "American 19th Century",
        "Roman 1st Century B.C./1st Century A.D.",
        "Chinese Tang Dynasty",
        "Italian",
        "Spanish (Castile)",
        "Italian School",
        "École de Fontainebleau",
        "School of Marcantonio Raimondi",
        "Rembrandt Workshop",
        "Circle of the Master of Santo Spirito",
        "Photographer unknown",
        "Various Artists",
        "Gorham Manufacturing Company",
        "E. Weber & Co.",
        "Currier and Ives",
        "Bisson Frères",
    ],
)
def test_who_is_nobody_many_or_a_company_is_no_person(name: str) -> None:
    assert not names_a_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "Vincent van Gogh",
        "Винсент Ван Гог",
        "Master of the Die",
        "Gregorio di Lorenzo (Master of the Marble Madonnas)",
        "Daniel Chester French",
        "El Greco",
        "Press",
        "Leonardo da Vinci",
        "葛飾北斎",
    ],
)
def test_names_of_artists_are_names_of_persons(name: str) -> None:
    assert names_a_person(name)


def test_of_a_museum_s_own_list_hardly_an_artist_is_passed_over_and_nobody_nameless_is_left() -> (
    None
):
    if not CONSTITUENTS.is_file():
        pytest.skip("the National Gallery's list of constituents is not on this machine")
    listed = pd.read_csv(CONSTITUENTS, dtype=str)
    artists = listed[listed["artistofngaobject"] == "1"]
    persons = artists["forwarddisplayname"].fillna("").map(names_a_person)
    share = persons.groupby(artists["constituenttype"]).mean()
    assert share["anonymous"] == 0
    assert share["corporate"] < 0.2
    assert share["individual"] > 0.995

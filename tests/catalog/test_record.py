"""What a record of a work may say."""

import pytest

from catalog.record import ArtworkRecord, InvalidRecord, Maker


@pytest.mark.parametrize("life", [{"born": 10**10}, {"died": 10**10}])
def test_an_artists_years_are_checked_as_a_works_year_is(life: dict[str, int]) -> None:
    with pytest.raises(InvalidRecord, match="is no year"):
        ArtworkRecord(
            source="museum",
            source_id="1",
            title="A work",
            file="1.jpg",
            image_location="/pictures/1.jpg",
            maker=Maker(source_id="7", **life),
        )

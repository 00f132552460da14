"""Attributions as the museum writes them, from its real rows."""

import pytest

from ingest.readers.attribution import Attribution, qualified, split_attribution


@pytest.mark.parametrize(
    ("text", "artist", "qualifier"),
    [
        ("Titian", "Titian", None),
        ("Attributed to John Neagle", "John Neagle", "Attributed to"),
        ("Workshop or Follower of Titian", "Titian", "Workshop or Follower of"),
        ("Rembrandt Workshop", "Rembrandt", "Workshop"),
        ("Titian and Workshop", "Titian", "and Workshop"),
        ("Rembrandt van Rijn (and Workshop?)", "Rembrandt van Rijn", "(and Workshop?)"),
        ("after Correggio", "Correggio", "after"),
        ("Thomas Sully, after Gilbert Stuart", "Thomas Sully", "after Gilbert Stuart"),
        (
            "Gilbert Stuart, completed by an unknown artist",
            "Gilbert Stuart",
            "completed by an unknown artist",
        ),
        (
            "Circle of Jacopo Tintoretto (Probably Lambert Sustris)",
            "Jacopo Tintoretto",
            "Circle of … (Probably Lambert Sustris)",
        ),
        (
            "Assistant of Titian, possibly begun by Gian Paolo Pace",
            "Titian",
            "Assistant of … possibly begun by Gian Paolo Pace",
        ),
        ("Possibly British 18th Century", "British 18th Century", "Possibly"),
        ("Giovanni Bellini and Titian", "Giovanni Bellini and Titian", None),
        ("El Greco (Domenikos Theotokopoulos)", "El Greco (Domenikos Theotokopoulos)", None),
        (
            "Giovanni Francesco Barbieri, called Guercino",
            "Giovanni Francesco Barbieri, called Guercino",
            None,
        ),
        ("after ", "after ", None),
        ("", "", None),
    ],
)
def test_the_name_is_parted_from_what_qualifies_it(
    text: str, artist: str, qualifier: str | None
) -> None:
    assert split_attribution(text) == Attribution(artist, qualifier)


def test_a_known_name_is_kept_and_the_rest_of_the_attribution_qualifies_it() -> None:
    assert qualified("Titian", "Workshop of Titian") == Attribution("Titian", "Workshop of")
    assert qualified("Titian", "anything", prefix="after") == Attribution("Titian", "after")
    assert qualified("Titian", "Titian", prefix="after") == Attribution("Titian", "after")
    assert qualified("Titian", "Follower of Tiziano") == Attribution("Titian", "Follower of")
    assert qualified("Rembrandt Workshop", "Rembrandt Workshop (Possibly Drost)") == Attribution(
        "Rembrandt", "Workshop (Possibly Drost)"
    )

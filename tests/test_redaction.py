"""What is shown or kept has no secret in it, and says all the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction import redact, redact_command

SHOWN = [
    ("https://ann:s3cret@museum.example/a.jpg", "https://ann:***@museum.example/a.jpg"),
    ("https://s3cret@museum.example/a.jpg", "https://***@museum.example/a.jpg"),
    ("https://ann:s3@cret@museum.example/a.jpg", "https://ann:***@museum.example/a.jpg"),
    ("postgresql://ann:s3/cr@et@host/name", "postgresql://ann:***@host/name"),
    (
        "postgresql+psycopg://ann@host/n?password=s3cret",
        "postgresql+psycopg://ann@host/n?password=***",
    ),
    ("https://h/a.jpg?w=80&token=s3cret&h=9", "https://h/a.jpg?w=80&token=***&h=9"),
    ("https://h/a?X-Amz-Signature=s3cret#top", "https://h/a?X-Amz-Signature=***#top"),
    ("https://h/a?api_key=s3cret", "https://h/a?api_key=***"),
    (
        "no server at http://ann:s3cret@h:6333: refused",
        "no server at http://ann:***@h:6333: refused",
    ),
    (
        "no server at http://ann:s3cret@h:6333,http://ann:s3cret@i:6333: refused",
        "no server at http://ann:***@h:6333,http://ann:***@i:6333: refused",
    ),
    ("--to-qdrant-api-key s3cret --home /x", "--to-qdrant-api-key *** --home /x"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_a_secret_is_left_out_and_nothing_else(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://museum.example/people/@ann/a.jpg?w=80",
        "ann@museum.example wrote to https://museum.example",
        "a picture of a key: keys/001.jpg",
        "postgresql://host/name",
        "postgresql://me:***@host/name and postgresql://me@host/name",
        "--key-column title",
        "--ask-password --json",
        "--ask-password now",
        "https://h/a?keywords=design&author=ann&design=7&monkey=8",
    ],
)
def test_what_is_no_secret_stays_letter_for_letter(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "arguments",
    [
        ["promote", "--to-database", "postgresql://ann:s3cret@host/name", "--json"],
        ["promote", "--to-database=postgresql://ann:s3 cret@host/name", "--json"],
        ["promote", "--to-database", "s3cret", "--json"],
        ["promote", "--to-qdrant-api-key", "s3cret", "--json"],
        ["promote", "--database-password=s3cret", "--json"],
    ],
)
def test_a_command_line_is_kept_without_the_values_of_its_secret_options(
    arguments: list[str],
) -> None:
    shown = redact_command(arguments)
    assert "s3" not in shown
    assert shown.startswith("promote --")
    assert shown.endswith(" --json")


PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>"))


@given(PASSWORDS.map(lambda text: f"s3cret{text}s3cret"))
def test_no_password_of_a_database_gets_through(password: str) -> None:
    assert "s3cret" not in redact(f"no database at postgresql://ann:{password}@host/name: refused")

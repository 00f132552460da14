"""What is asked, written into an address and read from one that nobody can trust."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.filters import KEYWORD_FIELDS, Filter
from search.maps.area import MOST_CORNERS, Area, MapArea
from search.query import Region
from ui.web.address import link, read, written
from ui.web.page_state import PERCENTILES, WEIGHTS, Example, Kind, PageState

_SHARES = st.integers(1, 40).map(lambda number: number / 100)
_REGIONS = st.builds(Region, _SHARES, _SHARES, _SHARES, _SHARES)
_TEXTS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40).filter(
    lambda text: text == text.strip()
)
_VALUES = st.lists(_TEXTS, max_size=3, unique=True).map(tuple)
_KINDS: st.SearchStrategy[Kind] = st.sampled_from(("picture", "work"))


@st.composite
def _examples(draw: st.DrawFn) -> tuple[Example, ...]:
    weights = st.sampled_from([sign * weight for sign in (1, -1) for weight in WEIGHTS])
    picture = st.builds(Example, _KINDS, _TEXTS, weights, st.none() | _REGIONS)
    text = st.builds(Example, st.just("text"), _TEXTS, weights)
    examples = draw(st.lists(picture | text, max_size=5))
    return tuple({(example.kind, example.of): example for example in examples}.values())


_FILTERS = st.builds(
    Filter,
    **{name: _VALUES for field in KEYWORD_FIELDS for name in (field, f"not_{field}")},
    year_from=st.none() | st.integers(1200, 1500),
    year_to=st.none() | st.integers(1501, 2000),
)
_STEPS = st.integers(0, 65_535)
_AREAS = st.builds(
    lambda corners: MapArea("resnet50", Area(tuple(corners))),
    st.lists(st.tuples(_STEPS, _STEPS), min_size=3, max_size=MOST_CORNERS),
)
_ASKED = st.builds(
    PageState,
    examples=_examples(),
    wanted=_FILTERS,
    within=st.none() | _AREAS,
    sense=st.sampled_from(("", "style")),
    models=st.sampled_from(((), ("resnet50", "fusion"))),
    top=st.integers(3, 50),
    exact=st.booleans(),
    diverse=st.booleans(),
    min_percentile=st.none() | st.sampled_from(PERCENTILES[1:]),
    max_distance=st.none() | st.sampled_from((0.05, 1.2)),
)


@pytest.mark.slow
@given(_ASKED)
def test_an_address_leads_back_to_what_was_asked(state: PageState) -> None:
    back = read(written(state))
    assert set(back.examples) == set(state.examples)
    assert replace(back, examples=()) == replace(state, examples=())


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from(("work", "not_text", "picture", "top", "year_from", "artist", "model")),
        st.lists(st.text(max_size=30), max_size=4),
    )
)
def test_any_address_can_be_read(parameters: dict[str, list[str]]) -> None:
    assert read(written(read(parameters))) == read(parameters)


@pytest.mark.parametrize(
    ("parameters", "meant"),
    [
        ({"work": ["a~1000000"]}, PageState(examples=(Example("work", "a", max(WEIGHTS)),))),
        ({"work": ["a~nan~0,0,2,2~x"]}, PageState(examples=(Example("work", "a"),))),
        ({"text": ["a ship~0,0,0.5,0.5"]}, PageState(examples=(Example("text", "a ship"),))),
        ({"top": ["999999"], "max_distance": ["-4"]}, PageState(top=50, max_distance=0.0)),
        ({"top": ["many"], "min_percentile": ["nan"]}, PageState()),
        ({"model": ["<script>", "../x"], "sense": ["Style"]}, PageState()),
        ({"year_from": ["1900"], "year_to": ["1800"]}, PageState()),
        ({"artist": ["", "x" * 5_000]}, PageState()),
        ({"artist": ["a\x00b", "\ud800"], "q": ["\x00"]}, PageState()),
    ],
)
def test_what_makes_no_sense_in_an_address_is_passed_over(
    parameters: dict[str, list[str]], meant: PageState
) -> None:
    assert read(parameters) == meant


def test_the_address_of_a_plain_search_is_short() -> None:
    state = PageState(
        examples=(Example("work", "a"), Example("work", "b", -2.0)), wanted=Filter(artist=("X",))
    )
    assert link("http://here/?old=1", state) == "http://here/?work=a&not_work=b~2&artist=X"
    assert link("http://here/", PageState()) == "http://here/"

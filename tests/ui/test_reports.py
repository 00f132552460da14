"""Reports: whole in themselves, safe whatever the titles are, and readable in a browser."""

import re
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import pytest
from playwright.sync_api import Browser

from tests.pictures import draw
from ui.pictures import data_uri
from ui.reports.charts import ChartFault, svg
from ui.reports.page import render
from ui.reports.parts import (
    Cell,
    Chart,
    Command,
    Example,
    Facts,
    Part,
    Picture,
    PictureRow,
    Report,
    Section,
    Table,
    Text,
)

HOSTILE = "<script>alert(1)</script> \"quoted\" & 'so' {{ 7 * 7 }}"
OUTSIDE = re.compile(
    r"""(?:src|href)\s*=\s*["'](?!data:)|url\((?!#)|https?:|@import|<script|<link"""
)
"""What a page would fetch from elsewhere."""


NOT_OF_XML = "\x1b[31m \x00 \x85 \x7f \ufffe \uffff \ud800 \u2028"


@pytest.mark.slow
def test_a_chart_is_drawn_whatever_its_labels_hold() -> None:
    rows = [{"model": NOT_OF_XML, "value": 1}]
    chart = alt.Chart(alt.InlineData(values=rows)).mark_bar()
    chart = chart.encode(x=alt.X("sum(value):Q", title=NOT_OF_XML), y="model:N")
    drawn = svg(alt.layer(chart, chart))
    assert "[31m" in drawn
    ElementTree.fromstring(drawn)


def test_a_panic_of_the_library_is_an_error_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object, **__: object) -> None:
        raise PanicException("index out of range")

    monkeypatch.setattr(alt.Chart, "save", panic)
    with pytest.raises(ChartFault, match="cannot be drawn"):
        _chart()


def _chart() -> str:
    rows = [{"model": "a", "value": 1}, {"model": "b", "value": 2}]
    chart = alt.Chart(alt.InlineData(values=rows)).mark_bar(clip=True)
    return svg(chart.encode(x="value:Q", y=alt.Y("model:N", title=HOSTILE)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a part of each kind, its texts hostile."""
    picture = Picture(address=data_uri(draw(1)), title=HOSTILE, below=HOSTILE, mark="right")
    row = PictureRow(
        name=HOSTILE, note=HOSTILE, pictures=[picture, Picture(address=None, title="")]
    )
    drawing = _chart()
    parts: list[Part] = [
        Facts(facts={HOSTILE: HOSTILE}),
        Text(text=HOSTILE),
        Command(line=HOSTILE),
        Table(columns=["", HOSTILE], rows=[[HOSTILE, Cell("0.5", below="[0, 1]", strong=True)]]),
        Chart(drawing=drawing, caption=HOSTILE),
        Chart(drawing=drawing),
        row,
        Example(query=picture, rows=[row], note=HOSTILE),
    ]
    report = Report(
        kind="test",
        title=HOSTILE,
        lead=HOSTILE,
        figures={HOSTILE: HOSTILE},
        sections=[Section(title="All", parts=parts)],
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(report), encoding="utf-8")
    return path


def test_a_report_refers_to_nothing_outside_itself(written: Path) -> None:
    page = re.sub(r"data:image/jpeg;base64,[\w+/=]+", "data:", written.read_text())
    assert not OUTSIDE.search(page)


def test_texts_are_only_texts(written: Path) -> None:
    page = written.read_text()
    assert "<script" not in page
    assert "{{ 7 * 7 }}" in page


def test_drawings_of_one_page_do_not_share_names(written: Path) -> None:
    names = re.findall(r'\bid="([^"]+)"', written.read_text())
    assert names
    assert len(names) == len(set(names))
    for used in re.findall(r"url\(#([^)]+)\)", written.read_text()):
        assert used in names


def test_a_browser_shows_it_without_fetching_anything(written: Path, browser: Browser) -> None:
    asked, said = [], []
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(written.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [written.as_uri()]
    assert said == []
    images = page.locator("img")
    assert images.count() == 3
    assert images.evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    drawn = page.locator("figure.chart svg")
    assert drawn.evaluate_all("all => all.map(one => one.clientWidth > 100)") == [True, True]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_a_drawing_by_itself_is_a_file() -> None:
    drawing = _chart()
    assert drawing.startswith("<svg")
    assert "xmlns=" in drawing

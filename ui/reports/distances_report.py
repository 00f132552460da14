"""The report of how near the works are that a search finds."""

from evaluation.distances import DistanceQuality, ModelDistances
from search.fusion import FUSION
from ui.palette import colours_of
from ui.reports import parts
from ui.reports.drawings import Panel, distribution_chart, intervals_chart, lines_chart
from ui.reports.pictures import WorkPictures
from ui.reports.tables import distances_table
from ui.wording.numbers import percent

FOUND, UNRELATED = "works found", "pairs of works at random"
BACKGROUND_COLOUR = "#c9bfae"


def distances_report(quality: DistanceQuality, pictures: WorkPictures) -> parts.Report:
    """Return the report of an evaluation of distances."""
    clearest = max(quality.models, key=lambda model: quality.models[model].z.value)
    best = quality.models[clearest]
    return parts.Report(
        kind="Evaluation of distances",
        title=f"How near the first {quality.k} works are",
        lead=f"{quality.queries:,} of {quality.works:,} works asked. Under {clearest} the first "
        f"{quality.k} works stand out most: on average they are {best.z.value:.1f} standard "
        f"deviations more alike than works at random, nearer than {percent(best.percentile.value)} "
        "of the pairs.",
        figures={
            f"z under {model}": f"{found.z.value:.2f}" for model, found in quality.models.items()
        },
        sections=[
            _figures(quality),
            _background(quality),
            parts.Section(
                title="Distance by rank",
                note="A steep start means that the first works stand out from the others. Each "
                "model has a scale of its own.",
                parts=[
                    parts.Chart(
                        drawing=lines_chart(
                            "rank",
                            "mean angular distance",
                            {
                                model: [
                                    (float(rank), value)
                                    for rank, value in enumerate(found.by_rank, start=1)
                                ]
                                for model, found in quality.models.items()
                            },
                        )
                    )
                ],
            ),
            *_works(quality, pictures),
            parts.explained(
                {
                    "cosine": "s = a·b of the two works’ unit vectors: 1 the same direction, −1 "
                    "opposite ones",
                    "angular distance": "d = √(2 (1 − s)): 0 the same direction, 2 opposite ones",
                    "nearer than": "share of all pairs of works in the collection that are less "
                    "alike",
                    "z": "standard deviations above the mean cosine of those pairs",
                },
                "Distances and cosines of two models are on different scales and cannot be "
                "compared; “nearer than” and z can. None of them says whether the works found are "
                "the right ones: for that a collection needs labels.",
            ),
        ],
    )


def _figures(quality: DistanceQuality) -> parts.Section:
    return parts.Section(
        title="Model by model",
        note="Small figures and lines: 95 % confidence interval of the mean, by bootstrap over the "
        "queries. std: standard deviation over all works found.",
        parts=[
            parts.Chart(
                drawing=intervals_chart(
                    [
                        Panel(
                            title="z: standard deviations above works at random",
                            values={model: found.z for model, found in quality.models.items()},
                        ),
                        Panel(
                            title="mean angular distance",
                            values={
                                model: found.angular_distance
                                for model, found in quality.models.items()
                            },
                        ),
                    ],
                    width=280,
                )
            ),
            distances_table(quality),
        ],
    )


def _background(quality: DistanceQuality) -> parts.Section:
    colours = colours_of(quality.models, {FUSION})
    return parts.Section(
        title="Beside works at random",
        note="How cosines are distributed; each distribution is drawn to the same height. The less "
        "the two overlap, the more the works found stand out. Works at random are of the whole "
        "collection.",
        parts=[
            parts.Chart(
                drawing=distribution_chart(
                    f"cosine under {model}",
                    found.histogram.edges,
                    {UNRELATED: found.histogram.background, FOUND: found.histogram.hits},
                    {UNRELATED: BACKGROUND_COLOUR, FOUND: colours[model]},
                ),
                caption=_in_words(found),
            )
            for model, found in quality.models.items()
        ],
    )


def _in_words(found: ModelDistances) -> str:
    return (
        f"Works found: mean {found.hits.mean_cosine:.3f}, standard deviation "
        f"{found.hits.std_cosine:.3f}. Pairs at random ({found.background.pairs:,}): mean "
        f"{found.background.mean:.3f}, standard deviation {found.background.std:.3f}."
    ).replace("-", "−")


def _works(quality: DistanceQuality, pictures: WorkPictures) -> list[parts.Section]:
    asked = quality.asked
    places = {query: place for place, query in enumerate(asked.queries)}

    def rows(nearest: bool) -> list[parts.Part]:
        found: list[parts.Part] = []
        for model, distances in quality.models.items():
            values = asked.values[model, "angular_distance"]
            works = distances.nearest if nearest else distances.most_isolated
            shown = [
                pictures.show(work, below=f"{values[places[str(work.id)]]:.3f} away")
                for work in works
            ]
            found.append(parts.PictureRow(name=model, pictures=shown))
        return found

    return [
        parts.Section(
            title="Nearest to others",
            note=f"Works whose first {quality.k} are the nearest, by their mean angular distance.",
            parts=rows(nearest=True),
        ),
        parts.Section(
            title="Most isolated",
            note=f"Works whose first {quality.k} are the farthest: nothing in the collection is "
            "much like them.",
            parts=rows(nearest=False),
        ),
    ]

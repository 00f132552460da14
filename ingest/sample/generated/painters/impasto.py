"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.impasto import Impasto

PAINTERS = (
    Painter(
        name="Joost van Eyghenhoven",
        school="Dutch",
        years=(1885, 1890),
        formats=(1.26, 1.3, 0.8),
        hand=Impasto(
            width=6.0,
            length=30,
            turbulence=1.1,
            palettes=(
                "16264f 2f5f9f a9c7d0 1f2f33 3f5f4a 9aa85a f5d04a",
                "2f5f8f 5f9fc4 dbe6d0 2f4a3a 6f8f3f d9b93f f2cf4f",
                "1f3f5f 4f8fa8 e6e2b8 24402f 5f7f3a c9a83a e98a2f",
            ),
            motifs=("night", "field", "cypress"),
            places=("Saint-Orain", "Les Auvières", "Montcalade", "La Crausse"),
        ),
    ),
    Painter(
        name="Søren Ulvskov",
        school="Danish",
        years=(1901, 1922),
        formats=(1.4, 1.1, 1.6),
        hand=Impasto(
            width=9.5,
            length=44,
            turbulence=0.7,
            palettes=(
                "1f2f3f 5f7f8f dfe0d0 16303a 2f6068 8fb0a8 e8e4d0",
                "3f2f4f 9f6f7f f4c48f 1f2a44 3f4f7f b08fa0 f8d9a0",
                "24384a 7f9aa8 f0e4c4 1a3f3f 2f7f70 a8c4a0 f4e8c8",
            ),
            motifs=("surf", "night", "surf", "field"),
            places=("Skarrehage", "Nordre Røn", "Ulvsund", "Grådyb", "Vejsnæs"),
        ),
    ),
    Painter(
        name="Юрий Залесский-Орт",
        school="Russian",
        years=(1905, 1919),
        formats=(1.0, 1.2, 0.85),
        hand=Impasto(
            width=7.5,
            length=20,
            turbulence=1.6,
            palettes=(
                "5f1f2f c4472f f6b04a 2f1f3f 7f2f3f e0703a f9d96a",
                "2f1f5f 6f4fa0 e6a8c0 1f3f4f 2f7f6f a0c46a f9e07a",
                "1f4f4f 3f9f8f f2e6a0 4f1f2f a03f3a e98f3a f6e6b0",
            ),
            motifs=("field", "cypress", "night"),
            places=("Заречье", "Белый Яр", "Ольховка", "Сосновый Бор"),
        ),
    ),
)

"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.grid import Grid

PAINTERS = (
    Painter(
        name="Cornelis Vandermoth",
        school="Dutch",
        years=(1919, 1938),
        formats=(1.0, 0.86, 1.1),
        hand=Grid(
            manner="planes",
            bar=0.02,
            palettes=(
                "efece1 c4211b 1d3f8f e9bf1d",
                "ece9de 1d3f8f e9bf1d c4211b",
                "f0ede4 e9bf1d c4211b 23211f",
            ),
            titles=(
                "Composition, Left-Handed",
                "Tableau IV",
                "Composition with One Large Plane",
                "Opposition of Lines",
                "Rhythm of Straight Lines",
                "Composition with a Corner",
                "Foxglove Street",
                "Balance, Late",
                "Composition for a Stairwell",
                "Quiet Asymmetry",
            ),
        ),
    ),
    Painter(
        name="Ignatius Blokzijl",
        school="Dutch",
        years=(1938, 1951),
        formats=(1.0, 1.15, 0.9),
        hand=Grid(
            manner="lanes",
            bar=0.024,
            cells=9,
            palettes=(
                "f1eee3 edc52a c8261d 22489b cfccc0",
                "f3efe2 c8261d edc52a 22489b 1c1b1a",
                "1e2126 d8d3c2 e2a72b c5382b 4d86b4",
                "eef0ea 3f7f8f e58a2e d9483b f3d36a",
            ),
            titles=(
                "Foxtrot on Eleventh Avenue",
                "Tramlines",
                "Night Timetable",
                "Rotterdam Rag",
                "Crossings",
                "Syncopation",
                "Rush Hour",
                "The Signal Box",
                "Harlem Stomp",
                "Interchange",
            ),
        ),
    ),
    Painter(
        name="Łucja Weissgarten",
        school="Swiss",
        years=(1914, 1939),
        formats=(1.25, 0.8, 1.0, 1.5),
        hand=Grid(
            manner="mosaic",
            cells=9,
            palettes=(
                "3a3128 31475a 5f8a8b b8b48a e3b45a d9713c a83a34",
                "2a2a33 27304f 5b4a86 a0608c e08a7a f1c48a f3e3bd",
                "38342a 3f5a3a 7d9a4f c7c06a efe0a0 dba65a a86b3f",
                "20242c 1c2740 2f4f73 5f86a0 a7bcb8 dccfa8 c07a4a",
            ),
            titles=(
                "Old Chord",
                "Garden Plan in Dusk",
                "May Fields",
                "Harbour Lights, Counted",
                "Fugue in Nine Voices",
                "Kairouan Remembered",
                "The Carpet Seller's Afternoon",
                "Small Polyphony",
                "Clear Weather Table",
                "Nocturne for Squares",
            ),
        ),
    ),
)

"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.colour_field import ColourField

PAINTERS = (
    Painter(
        name="Mireille Aubraye-Stern",
        school="American",
        years=(1949, 1970),
        formats=(0.78, 0.82, 0.7),
        hand=ColourField(
            manner="stacked",
            feather=0.026,
            palettes=(
                "7a1f17 d9481c e98b1f a3180f f0b23a",
                "2a1626 5b1a2b 94263a 2f3350 c4553f",
                "d9a327 ee6b1a f4c94a e2e0c0 c23b18",
                "1d2b3a 2f5c74 0f1f33 7fa39a d8c9a0",
                "4a2419 16110f 6e1b16 2c1a18 a8461f",
            ),
            titles=(
                "Ember",
                "Vespers",
                "Harvest Before Rain",
                "North Room",
                "What the Fire Left",
                "Two Silences",
                "Threshold",
                "Low Ember",
                "Lamp Hour",
                "Tidal Evening",
            ),
        ),
    ),
    Painter(
        name="Þorvaldur Enghraf",
        school="American",
        years=(1951, 1968),
        formats=(1.75, 1.3, 0.62, 2.1),
        hand=ColourField(
            manner="zips",
            palettes=(
                "b3201c f2e3c2 1b1a1c e7a51e",
                "17365e d7e0e4 e25822 0d1a2c",
                "e4b21b fbf3dd 23201d 1f5fa8",
                "20201f eae4d4 b3201c 8d8a80",
                "e8dfc9 23201d c9391f 1f3f77",
            ),
            titles=(
                "Standing Noon",
                "The Plumb Line",
                "Cathedral for One",
                "Here I",
                "Vertical Psalm",
                "Not Over Yet",
                "First Partition",
                "The Third Bell",
                "Measure of a Room",
                "Here II",
            ),
        ),
    ),
    Painter(
        name="Ottoline Varga-Wren",
        school="American",
        years=(1956, 1974),
        formats=(1.3, 1.0, 0.8, 1.5),
        hand=ColourField(
            manner="veils",
            palettes=(
                "f3ead8 e8a13a d7583a 7ea06a 4a7f9e b56a8f",
                "f1e9da 5f8fb0 2f6a6e 93b59a c9b04a 7a6aa5",
                "f4ecdc e58a8a d9a04a c25b6f 8c6aa8 e2c35a",
                "efe7d6 7a8f4a b89a3a a3532f 4d6f62 c98a4a",
            ),
            titles=(
                "Changing Weather",
                "Delta, Spring",
                "The Slow Pour",
                "Gardens Seen Through Rain",
                "Aleph Veil",
                "The Second Curtain",
                "Sea Change",
                "Breath, Held",
                "A Handful of Petals",
                "Canyon Light",
            ),
        ),
    ),
)

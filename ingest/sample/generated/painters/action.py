"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.action import ActionPainting

PAINTERS = (
    Painter(
        name="Wendell Crane Odom",
        school="American",
        years=(1946, 1957),
        formats=(1.6, 1.25, 0.75),
        hand=ActionPainting(
            manner="skeins",
            density=1.0,
            palettes=(
                "d9c9a8 1a1816 8f8f8c f0ebe0 7a4a2a",
                "cbb894 20201f e9e4d6 3f6f7f c9a23a b8402f",
                "2a2724 d8d2c2 8a8f8f c9a45a 5f2a24",
                "e3d8c2 2f4a3a 1d1d1c d9c05a e8e4da 8a3a3a",
            ),
            titles=(
                "Number 7, Autumn",
                "Thicket",
                "Low Thunder",
                "Mississippi Silver",
                "Full Fathom",
                "Night Barn",
                "Cicada",
                "Undergrowth",
                "One, for August",
                "Long Island Static",
            ),
        ),
    ),
    Painter(
        name="Marguerite Dunleavy",
        school="American",
        years=(1950, 1963),
        formats=(1.2, 0.85, 1.5),
        hand=ActionPainting(
            manner="sweeps",
            density=1.0,
            palettes=(
                "ece6d8 161513 b8352a",
                "efe9dd 1b1a1c d99a2a",
                "e6e1d6 14161a 2f5a8a",
                "efe8d6 241a16",
            ),
            titles=(
                "Trestle",
                "Scranton",
                "Heavy Door",
                "Gantry",
                "Coal Chute",
                "Lehigh",
                "Rafter and Wind",
                "Black Harness",
                "Viaduct",
                "Crosstown",
            ),
        ),
    ),
    Painter(
        name="Itziar Olabarri-Font",
        school="Spanish",
        years=(1954, 1978),
        formats=(0.9, 1.1, 0.7),
        hand=ActionPainting(
            manner="runs",
            density=1.0,
            palettes=(
                "f1ead9 d9432f e8a03a 2f6f7f f0cf6a 5a2a4a",
                "20242f 7fb0c4 e8e0d0 3f6fa0 d98aa0 f0c86a",
                "efe6da 2f3f2f 6f9a5a c9c05a e0805a 8a4a3a",
                "f3eee6 3a3f8f 8f6fb5 e08ab0 f0b86a 2a2a44",
            ),
            titles=(
                "Lluvia de feria",
                "Weeping Wall",
                "Carnival, Four in the Morning",
                "Cortina",
                "Monsoon Letters",
                "Gravity's Garden",
                "After the Fireworks",
                "Lágrimas de neón",
                "Stalactite Choir",
                "Wet Paint, Bilbao",
            ),
        ),
    ),
)

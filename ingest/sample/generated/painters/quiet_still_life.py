"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.quiet_still_life import QuietStillLife

PAINTERS = (
    Painter(
        name="Ercole Morantini",
        school="Italian",
        years=(1929, 1962),
        formats=(1.2, 1.05, 1.35),
        hand=QuietStillLife(
            manner="shelf",
            brush=6.5,
            stray=0.014,
            palettes=(
                "b9ab98 cbbda6 5f564c efe6d4 d8cdb8 e8e0d0 a89a8a b58f74 8f9894",
                "a8a49a c4b49c 57524c ebe3d2 dcd6c8 b8a890 8a9aa0 c8a07f e4ddcf",
                "c2b2a0 d6c6ae 6a5c50 f2e8d6 efe6d8 c89a7f 9aa094 d8c4a4 7f8a90",
            ),
        ),
    ),
    Painter(
        name="Willem Kranenborgh",
        school="Dutch",
        years=(1638, 1671),
        formats=(0.82, 1.25, 1.4),
        hand=QuietStillLife(
            manner="fruit",
            brush=4.4,
            stray=0.008,
            palettes=(
                "3a3024 4a3826 120d0a f6e4bc 8a8474 a83a24 d98a2f c9b04a e0a040",
                "2f2c26 5a4a38 0f0c0b f2e2c0 6f7a84 7f2f3a 8fa04a c96a2f d9b85a",
                "33291f 3f3f34 100b08 f8e6c4 a08a5a b8502a e0b040 7a3a44 d9702f",
            ),
        ),
    ),
    Painter(
        name="Noémie Castaing-Rolle",
        school="French",
        years=(1868, 1903),
        formats=(0.8, 0.85, 1.0),
        hand=QuietStillLife(
            manner="flowers",
            brush=5.2,
            stray=0.02,
            palettes=(
                "8f9a94 b09a7f 4a4f4a f4ecdc 6f8aa8 4f6f3f e8a0a8 f2d8d0 c9485a f4ead8",
                "6f6a5a 8a7458 38342c f2e6cc d8cfb8 5a6f3a e8b03f d9703a f2dfa0 a83a2f",
                "a8b0b8 c8bca8 5a6068 f6f0e4 b89068 5f7a54 8a74b8 c8b4d8 f2eef0 e0c45a",
            ),
        ),
    ),
)

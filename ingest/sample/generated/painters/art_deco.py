"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.art_deco import ArtDeco

PAINTERS = (
    Painter(
        name="Raymond Castellane",
        school="American",
        years=(1926, 1939),
        formats=(0.66, 0.7, 1.3),
        hand=ArtDeco(
            manner="city",
            rays=30,
            palettes=(
                "1f2f4f c9743f f6d48a 141a2c 3f4a6a 8f7f8f e0b450",
                "0f3a44 3f9a8f f2e6b0 0c1f28 2a5a62 6fa89a d9b45a",
                "3a1f3f c4556a f8c98a 1c1224 5a3560 a8708a e8c070",
            ),
            places=("Gotham Heights", "Meridian City", "Port Adair", "New Carthage"),
        ),
    ),
    Painter(
        name="Solange d'Évremont-Kaya",
        school="French",
        years=(1925, 1938),
        formats=(0.68, 0.64, 0.75),
        hand=ArtDeco(
            manner="liner",
            rays=22,
            border=0.045,
            palettes=(
                "2f6f9a f0c48a fae3ae 1a2030 2a5a7a 5f9fb0 c9402f",
                "24405f e88a5a f9d9a0 161a26 2f4f6f 7f8fa8 d9a03a",
                "4f9a9a e9dfb0 f8efc8 14282f 2f6f74 7fb8ac e0603a",
            ),
            places=("Valparéo", "Île Céleste", "Tangora", "Nova Lisboa", "Port-Mirage"),
        ),
    ),
    Painter(
        name="Brynhilde Ødegård-Lund",
        school="Norwegian",
        years=(1928, 1947),
        formats=(0.72, 1.25, 0.8),
        hand=ArtDeco(
            manner="valley",
            rays=18,
            border=0.03,
            palettes=(
                "3f7fae a8cfd0 f8ecc0 1f3f34 3f7a4f a0b85f f0c04a",
                "5f4f8f e09a8a f9dca8 2a2444 5a4f84 a88aa8 f0a84a",
                "2f6f7f 8fc4b0 f4eec4 1a3a3a 2f7060 7fae84 e8703f",
            ),
            places=("Fjellsund", "Trolldal", "Hvitefoss", "Nordlia"),
        ),
    ),
)

"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.woodblock import Woodblock

PAINTERS = (
    Painter(
        name="Hatsuyama Rinkei (初山 林渓)",
        school="Japanese",
        years=(1824, 1847),
        formats=(1.48, 1.5, 1.45),
        hand=Woodblock(
            swell=0.15,
            curl=0.95,
            rows=4,
            contours=3,
            palettes=(
                "efe3c8 2c4a72 e6cfa8 16305a 2f5f96 9fbccb c8452f 14213a",
                "ece0c6 54708f e9c7a0 1d3557 3f7196 b4ccd0 d9583a 1a2238",
                "f0e6cf 7f4a4a f0b98f 203a55 45748c b9cfc8 c23a2b 1c2030",
            ),
            places=("Kanazuru", "Shiomi-ura", "Tsukubane", "Awabi Point"),
        ),
    ),
    Painter(
        name="Kiyohara Tōgetsu (清原 冬月)",
        school="Japanese",
        years=(1840, 1866),
        formats=(0.68, 0.7, 1.45),
        hand=Woodblock(
            swell=0.06,
            curl=0.35,
            rows=8,
            contours=2,
            moonlit=True,
            palettes=(
                "e6dfcb 24304f 7f8fa8 141d38 2b4468 8aa2b4 f2ead0 0f1526",
                "e4dcc6 3a3550 a88fa0 221f3c 46456e a9a5bf f5e6c0 15132a",
                "e2e0d0 1f4048 88a8a0 0f2a33 28565c 93b5ac f0ecd0 0a1c22",
            ),
            places=("Mikazuki Bay", "Nezumijima", "Uraga-shima", "Okinami", "the Seven Rocks"),
        ),
    ),
    Painter(
        name="Sakurai Oshun (桜井 お春)",
        school="Japanese",
        years=(1896, 1929),
        formats=(1.32, 0.75, 1.0),
        hand=Woodblock(
            swell=0.075,
            curl=0.6,
            rows=6,
            contours=4,
            palettes=(
                "f6ead6 e88f7a f7cfa0 2a6f7f 58a5a5 c2ddd0 e4573f 2a4a55",
                "f4e8da b58ab5 f6c9b4 4a5f9a 8199c8 d3d6e2 f08a5a 333a66",
                "f3edd9 6fa8b8 f3dfa8 2f7a68 6ab08f cfe0c0 e8793a 24524a",
                "f5e9dc d97f8f f9d9b0 5a4f8f 9a8fc0 e0d3df f3b04a 3a3360",
            ),
            places=("Hamagiku", "Isobe", "Wakasato", "Little Pine Island", "Minamoura"),
        ),
    ),
)

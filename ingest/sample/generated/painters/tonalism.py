"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.tonalism import Tonalism

PAINTERS = (
    Painter(
        name="Eilidh Strathmorran",
        school="Scottish",
        years=(1878, 1906),
        formats=(1.6, 1.9, 1.4),
        hand=Tonalism(
            manner="ranges",
            brush=5.0,
            palettes=(
                "8fa3b5 dcd6c8 7f93a6 24303c f4e6c8",
                "a48f9a ecc9a8 94808f 2b2430 f8e2b8",
                "7f9a9a d8dccb 6f8c8a 1f2f2e f0ecd0",
                "5f6f8a b9b8b8 5f6f85 1a2230 e8e2d4",
            ),
            places=("Glen Orrach", "Corrie Dubhan", "Strathmorran", "Ben Aillig"),
            varnish="fff5e0",
        ),
    ),
    Painter(
        name="Augustus Pell Hathorne",
        school="American",
        years=(1869, 1898),
        formats=(1.5, 1.25, 0.8),
        hand=Tonalism(
            manner="dusk",
            brush=4.6,
            palettes=(
                "5f5a42 c99a4a 5f4f2f 231d12 f6c869",
                "6f5a5a d98a5a 5f4440 201618 f9b26a",
                "5a6358 b9a868 4f5238 1c2018 ecd890",
                "3f4a5a a98a6a 45453f 15181c f2c486",
            ),
            places=("Quassapaug Meadows", "Tamsin Creek", "Old Saybridge", "Pell's Landing"),
            varnish="ffe6b4",
        ),
    ),
    Painter(
        name="Aurélien Sablonnière",
        school="Belgian",
        years=(1882, 1911),
        formats=(1.4, 0.72, 1.15),
        hand=Tonalism(
            manner="nocturne",
            brush=4.2,
            palettes=(
                "22384f 3f5f74 2c475c 0e1c2b f5cf7a",
                "2f3f3f 56706a 374f4c 10201f f2d98a",
                "33304a 5d5a78 3f3c58 14132a f6c48a",
            ),
            places=("Oostvaart", "Lijsterkade", "Port-Cendré", "the Basin Rijk", "Zwartewaal"),
            varnish="f6f2e0",
        ),
    ),
)

"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.pointillism import Pointillism

PAINTERS = (
    Painter(
        name="Théodule Marchecendre",
        school="French",
        years=(1884, 1899),
        formats=(1.5, 1.25, 1.6),
        hand=Pointillism(
            dot=4.6,
            divided=0.1,
            dark_rim=True,
            palettes=(
                "7fa7cf f3dcae 8d9ac0 3f6b4a b7bf55 7fa6b4 d9663f",
                "8fb6d8 f6e7c8 a3a9cc 48754f c9c45a 86b0a8 e08a4a",
                "b59ac0 f5c79a 8f82b3 4f5f6f a7a15f 9a9fc0 d9573f",
            ),
            motifs=("river", "meadow", "harbour"),
            places=("Courvane", "Asnelles-le-Pont", "Port-Sauvin", "the Île Brédanne"),
        ),
    ),
    Painter(
        name="Hélène Van Oosterwyck",
        school="Belgian",
        years=(1888, 1912),
        formats=(1.3, 1.45, 0.85),
        hand=Pointillism(
            dot=6.2,
            divided=0.15,
            palettes=(
                "5f7fc4 f7c27a 7a6fb0 2f6f6f e0a94a 4f7fb8 e5573a",
                "c98ab4 f9d08a a06fa8 4a5f8f d98a5f 7f86c4 f09a3a",
                "4fa0b8 f4efc0 6f8fc0 2f7f5f d9c94a 3f9fae d9456a",
            ),
            motifs=("harbour", "river", "snow", "harbour"),
            places=("Knokke-Zand", "the Scheldewijk", "Duinhoek", "Sint-Aldegonde", "Breskerke"),
        ),
    ),
    Painter(
        name="Anselmo Brighenti",
        school="Italian",
        years=(1891, 1908),
        formats=(1.7, 1.9, 1.4),
        hand=Pointillism(
            dot=3.9,
            divided=0.075,
            palettes=(
                "6f9ad0 e9ecd8 8aa0c4 4a6a3f a9b050 9fb0a0 d9b04a",
                "5f7fae f0d8b8 7f8fb0 3f5a4a 8f9a4a b0a890 c9804a",
                "8fb0d4 f4eee4 9fb0cf 5f6a6f 9aa07a b8c0c4 c98a5a",
            ),
            motifs=("snow", "meadow", "river"),
            places=("Valdorsa", "Passo Lunghèr", "Malga Tremèn", "the Lago d'Arvìs"),
        ),
    ),
)

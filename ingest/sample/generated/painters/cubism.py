"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.cubism import Cubism

PAINTERS = (
    Painter(
        name="Joaquim Ferrantell",
        school="Spanish",
        years=(1909, 1916),
        formats=(0.8, 0.74, 1.2),
        hand=Cubism(
            facets=64,
            shift=0.05,
            line=1.6,
            touch=4.5,
            palettes=(
                "1f1b17 4f4636 8f7f5f cdbb93 a8854f 6f5f45 8a8f7f",
                "1d1e1e 45494a 80847f c6c4b4 8f8f80 6a6f6f b09a70",
                "211a14 5a4a33 9a8358 d8c79a b58a4a 7a6a4a 5f6f62",
            ),
        ),
    ),
    Painter(
        name="Zdenka Horáčková",
        school="Czech",
        years=(1911, 1925),
        formats=(1.0, 0.85, 1.25),
        hand=Cubism(
            facets=34,
            shift=0.035,
            line=0,
            touch=6.5,
            palettes=(
                "1c2438 3f4f74 8f8fa8 e6d8c4 c8553f d99a4a 5f8a7a",
                "24182c 5f3f5f a87f8a ecd4bc d9703f e8b45a 6f7fae",
                "14282a 2f5a5a 7fa090 e8e0c0 c86a4a e0b850 8a5a7a",
            ),
        ),
    ),
    Painter(
        name="Baptiste Nkoulou-Perrin",
        school="French",
        years=(1912, 1930),
        formats=(1.3, 0.7, 1.1),
        hand=Cubism(
            facets=24,
            shift=0.025,
            line=3.2,
            touch=5.5,
            palettes=(
                "16161a 2f4a3a 7a8a5a efe6c8 e0a52f b8402f 2f5f8a f2d9a0",
                "151518 5a2f2a b0744f f4e2c4 3f7f7a e2b03f 8a3a4a e8e0d0",
                "14141c 2a3560 6f86b0 f0ead8 d9583a f0c04a 3f8a6a e8c8b0",
            ),
        ),
    ),
)

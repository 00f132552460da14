"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.gold_ground import GoldGround

PAINTERS = (
    Painter(
        name="Maestro di Santa Orsina",
        school="Italian",
        years=(1310, 1345),
        formats=(0.72, 0.66, 0.76),
        hand=GoldGround(
            manner="saint",
            slender=0.72,
            wear=0.55,
            palettes=(
                "c99a3f 7f2a2a 23395f c99a74 3a2416 b8862f",
                "c4963c 2f4a3a 6f2a3a c48f6a 2f1f18 a87f3a",
                "cfa04a 3f2a4f 2a4a5f d0a480 4a2e1a b8863a",
            ),
            titles=(
                "Saint Orsina",
                "Our Lady of the Almond Tree",
                "Saint Ludmera",
                "The Hermitess of Monte Cavo",
                "Santa Benigna",
                "The Watcher of the Threshold",
                "Saint Teodola",
                "Madonna of the Ropemakers",
                "The Prophetess",
                "Saint Orsina, Later Version",
            ),
        ),
    ),
    Painter(
        name="Θεόφραστος Καλλινίκης",
        school="Greek",
        years=(1480, 1530),
        formats=(1.7, 1.9, 1.5),
        hand=GoldGround(
            manner="row",
            slender=0.66,
            wear=0.7,
            palettes=(
                "b8893a 8a2f24 2f3f4f a8744a 2a1a12 4f5a2f",
                "bf8f3a 3f4f3a 7a2a2a b0805a 2a1c14 2f4a6a",
                "ad7f38 5a2a3a 2a4a4a a5704a 1f1510 9a6a2f",
            ),
            titles=(
                "Three Healers",
                "The Four Watchers",
                "The Company of Saint Zosima",
                "The Patrons of Sailors",
                "Four Sisters",
                "Synaxis of the Five",
                "The Founders",
                "The Physicians without Fee",
                "The Council at Myrsini",
                "Witnesses",
            ),
        ),
    ),
    Painter(
        name="Leopoldine Ahrenberg-Tóth",
        school="Austrian",
        years=(1899, 1917),
        formats=(0.8, 1.0, 0.62),
        hand=GoldGround(
            manner="sitter",
            slender=0.62,
            wear=0.25,
            palettes=(
                "d0a54a 2a2a3a 7f8f9a e2c4aa 3a2218 b8452f",
                "c9a04a 4a2f5a 3f7f6a e6cab4 6f3418 e0d0a0",
                "d6b05a 1f3f4f b8603a dcbca0 1f1814 8fa88a",
            ),
            titles=(
                "Portrait of Frau Valerie Lenz",
                "The Cellist's Daughter",
                "Portrait of Hermine Szabó",
                "Lady in Tesserae",
                "Portrait of Ida Morgenthal",
                "Expectation",
                "Portrait of a Botanist",
                "Margit, Evening",
                "Portrait of Baroness Ottenfels",
                "The Goldsmith's Wife",
            ),
        ),
    ),
)

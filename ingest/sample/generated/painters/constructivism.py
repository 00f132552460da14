"""The invented painters of this style."""

from ingest.sample.generated.painters.painter import Painter
from ingest.sample.generated.schools.constructivism import Constructivism

PAINTERS = (
    Painter(
        name="Варвара Лисенко-Гай",
        school="Ukrainian",
        years=(1914, 1924),
        formats=(0.82, 1.0, 0.75),
        hand=Constructivism(
            manner="floating",
            slant=-0.62,
            palettes=(
                "ece5d3 1a1917 c5281f e0a526 2f4f8f 7f9a7a",
                "efe9da 1c1b1c 2a4d8f d9432f e8b93a c8a8a0",
                "e9e2cf 191817 d9832a 2f6f5f b8322a 8f8a80",
            ),
            titles=(
                "Ascent",
                "Planes in Flight",
                "Bars and a Sun",
                "Departure",
                "Dynamic No. 4",
                "Weightless",
                "Aerial Survey",
                "The Pull of the Corner",
                "Dynamic No. 9",
                "Snowfield, Noon",
            ),
        ),
    ),
    Painter(
        name="Gyula Szentpéteri-Holló",
        school="Hungarian",
        years=(1921, 1933),
        formats=(1.25, 1.0, 1.4),
        hand=Constructivism(
            manner="orbits",
            slant=0.7,
            palettes=(
                "e6e0d0 1c1c20 bf3a2b 3f5f8a d9a441 8fa39a",
                "1f232b e9e2d0 e0a63a c8472f 5f8fae b8b09a",
                "efe6d6 2a2530 d96a4a 6f5f9a e8bf5a 4f8f8a",
            ),
            titles=(
                "Small Planetarium",
                "Telegraph",
                "Concentric Argument",
                "Wireless Evening",
                "Ephemeris",
                "Perpetual Motion, Explained",
                "Many Moons",
                "The Clockmaker's Dream",
                "Radio Danubia",
                "Transit",
            ),
        ),
    ),
    Painter(
        name="Ēriks Vītolnieks",
        school="Latvian",
        years=(1918, 1931),
        formats=(1.3, 0.7, 0.75),
        hand=Constructivism(
            manner="wedge",
            slant=-0.45,
            palettes=(
                "eae3d2 1b1a1a c4251c 8f8b82 d8cdb4",
                "efe8d8 20201f d2451e 5f6f78 e2c27a",
                "e8e4d6 141a24 b81f2d 3f5f7f d9d2bd",
            ),
            titles=(
                "The Wedge",
                "Workers' Club, Study",
                "Everyone to the Library",
                "Blow by Blow",
                "Poster for a Silent Film",
                "The Printing Press",
                "Against the Circle",
                "Eleven O'Clock Shift",
                "Loudspeaker",
                "Electrify",
            ),
        ),
    ),
)

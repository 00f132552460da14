"""The colours and typefaces that the web page and the reports share."""

MODEL_COLOURS = ("#9a3f2d", "#23686b", "#8a6414", "#56447c", "#4c6a2c", "#8a2f5c")
"""Heading and line of each model: dark enough to be read on the background, and told apart."""

JOINT_COLOUR = "#4a443d"
INK = "#26221e"
FAINT_INK = "#6b635a"
RULE = "#ddd6c9"

SANS = "'Source Sans', 'Source Sans 3', system-ui, 'Segoe UI', 'Liberation Sans', sans-serif"
SERIF = (
    "'Iowan Old Style', 'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, "
    "'Liberation Serif', 'DejaVu Serif', serif"
)

"""A sample collection that the project draws itself: no download, no museum, no rights.

Some three dozen invented painters in twelve styles, three to a style, each with a hand of their
own. It is there so that the product can be tried on a machine without internet; every row of its
table says that it is generated.
"""

from ingest.sample.generated.collection import SOURCE, WORKS, draw_collection

__all__ = ["SOURCE", "WORKS", "draw_collection"]

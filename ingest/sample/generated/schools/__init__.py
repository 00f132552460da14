"""One module for each school of drawing; its class is a :class:`~..picture.Hand`."""

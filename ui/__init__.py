"""The interfaces of Vasari: the command line and the web page."""

"""Serving the web page: the server, and what stands between it and those who ask.

Streamlit runs as an ASGI application inside ours, in the process of ``vasari serve``.
"""

"""The web page's entry point: `streamlit run ui/app.py`, which `vasari serve` does."""

from ui.web.page import show_site

show_site()

"""The web page's entry point: `streamlit run ui/app.py`, which `vasari ui` does."""

from ui.web.page import show_site

show_site()

"""The web page: what a visitor sees and does, drawn with Streamlit.

Nothing is decided here that another interface decides too: the page asks ``search`` and
``catalog`` the questions that the commands ask, and presents the answers.
"""

"""How the page looks: its colours and its style sheet."""

from collections.abc import Iterable, Sequence

import streamlit as st

from ui.palette import FAINT_INK, INK, JOINT_COLOUR, MODEL_COLOURS, RULE, SANS, SERIF

UPLOAD_FAILED = (
    "This file was not taken. It is too large or no picture, or too many pictures are being looked "
    "at: choose another one, or try again in a minute."
)


def colours_of(models: Sequence[str], joint: Iterable[str] = ()) -> dict[str, str]:
    """Return one colour a model, the same on the whole page, and one for all joint answers."""
    return dict.fromkeys(joint, JOINT_COLOUR) | {
        model: MODEL_COLOURS[place % len(MODEL_COLOURS)] for place, model in enumerate(models)
    }


def apply_style() -> None:
    """Lay the style sheet over the page."""
    st.html(f"<style>{_STYLE}</style>")


_STYLE = f"""
.stApp {{ color: {INK}; }}
.stMainBlockContainer {{ max-width: 1500px; padding: 2.6rem 3rem 5rem; }}
[data-testid="stHeader"] {{ background: transparent; }}
[data-testid="stMainMenu"], [data-testid="stAppDeployButton"], [data-testid="stDecoration"],
[data-testid="stStatusWidget"], footer {{ display: none; }}
[data-testid="stSidebar"] {{ border-right: 1px solid {RULE}; }}
[data-testid="stSidebarHeader"] {{ height: 3rem; }}
a {{ color: inherit; }}

.v-masthead {{ display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem;
  align-items: end; border-bottom: 1px solid {RULE}; padding-bottom: 1rem; }}
.v-masthead h1 {{ font: 500 3rem/1 {SERIF}; letter-spacing: .01em; margin: 0; padding: 0; }}
.v-masthead p {{ margin: .55rem 0 0; font-size: 1.02rem; color: {FAINT_INK}; }}
.v-size {{ text-align: right; font-size: .9rem; line-height: 1.45; color: {FAINT_INK}; }}
.v-size b {{ font: 500 1.25rem/1.2 {SERIF}; color: {INK}; }}

.st-key-pages {{ margin-top: -.4rem; }}
.st-key-pages a {{ padding: .1rem 0; border-radius: 0; background: none; }}
.st-key-pages a:hover {{ background: none; text-decoration: underline; }}
.st-key-pages a p {{ font: 400 1.05rem/1.5 {SERIF}; }}
.st-key-page-here a {{ border-bottom: 2px solid {INK}; }}
.v-promise {{ font: 500 1.1rem/1.3 {SERIF}; margin: 0 0 .2rem; }}

.v-heading {{ font: 500 1.5rem/1.25 {SERIF}; margin: 1.1rem 0 .1rem; padding: 0; }}
.v-side {{ font: 500 1.15rem/1.25 {SERIF}; margin: .4rem 0 0; padding: 0; }}
/* As wide as with the focus: a field that shrinks when it loses the focus moves what is below it
   from under the pointer in the middle of a click, and the click is lost. */
.stMultiSelect [data-testid="stMultiSelectTagsContainer"] input {{ min-width: 48px; }}
.st-key-clear-filters button p {{ font-size: .9rem; text-decoration: underline;
  text-underline-offset: 3px; }}
.v-faint {{ color: {FAINT_INK}; font-size: .9rem; line-height: 1.45; margin: 0; }}
.v-rule {{ border: 0; border-top: 1px solid {RULE}; margin: .6rem 0 0; }}

.v-notice {{ border-left: 3px solid #8a6414; background: #f5efdf; padding: .8rem 1.1rem;
  border-radius: 2px; line-height: 1.5; overflow-wrap: anywhere; }}
.v-notice.v-problem {{ border-left-color: #9a3f2d; background: #f6e9e4; }}
.v-notice b {{ font-weight: 600; }}
.v-notice p {{ margin: .25rem 0 0; white-space: pre-line; }}
.v-notice code {{ background: rgba(0, 0, 0, .06); color: {INK}; padding: .05em .35em;
  font-size: .9em; border-radius: 2px; }}

/* Streamlit says why an upload failed in a tooltip, and in words for programmers. */
[data-testid="stFileUploader"]:has([aria-invalid="true"])::after {{ content: "{UPLOAD_FAILED}";
  display: block; border-left: 3px solid #9a3f2d; background: #f6e9e4; padding: .6rem 1rem;
  margin-top: .5rem; line-height: 1.5; }}

.v-query {{ margin: .6rem 0 0; background: #efebe2; display: flex; justify-content: center;
  align-items: center; height: 360px; padding: 14px; box-sizing: border-box; }}
.v-query img {{ max-width: 100%; max-height: 100%; object-fit: contain;
  box-shadow: 0 1px 5px rgba(38, 34, 30, .28); }}
.st-key-query {{ padding-top: .6rem; }}
.v-label {{ text-transform: uppercase; letter-spacing: .09em; font-size: .74rem;
  color: {FAINT_INK}; margin: 0; }}
.v-middle {{ text-align: center; overflow-wrap: anywhere; }}
.v-title {{ font: 500 1.9rem/1.2 {SERIF}; margin: .25rem 0 .3rem; padding: 0;
  overflow-wrap: anywhere; }}
.v-facts {{ display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem;
  margin: .7rem 0 .4rem; font-size: .95rem; }}
.stHtml dl.v-facts {{ padding: 0; }}
.stHtml dl.v-numbers {{ padding: .3rem 0 0; }}
.v-facts dt, .v-numbers dt {{ color: {FAINT_INK}; font-weight: 400; margin: 0; padding: 0; }}
.v-facts dd, .v-numbers dd {{ margin: 0; padding: 0; overflow-wrap: anywhere; }}

div[class*="st-key-tiles-"] {{ display: grid; gap: 1.5rem 1rem; align-items: stretch;
  grid-template-columns: repeat(auto-fill, minmax(min(140px, 100%), 1fr)); }}
div.st-key-tiles-collection {{
  grid-template-columns: repeat(auto-fill, minmax(min(160px, 100%), 1fr)); }}
div.st-key-tiles-records {{
  grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); }}
.st-key-tiles-records .v-frame {{ height: 300px; }}
[class*="st-key-tiles-"] > * {{ width: 100%; min-width: 0; height: auto; }}
/* Numbers and buttons of a row of tiles stand on one line, however long the titles are. */
[class*="st-key-tile-"] {{ gap: .1rem; height: 100%; }}
[class*="st-key-tile-"] > :first-child, [class*="st-key-tile-"] > :first-child > * {{
  flex: 1; display: flex; flex-direction: column; }}
.v-tile {{ margin: 0; flex: 1; display: flex; flex-direction: column; }}
.v-tile figcaption {{ flex: 1; display: flex; flex-direction: column; align-items: stretch; }}
.v-frame {{ position: relative; height: 190px; background: #efebe2; display: flex;
  align-items: center; justify-content: center; padding: 8px; box-sizing: border-box; }}
.v-frame img {{ width: 100%; height: 100%; object-fit: contain; }}
.v-frame.v-shared {{ box-shadow: inset 0 0 0 2px #b99a4c; }}
.v-nothing {{ color: {FAINT_INK}; font-size: .85rem; text-align: center; }}
.v-rank {{ position: absolute; left: 0; top: 0; min-width: 1.6em; padding: .1em .3em;
  text-align: center; font: 500 1rem/1.4 {SERIF}; color: #fff; }}
.v-mark {{ position: absolute; right: 0; bottom: 0; padding: .12em .5em; font-size: .74rem;
  background: #b99a4c; color: #1d1a17; }}
.v-tile figcaption {{ padding-top: .45rem; font-size: .88rem; line-height: 1.35;
  overflow-wrap: anywhere; }}
.v-work {{ font: 500 1rem/1.25 {SERIF}; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; overflow: hidden; }}
.v-by, .v-given, .v-source, .v-other {{ color: {FAINT_INK}; display: block; }}
.v-by {{ display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
  overflow: hidden; }}
.v-given, .v-source, .v-other {{ font-size: .8rem; }}
.v-source {{ padding-bottom: .4rem; }}
.v-numbers + .v-other:last-child {{ min-height: 2.7em; }}
.v-numbers {{ display: grid; grid-template-columns: 1fr max-content; gap: 0 .5rem;
  margin: auto 0 .15rem; border-top: 1px solid {RULE};
  font-variant-numeric: tabular-nums; font-size: .84rem; }}
.v-numbers dd {{ text-align: right; white-space: nowrap; }}
[class*="st-key-tile-"] button {{ padding: 0; min-height: 1.7rem; }}
[class*="st-key-tile-"] button p {{ font-size: .86rem; text-decoration: underline;
  text-decoration-color: #c9bfae; text-underline-offset: 3px; }}

[class*="st-key-next-"] {{ display: grid; grid-template-columns: max-content max-content;
  column-gap: .9rem; row-gap: 0; }}

.st-key-tray {{ display: grid; gap: 1.2rem 1rem; margin: .6rem 0 .4rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(max(150px, 14vw), 100%), 1fr)); }}
.st-key-tray > * {{ width: 100%; min-width: 0; }}
[class*="st-key-tray-"] {{ gap: .35rem; }}
.st-key-tray .v-frame {{ height: 170px; }}
.st-key-tray .v-work, .v-strip .v-work, .v-strip .v-by {{ -webkit-line-clamp: 1; }}
[class*="st-key-row-"] {{ column-gap: .9rem; row-gap: 0; }}
[class*="st-key-row-"] button {{ padding: 0; min-height: 1.6rem; }}
[class*="st-key-row-"] button p {{ font-size: .86rem; text-decoration: underline;
  text-decoration-color: #c9bfae; text-underline-offset: 3px; }}
.v-sign {{ position: absolute; left: 0; top: 0; width: 1.5em; text-align: center; color: #fff;
  font: 500 1.15rem/1.5 {SERIF}; }}
.v-like {{ background: #4c6a2c; }}
.v-unlike {{ background: #9a3f2d; }}
.v-words {{ font: italic 400 1.15rem/1.4 {SERIF}; text-align: center; padding: 0 .6rem;
  overflow-wrap: anywhere; }}
.v-query.v-words {{ font-size: 1.8rem; height: 200px; }}

.v-photo {{ height: auto; }}
.v-photo img {{ max-height: 68vh; }}
.v-beside {{ height: 260px; }}
.v-evidence {{ margin: .8rem 0 0; text-align: center; }}
.v-evidence img {{ max-width: 100%; }}
.v-bar {{ display: grid; grid-template-columns: minmax(0, 9rem) 1fr 3rem; gap: .6rem;
  align-items: center; border: 0; padding: .12rem 0; font-size: .9rem; }}
.v-measures .v-bar {{ border: 0; padding: .12rem 0; }}
.v-bar span {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.v-bar i {{ height: .7rem; background: #b99a4c; }}
.v-measures .v-bar b {{ font: 400 .88rem/1.3 {SANS}; text-align: right; margin: 0; }}

.v-between {{ font: 500 1.1rem/1.3 {SERIF}; margin: 1.1rem 0 .15rem; padding: 0; }}
.v-measures {{ display: grid; gap: .8rem 2rem; margin: .5rem 0 .2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr)); }}
.v-measures div {{ border-top: 1px solid {RULE}; padding-top: .4rem; }}
.v-measures b {{ font: 500 1.7rem/1.2 {SERIF}; margin-right: .5rem;
  font-variant-numeric: tabular-nums; }}
.v-strip {{ display: grid; gap: .8rem; margin: .5rem 0 .3rem;
  grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); }}
.v-strip .v-frame {{ height: 92px; padding: 4px; }}
.v-strip .v-tile figcaption {{ font-size: .8rem; padding-top: .3rem; }}
.v-strip .v-work {{ font-size: .88rem; }}
.v-strip .v-given, .v-strip .v-source {{ display: none; }}

.v-why {{ margin: 0; line-height: 1.5; }}
.v-heat {{ display: flex; align-items: center; gap: .8rem; font-size: .85rem;
  color: {FAINT_INK}; max-width: 420px; margin: .2rem 0 .5rem; }}
.v-heat i {{ flex: 1; height: .8rem; border-radius: 2px; background: linear-gradient(90deg,
  #000004, #420a68, #932667, #dd513a, #fca50a, #fcffa4); }}

.v-model {{ border-top: 4px solid; padding-top: .55rem; }}
.v-model h2 {{ font: 500 1.5rem/1.2 {SERIF}; margin: 0; padding: 0; }}
.v-model p {{ margin: .2rem 0 .3rem; color: {FAINT_INK}; font-size: .88rem; line-height: 1.4; }}

.v-table {{ overflow-x: auto; }}
.v-table table {{ border-collapse: collapse; width: 100%; font-size: .93rem;
  font-variant-numeric: tabular-nums; }}
.v-table th, .v-table td {{ padding: .4rem .7rem; text-align: right; border: 0;
  border-bottom: 1px solid {RULE}; white-space: nowrap; }}
.v-table th {{ font-weight: 500; color: {FAINT_INK}; vertical-align: bottom; white-space: normal; }}
.v-table tbody th {{ text-align: left; color: {INK}; }}
.v-table tbody th {{ white-space: nowrap; }}
.v-table + p {{ margin: .9rem 0 .2rem; }}
.v-table .v-group {{ text-align: center; color: {INK}; }}
.v-table .v-first {{ padding-left: 1.6rem; }}
.v-swatch {{ display: inline-block; width: .7em; height: .7em; margin-right: .55em; }}

@media (max-width: 1150px) {{
  .stMainBlockContainer {{ padding: 2.4rem 1.8rem 4rem; }}
  .v-query {{ height: 320px; }}
  .v-frame {{ height: 170px; }}
  .v-table th, .v-table td {{ padding: .35rem .4rem; }}
  .v-table {{ font-size: .9rem; }}
}}
@media (max-width: 640px) {{
  .stMainBlockContainer {{ padding: 3.4rem 1rem 3rem; }}
  .v-masthead {{ grid-template-columns: 1fr; gap: .6rem; }}
  .v-masthead h1 {{ font-size: 2.3rem; }}
  .v-size {{ text-align: left; }}
  .v-query {{ height: auto; max-height: 60vh; }}
  .v-query img {{ max-height: 52vh; }}
  .v-title {{ font-size: 1.5rem; }}
}}
"""

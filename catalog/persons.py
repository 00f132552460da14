"""Telling names of persons from what museums write where they know none.

"American 19th Century", "Unknown", "Marcantonio School" and "Gorham Manufacturing Company" stand
where an artist's name would, and two records that have them say nothing of who made a work.
"""

import re
import unicodedata

_NOBODY = re.compile(
    r"""\b(?:
        anonym\w* | anonimo | unknown | unbekannt\w* | inconnue? | ignoto | ignota | desconocid[oa]
      | onbekende? | ukjent | okand | unidentified | various | unpublished | unsigned
      | неизвестн\w* | аноним\w*
      | century | centuries | cent | siecle | secolo | siglo | jahrhundert\w* | eeuw | века?
      | dynasty | period | antique | culture
      | school | scuola | schule | ecole | escuela | школа
      | attributed\ to | circle\ of | follower | followers | imitators? | manner\ of | after
      | workshops? | werkstatt | bottega | atelier | ateliers | studios?
    )\b""",
    re.VERBOSE,
)
"""Words of no name: nobody known, a place and a time, hands around a master."""

_COMPANY = re.compile(
    r"""\b(?:
        academy | agency | archives? | artists | associat(?:es|ed|ion) | atheneum | books | bros
      | brothers | buchdruckerei | centers? | centre | cie | club | co | coalition | collective
      | college | comics | committee | company | corp | corporation | council | creations
      | editions? | enterprises | etablissements? | fabrik | factory | family | federation
      | films? | fondation | fonds | foundation | foundry | freres | fund | galerie
      | galler(?:y|ies) | galleria | gmbh | graphics | gravure | group | imprimeries? | inc
      | industries | institut\w* | international | kunstverein | laborator(?:y|ies)
      | librar(?:y|ies) | limited | litho\w* | litografia | llc | ltd | magazine | makers
      | manufactory | manufacture | manufacturing | manufaktur | movement | museo | museum
      | news | novelties | office | papermill | photos | porcelain | porzellan | pottery
      | presse? | printers | printing | printmakers | prints | productions? | project | projects
      | publications? | publishers? | publishing | review | services | silkscreen | societe
      | society | stamperia | taller | tapestr(?:y|ies) | typograph\w* | union | united\ states
      | universit\w* | verlag | works
    )\b""",
    re.VERBOSE,
)
"""Words of companies and institutions, beside another word: alone they may be a surname."""

_PLACES = re.compile(
    r"(?:american|austrian|belgian|bohemian|british|byzantine|catalan|chinese|danish|dutch|egyptian"
    r"|english|european|flemish|florentine|franco-flemish|french|german|greek|indian|irish|italian"
    r"|japanese|korean|mexican|netherlandish|persian|polish|portuguese|roman|russian|scottish"
    r"|sienese|spanish|swedish|swiss|turkish|venetian)(?:\s+(?:republic|or)\b.*)?"
)
"""A place alone, such as "Italian" or "Spanish (Castile)"."""

_SEVERAL = re.compile(r"\s(?:and|or|et|und|и|или)\s|[&;/]")
_BRACKETED = re.compile(r"\([^()]*\)")


def names_a_person(text: str) -> bool:
    """Tell whether a name is that of one person, as far as its words say."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    name = " ".join(_BRACKETED.sub(" ", plain).replace(".", " ").split())
    company = " " in name and _COMPANY.search(name)
    return not (_NOBODY.search(name) or company or _PLACES.fullmatch(name) or _SEVERAL.search(name))

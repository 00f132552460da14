"""Names of artists as sources write them, taken apart and compared."""

import pytest

from catalog.name_matching import match_names
from catalog.names import name_key, parse_name, sounds


def _confidence(first: str, second: str) -> float:
    one, other = parse_name(first), parse_name(second)
    found, back = match_names(one, other), match_names(other, one)
    assert (found is None) == (back is None)
    if found is None or back is None:
        return 0.0
    assert found.confidence == back.confidence
    return found.confidence


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Jean-Honoré Fragonard", "Jean Honore Fragonard"),
        ("Vincent van Gogh", "VINCENT VAN GOGH"),
        ("Itō Jakuchū", "Ito Jakuchu"),
        ("Łucja  Øverland", "Lucja Overland"),
        ("Фёдор Васильев", "Федор  Васильев"),
    ],
)
def test_accents_case_and_punctuation_make_no_other_name(first: str, second: str) -> None:
    assert name_key(first) == name_key(second) != ""
    assert _confidence(first, second) >= 0.99


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Поль Гоген", "Paul Gauguin"),
        ("Анри де Тулуз-Лотрек", "Henri de Toulouse-Lautrec"),
        ("Теодор Жерико", "Théodore Géricault"),
        ("Джон Уильям Уотерхаус", "John William Waterhouse"),
        ("Жан-Леон Жером", "Jean Leon Gerome"),
        ("Иероним Босх", "Hieronymus Bosch"),
        ("Сандро Боттичелли", "Sandro Botticelli"),
        ("Василий Верещагин", "Vasily Vereshchagin"),
        ("Винсент Ван Гог", "Vincent van Gogh"),
        ("Эжен Делакруа", "Eugène Delacroix"),
    ],
)
def test_a_name_is_known_by_its_sound_in_another_script(first: str, second: str) -> None:
    assert 0.85 < _confidence(first, second) < 0.99


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Diego Velázquez", "Velázquez Diego Rodríguez de Silva (Siviglia  1599 - Madrid  1660)"),
        ("Guercino", "Barbieri Giovan Francesco detto Guercino (Cento  1591 - Bologna  1666)"),
        ("Joseph Mallord William Turner", "J. M. W. Turner"),
        ("Vangogh", "Vincent van Gogh"),
        ("Rembrandt", "Rembrandt van Rijn"),
        ("Albert Pinkham Ryder", "Albert Ryder"),
        ("Питер Брейгель", "Pieter Bruegel the Elder"),
    ],
)
def test_other_ways_to_write_one_name_are_likely_and_not_certain(first: str, second: str) -> None:
    assert 0.75 <= _confidence(first, second) <= 0.99


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Claude Monet", "Эдуард Мане"),
        ("Monet", "Мане"),
        ("Henri Rousseau", "Théodore Rousseau"),
        ("Carracci Annibale", "Carracci Agostino"),
        ("Hans Holbein the Elder", "Hans Holbein the Younger"),
        ("Frans Pourbus II", "Frans Pourbus I"),
        ("Juan Gris", "Жан Батист Грёз"),
        ("Константин Маковский", "Александр Маковский"),
        ("Jean Baptiste Oudry", "Jean Baptiste Simeon Chardin"),
        ("American 19th Century", "American 18th Century"),
        ("Tisi Benvenuto detto Garofalo (bottega di) (Ferrara 1481 - 1559)", "Garofalo"),
        ("Carracci Annibale o Carracci Ludovico", "Carracci Ludovico"),
        ("Chris Erickson", "John C. Erickson"),
        ("P. Jones", "D.P. Jones"),
        ("Giovanni Bellini", "Gentile Bellini"),
        ("John Smith (1781 - 1852)", "John Smith (1890 - 1950)"),
    ],
)
def test_other_persons_are_kept_apart(first: str, second: str) -> None:
    assert _confidence(first, second) == 0.0


def test_what_somebody_is_also_called_is_less_sure_and_takes_nothing_from_the_name() -> None:
    name = "Robusti Jacopo detto Jacopo Tintoretto"
    assert _confidence(name, f"{name} (Venezia 1518 - 1594)") >= 0.99
    assert 0.9 < _confidence(name, "Jacopo Tintoretto") < 0.99


def test_what_is_no_name_stands_beside_it() -> None:
    name = parse_name("Régnier Nicolas detto Nicola Renieri (Maubeuge  1591 – Venezia  1667)")
    assert name.words == ("regnier", "nicolas")
    assert name.called == ("nicola", "renieri")
    assert (name.born, name.died) == (1591, 1667)
    assert parse_name("Pourbus Frans II il Giovane").rank == "younger"
    assert parse_name("Vincent van Gogh").surname == "vangogh"
    assert parse_name("Suttermans Justus (attr.) (Anversa  1597 - Firenze  1681)").qualified
    assert parse_name("").words == ()


def test_a_last_consonant_may_be_silent_and_a_first_one_not() -> None:
    assert sounds("degas") & sounds("dega")
    assert sounds("monet") & sounds("mone")
    assert not sounds("turner") & sounds("urner")


def test_a_name_without_its_rank_matches_only_if_no_other_does() -> None:
    plain, younger = parse_name("Pieter Bruegel"), parse_name("Pieter Bruegel the Younger")
    match = match_names(plain, younger)
    assert match is not None
    assert match.if_only
    assert "the younger" in match.reason

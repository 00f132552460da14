"""The century of a year, as a number and as it is written."""


def century(year: int) -> int:
    """Return the century of a year: 19 for 1801 to 1900, -5 for 500 to 401 BC (-500 to -401).

    A year 0, which there never was, counts with the 1st century.
    """
    number = max(1, (abs(year) + 99) // 100)
    return -number if year < 0 else number


def century_name(number: int, noun: str = "") -> str:
    """Return how a century is written: ``19th``, ``5th BC``; with a noun ``5th century BC``."""
    count = abs(number)
    teen = count % 100 in {11, 12, 13}
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    parts = (f"{count}{ending}", noun, "BC" if number < 0 else "")
    return " ".join(part for part in parts if part)

"""Names: how they are sorted, searched and compared. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from apps.core import pinyin

POSITIVE_FROM = 4
LOWEST_SCORE, HIGHEST_SCORE = 1, 5
MAX_GRAMS = 120

_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "集团", "公司",
    "incorporated", "inc", "corporation", "corp", "company", "limited", "ltd", "llc", "gmbh", "ag", "plc",
    "co", "group", "holdings", "holding", "sa", "bv", "oy", "ab",
)  # fmt: skip
_HAN_FORMS = tuple(form for form in _FORMS if not form.isascii())
_LATIN_FORMS = frozenset(form for form in _FORMS if form.isascii())


def folded(text: str) -> str:
    """Return text without case, width and accents, with single spaces."""
    wide = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in wide if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", plain).strip().casefold()


def name_key(name: str) -> str:
    """Return what a name is sorted by: Chinese in pinyin, the rest folded."""
    return " ".join(pinyin.syllables(folded(name)))[:300]


def match_key(name: str) -> str:
    """Return what two spellings of the same company share: no legal form, punctuation or spaces."""
    text = folded(name)
    for form in _HAN_FORMS:
        text = text.replace(form, " ")
    words = [word for word in re.split(r"[\W_]+", text) if word]
    kept = [word for word in words if word not in _LATIN_FORMS]
    return "".join(kept or words)[:300]


def search_grams(*texts: str) -> list[str]:
    """Return the two-character pieces by which texts are found, in the script they use and in pinyin."""
    pieces: set[str] = set()
    for text in texts:
        plain = folded(text)
        initials = pinyin.initials(plain)
        for form in (plain, "".join(pinyin.syllables(plain)), initials if initials != plain else ""):
            pieces |= _grams(form)
    return sorted(pieces)[:MAX_GRAMS]


def query_grams(text: str) -> list[str]:
    """Return the pieces every match of a search text must have; empty for a single character."""
    return sorted(_grams(folded(text)))


def search_text(*texts: str) -> str:
    """Return the folded text in which a search is finally looked for, pinyin and initials included."""
    parts: list[str] = []
    for text in texts:
        plain = folded(text)
        parts.append(plain)
        if not plain.isascii():
            parts.append("".join(pinyin.syllables(plain)))
            parts.append(pinyin.initials(plain))
    return " ".join(part for part in parts if part)[:1000]


def _grams(text: str) -> set[str]:
    return {
        pair
        for word in text.split(" ")
        for pair in (word[i : i + 2] for i in range(len(word) - 1))
        if len(pair) == 2
    }


def makes_cycle(account_id: int, parent_id: int, ancestors_of_parent: Iterable[int]) -> bool:
    """Tell whether hanging an account under a parent would close a circle."""
    return account_id == parent_id or account_id in set(ancestors_of_parent)


def is_positive(score: int) -> bool:
    """Tell whether a satisfaction score counts as satisfied (4 or 5 of 5)."""
    return score >= POSITIVE_FROM

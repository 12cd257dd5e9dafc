"""JSON as every program reads it alike: one value per key, real numbers, text that can be stored."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """Refuses what parsers read in different ways: a key twice, NaN, Infinity, 1e400, half a character."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the body. Raises ParseError."""
        try:
            text = stream.read().decode()
            data = json.loads(
                text, parse_constant=_refuse, parse_float=_number, object_pairs_hook=_with_keys_once
            )
            if "\\u" in text:
                json.dumps(data, ensure_ascii=False).encode()  # fails for half a surrogate pair
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not plain JSON in UTF-8.")) from error
        return data


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _number(text: str) -> float:
    number = float(text)
    return number if abs(number) != float("inf") else _refuse(text)


def _with_keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _refuse("a key twice")

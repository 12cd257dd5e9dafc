"""Sentences kept as what they say, not how: each reader gets them in their own language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from apps.integrations.labels import field_label


@dataclass(frozen=True)
class Sentence:
    """A text of the catalogue (marked with ``gettext_noop``) and what stands in its places.

    A value under the name ``field`` is the name of a field and is worded as well.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        values = dict(self.values)
        if "field" in values:
            values["field"] = field_label(values["field"]).lower()
        return gettext(self.text) % values if values else gettext(self.text)


def words(kept: str | Mapping[str, Any]) -> str:
    """Return a sentence as it is kept with an import, in the reader's language."""
    return kept if isinstance(kept, str) else str(Sentence(kept["text"], kept["values"]))

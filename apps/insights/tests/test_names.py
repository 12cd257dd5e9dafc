"""Names the product proposes read in the reader's language; those people think of stay as written."""

import pytest
from django.utils import translation

from apps.core.names import in_words
from apps.pipeline import demo as pipeline
from apps.roles import demo as roles
from apps.training import demo as training

PROPOSED = [
    *(name for _code, name, _about in roles._SKILLS),
    *(name for name, _content in roles._ROLES.values()),
    *(name for _phase, _code, name, _parts in roles._STEPS),
    *(row[1] for row in training._COURSES),
    *(name for _code, name, _probability, _gates in pipeline._STAGES),
    *sorted({name for _kind, _code, name, _counts in pipeline._REASONS}),
]


@pytest.mark.parametrize("name", PROPOSED)
def test_every_proposed_name_reads_in_both_languages(name: str) -> None:
    with translation.override("en"):
        assert in_words(name) == name
    with translation.override("zh-hans"):
        assert not in_words(name).isascii()


def test_a_name_somebody_thought_of_stays_even_when_a_page_has_words_for_it() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Save") != "Save"
        assert in_words("Save") == "Save"

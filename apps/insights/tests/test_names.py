"""Names the product proposes read in the reader's language; those people think of stay as written."""

import pytest
from django.utils import translation

from apps.core import names
from apps.core.names import in_words
from apps.org import demo as org
from apps.pipeline import proposal
from apps.roles import demo as roles
from apps.strategy import demo as strategy
from apps.training import demo as training

PROPOSED = sorted(names.proposed())


@pytest.mark.parametrize("name", PROPOSED)
def test_every_proposed_name_reads_in_both_languages(name: str) -> None:
    with translation.override("en"):
        assert in_words(name) == name
    with translation.override("zh-hans"):
        assert not in_words(name).isascii()


def test_the_demo_company_proposes_what_it_stores() -> None:
    told = {
        *(name for _code, name, _about in roles._SKILLS),
        *(about for _code, _name, about in roles._SKILLS),
        *(name for name, _content in roles._ROLES.values()),
        *(text for _name, content in roles._ROLES.values() for text in (content.purpose, *content.duties)),
        *(name for _phase, _code, name, _parts in roles._STEPS),
        *(row[1] for row in training._COURSES),
        *training._SUMMARIES.values(),
        *(name for _code, name, _probability, _gates in proposal.STAGES),
        *(name for _kind, _code, name, _counts in proposal.REASONS),
        *org._REGIONS.values(),
        *(name for teams in org._TEAMS.values() for _code, name in teams),
        *(title for _code, title, _person, _user, _role in org._OFFICE),
        *strategy._MID_MARKET.values(),
        *strategy._FRAMEWORKS.values(),
        *(text for held in strategy._COMPANY_REVIEWS for text in (held.minutes, held.decision)),
        *(text for held in strategy._EAST_REVIEWS for text in (held.minutes, held.decision)),
    }

    assert told <= names.proposed()


def test_a_name_somebody_thought_of_stays_even_when_a_page_has_words_for_it() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Save") != "Save"
        assert in_words("Save") == "Save"

"""Reading ahead: same order, same errors, same language, no database."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils.translation import gettext, override

from apps.core.ahead import ahead


def test_everything_comes_in_order_and_one_ahead() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    seen = []
    for number in ahead(numbers()):
        seen.append(number)
        assert len(made) <= number + 2

    assert seen == made == [0, 1, 2, 3, 4]


def test_an_error_is_raised_at_its_place() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("row 2")

    items = ahead(broken())

    assert next(items) == 1
    with pytest.raises(ValueError, match="row 2"):
        next(items)


def test_messages_are_in_the_callers_language() -> None:
    with override("zh-hans"):
        here = gettext("Enter a name.")
        assert list(ahead(gettext("Enter a name.") for _time in range(2))) == [here, here]


@pytest.mark.django_db
def test_the_database_is_out_of_reach() -> None:
    with pytest.raises(RuntimeError, match="must not ask the database"):
        list(ahead(connection.cursor() for _time in range(1)))

"""What the catalogues say is what people read."""

import gettext
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import trans_real

CATALOGUES = sorted(
    path.relative_to(settings.BASE_DIR).as_posix()
    for pattern in ("locale", "apps/*/locale")
    for path in Path(settings.BASE_DIR).glob(f"{pattern}/zh_Hans/LC_MESSAGES/django.po")
)


def test_there_are_catalogues() -> None:
    assert len(CATALOGUES) > 10


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_no_package_replaces_our_wording(catalogue: str) -> None:
    shown: gettext.NullTranslations = trans_real.translation("zh-hans")
    entries = polib.pofile(str(settings.BASE_DIR / catalogue), encoding="utf-8")

    wanted = {
        (entry.msgctxt or "", entry.msgid): entry.msgstr
        for entry in entries
        if entry.msgstr and not entry.obsolete and not entry.fuzzy and not entry.msgid_plural
    }

    found = {
        (context, text): shown.pgettext(context, text) if context else shown.gettext(text)
        for context, text in wanted
    }

    assert found == wanted

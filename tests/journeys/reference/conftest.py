"""The reference organisation, imported once for all tests of this folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.journeys.reference import load, mapping


@pytest.fixture(scope="package")
def expected(reference_data: Path) -> dict[str, Any]:
    """Return the figures the data set must give."""
    return json.loads((reference_data / "expected" / "maven_crm.json").read_text())


@pytest.fixture(scope="package")
def files(reference_data: Path) -> Path:
    """Return the folder of the four files."""
    return reference_data / "maven_crm" / "raw"


@pytest.fixture(scope="package")
def imported(files: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Import once for all tests of this folder, in a transaction that is taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(mapping(), files)
        transaction.set_rollback(True)

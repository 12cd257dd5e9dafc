"""Small files of a made-up company, and imports of them."""

import datetime as dt

import factory
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.integrations import services
from apps.integrations.models import ImportedRecord, ImportRun
from apps.org.models import OrgUnit
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory

PEOPLE = "sales_agent,manager,regional_office\nAnna Lee,Max Stone,East\n王芳,Max Stone,East\n"
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
ACCOUNTS = "account,sector,employees\nAcme,retail,120\n上海明珠,software,80\n"
DEALS = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    "A1,Anna Lee,GTX Pro,Acme,Won,2021-01-10,2021-03-01,5000\n"
    "A2,王芳,GTXPro,上海明珠,Won,2021-02-01,2021-04-01,4800.50\n"
    "A3,Anna Lee,MG Special,,Engaging,2021-05-01,,\n"
    "A4,王芳,MG Special,Acme,Lost,2021-05-01,2021-06-01,0\n"
)
FILES = {
    "teams.csv": PEOPLE,
    "products.csv": PRODUCTS,
    "accounts.csv": ACCOUNTS,
    "pipeline.csv": DEALS,
}
SINCE = dt.date(2020, 1, 1)


def uploads(**changed: str) -> list[SimpleUploadedFile]:
    """Return the files as uploads; ``pipeline=`` replaces the text of that one."""
    texts = {**FILES, **{f"{name}.csv": text for name, text in changed.items()}}
    return [SimpleUploadedFile(name, text.encode()) for name, text in texts.items() if text]


def importer() -> User:
    """Return somebody who may import."""
    user = UserFactory()
    company = OrgUnit.objects.order_by("pk").first() or OrgUnitFactory()
    RoleGrantFactory(user=user, role=Role.SYSADMIN, unit=company)
    return user


class ImportRunFactory(factory.django.DjangoModelFactory):
    """An import without files."""

    class Meta:
        model = ImportRun

    name = "Acme"
    by = factory.SubFactory(UserFactory)


class ImportedRecordFactory(factory.django.DjangoModelFactory):
    """A record that an import created."""

    class Meta:
        model = ImportedRecord

    run = factory.SubFactory(ImportRunFactory)
    kind = "deals"
    record_id = 1


def started(by: User, **changed: str) -> ImportRun:
    """Return an import of the files, mapped by guess."""
    return services.start_import(
        name="Stone Hardware", uploads=uploads(**changed), currency="USD", since=SINCE, by=by
    )

import factory

from apps.access.tests.factories import UserFactory
from apps.ui.models import SavedView

__all__ = ["SavedViewFactory", "UserFactory"]


class SavedViewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SavedView

    user = factory.SubFactory(UserFactory)
    table = "test"
    name = factory.Sequence(lambda n: f"View {n}")
    query = ""

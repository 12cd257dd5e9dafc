"""The resources of customers."""

from apps.customers.api.viewsets import AccountViewSet, ContactViewSet, SatisfactionViewSet

routes = [
    ("accounts", AccountViewSet, "account"),
    ("contacts", ContactViewSet, "contact"),
    ("satisfaction", SatisfactionViewSet, "satisfaction"),
]

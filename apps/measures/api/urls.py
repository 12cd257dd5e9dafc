"""Resources for the API root."""

from apps.measures.api.viewsets import CreditViewSet, MeasureViewSet

routes = [
    ("measures", MeasureViewSet, "measure"),
    ("credits", CreditViewSet, "credit"),
]

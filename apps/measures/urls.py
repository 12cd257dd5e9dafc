from django.urls import path

from apps.measures import views

app_name = "measures"

urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("why/", views.why, name="why"),
]

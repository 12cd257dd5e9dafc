from django.urls import URLPattern, path

from apps.roles import views

app_name = "roles"

urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("matrix/", views.matrix, name="matrix"),
    path("<int:role_id>/", views.role, name="role"),
]

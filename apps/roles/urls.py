from django.urls import URLPattern, path

from apps.roles import views

app_name = "roles"

urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("matrix/", views.matrix, name="matrix"),
    path("new/", views.new, name="new"),
    path("create/", views.create, name="create"),
    path("<int:role_id>/", views.role, name="role"),
    path("<int:role_id>/edit/", views.edit, name="edit"),
    path("<int:role_id>/revise/", views.revise, name="revise"),
    path("seats/<int:position_id>/", views.seat_role, name="seat_role"),
    path("seats/<int:position_id>/set/", views.set_seat_role, name="set_seat_role"),
    path("steps/<int:step_id>/parts/", views.parts, name="parts"),
    path("steps/<int:step_id>/parts/set/", views.set_parts, name="set_parts"),
]

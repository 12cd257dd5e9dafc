from django.urls import path

from apps.ui import views

app_name = "ui"

urlpatterns = [
    path("language/", views.set_language, name="language"),
    path("theme/", views.set_theme, name="theme"),
    path("search/", views.search, name="search"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("session/", views.session, name="session"),
    path("more/", views.more, name="more"),
    path("choices/<str:source>/", views.autocomplete, name="autocomplete"),
    path("views/", views.save_view, name="view_save"),
    path("views/<int:view_id>/delete/", views.delete_view, name="view_delete"),
    path("kit/", views.kit_page, name="kit"),
]

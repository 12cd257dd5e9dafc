from django.urls import path

from apps.notifications import views

app_name = "notifications"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("badge/", views.badge, name="badge"),
    path("read/", views.read_all, name="read_all"),
    path("<int:notification_id>/open/", views.open_notice, name="open"),
    path("settings/", views.preferences, name="preferences"),
    path("settings/save/", views.save_preferences, name="save_preferences"),
]

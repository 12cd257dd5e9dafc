from django.urls import path

from apps.calendars import views

app_name = "calendars"

urlpatterns = [
    path("", views.periods, name="periods"),
    path("years/add/", views.add_year, name="add_year"),
    path("periods/<int:period_id>/close/", views.close, name="close"),
    path("periods/<int:period_id>/reopen/", views.request_reopening, name="request_reopening"),
    path("reopenings/<int:request_id>/approve/", views.approve_reopening, name="approve_reopening"),
    path("reopenings/<int:request_id>/decline/", views.decline_reopening, name="decline_reopening"),
    path("days/", views.days, name="days"),
    path("days/<int:calendar_id>/set/", views.set_day, name="set_day"),
    path("days/<int:calendar_id>/seed/", views.seed, name="seed"),
    path("rates/", views.rates, name="rates"),
    path("rates/set/", views.set_rate, name="set_rate"),
]

from django.urls import path

from apps.events import views

app_name = "events"

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/runs/<int:run_id>/replay/", views.replay_run, name="replay_run"),
    path("jobs/deliveries/<int:entry_id>/replay/", views.replay_delivery, name="replay_delivery"),
    path("tasks/<int:task_id>/", views.task, name="task"),
    path("tasks/<int:task_id>/cancel/", views.task_cancel, name="task_cancel"),
]

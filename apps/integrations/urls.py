from django.urls import include, path

from apps.integrations import views

app_name = "integrations"

urlpatterns = [
    path("api/", include("apps.integrations.api.urls")),
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.new, name="new"),
    path("imports/create/", views.create, name="create"),
    path("imports/<int:pk>/", views.detail, name="import"),
    path("imports/<int:pk>/state/", views.state, name="state"),
    path("imports/<int:pk>/columns/", views.columns, name="columns"),
    path("imports/<int:pk>/columns/save/", views.columns_save, name="columns_save"),
    path("imports/<int:pk>/check/", views.check, name="check"),
    path("imports/<int:pk>/values/", views.values, name="values"),
    path("imports/<int:pk>/leave-out/", views.leave_out, name="leave_out"),
    path("imports/<int:pk>/execute/", views.execute, name="execute"),
    path("imports/<int:pk>/undo/", views.undo, name="undo"),
    path("imports/<int:pk>/problems.csv", views.problems, name="problems"),
    path("imports/<int:pk>/mapping.yml", views.mapping, name="mapping"),
]

from django.urls import path

from apps.insights.views import home, team

app_name = "insights"

urlpatterns = [
    path("", home.home, name="home"),
    path("insights/panels/", home.panels, name="panels"),
    path("insights/earned/", home.earned, name="earned"),
    path("insights/team/", team.team, name="team"),
    path("insights/team/conversion/", team.conversion, name="conversion"),
    path("insights/team/csv/", team.team_csv, name="team_csv"),
]

from django.urls import URLPattern, path

from apps.reviews.views import cycles, evaluations, parts

app_name = "reviews"

urlpatterns: list[URLPattern] = [
    path("", cycles.cycles, name="cycles"),
    path("mine/", evaluations.mine, name="mine"),
    path("team/", evaluations.team, name="team"),
    path("start/", cycles.start, name="start"),
    path("start/do/", cycles.start_do, name="start_do"),
    path("cycles/<int:cycle_id>/", cycles.cycle, name="cycle"),
    path("cycles/<int:cycle_id>/score/", cycles.score_anew, name="score_anew"),
    path("cycles/<int:cycle_id>/open/", cycles.open_cycle, name="open"),
    path("cycles/<int:cycle_id>/end-self/", cycles.end_self, name="end_self"),
    path("cycles/<int:cycle_id>/approve/", cycles.approve_ready, name="approve_ready"),
    path("cycles/<int:cycle_id>/share/", cycles.share, name="share"),
    path("cycles/<int:cycle_id>/close/", cycles.close, name="close"),
    path("<int:evaluation_id>/", evaluations.evaluation, name="evaluation"),
    path("<int:evaluation_id>/self/", parts.self_part, name="self"),
    path("<int:evaluation_id>/self/save/", parts.self_save, name="self_save"),
    path("<int:evaluation_id>/assess/", parts.assess, name="assess"),
    path("<int:evaluation_id>/assess/save/", parts.assess_save, name="assess_save"),
    path("<int:evaluation_id>/approve/", parts.approve, name="approve"),
    *(url for sheet in parts.SHEETS for url in sheet.urls()),
]

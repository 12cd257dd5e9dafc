from django.urls import URLPattern, path

from apps.targets.views import approval, course, overview, planning, rounds

app_name = "targets"

urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("pace/", overview.pace, name="pace"),
    path("plans/", planning.plans, name="plans"),
    path("plans/new/", planning.new, name="new"),
    path("plans/create/", planning.create, name="create"),
    path("plans/<int:plan_id>/", planning.plan, name="plan"),
    path("plans/<int:plan_id>/settings/", planning.settings, name="settings"),
    path("plans/<int:plan_id>/cascade/", planning.cascade, name="cascade"),
    path("plans/<int:plan_id>/changes/", approval.changes, name="changes"),
    path("plans/<int:plan_id>/check/", approval.check, name="check"),
    path("plans/<int:plan_id>/submit/", approval.submit, name="submit"),
    path("plans/<int:plan_id>/approve/", approval.approve, name="approve"),
    path("plans/<int:plan_id>/return/", approval.send_back, name="return"),
    path("plans/<int:plan_id>/waive/", approval.waive, name="waive"),
    path("plans/<int:plan_id>/discard/", approval.discard, name="discard"),
    path("plans/<int:plan_id>/follow/", approval.follow, name="follow"),
    path("plans/<int:plan_id>/course/", course.course, name="course"),
    path("plans/<int:plan_id>/rounds/new/", rounds.ask, name="ask"),
    path("plans/<int:plan_id>/rounds/open/", rounds.open_round, name="open_round"),
    path("rounds/<int:round_id>/", rounds.show, name="round"),
    path("rounds/<int:round_id>/close/", rounds.close, name="close_round"),
    path("rounds/<int:round_id>/blend/", rounds.blend, name="blend"),
    path("rounds/<int:round_id>/accept/", rounds.accept_all, name="accept_figures"),
    path("figures/", rounds.figures, name="figures"),
    path("figures/<int:figure_id>/", rounds.figure, name="figure"),
    path("figures/<int:figure_id>/save/", rounds.save, name="save_figure"),
    path("figures/<int:figure_id>/submit/", rounds.submit, name="submit_figure"),
    path("figures/<int:figure_id>/accept/", rounds.accept, name="accept_figure"),
    path("figures/<int:figure_id>/return/", rounds.send_back, name="return_figure"),
    path("nodes/<int:target_id>/", approval.node, name="node"),
    path("nodes/<int:target_id>/compare/", planning.compare, name="compare"),
    path("nodes/<int:target_id>/amount/", planning.edit_amount, name="edit_amount"),
    path("nodes/<int:target_id>/months/<int:position>/", planning.edit_month, name="edit_month"),
    path("nodes/<int:target_id>/release/", planning.release, name="release"),
    path("nodes/<int:target_id>/limits/", planning.limits, name="limits"),
]

from django.urls import URLPattern, path

from apps.targets.views import approval, overview, planning

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
    path("nodes/<int:target_id>/", approval.node, name="node"),
    path("nodes/<int:target_id>/compare/", planning.compare, name="compare"),
    path("nodes/<int:target_id>/amount/", planning.edit_amount, name="edit_amount"),
    path("nodes/<int:target_id>/months/<int:position>/", planning.edit_month, name="edit_month"),
    path("nodes/<int:target_id>/release/", planning.release, name="release"),
    path("nodes/<int:target_id>/limits/", planning.limits, name="limits"),
]

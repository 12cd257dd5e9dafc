from django.urls import path

from apps.incentives.views import pay, plans, runs

app_name = "incentives"

urlpatterns = [
    path("my-pay/", pay.my_pay, name="my_pay"),
    path("statements/", runs.statements, name="statements"),
    path("statements/<int:statement_id>/", pay.statement, name="statement"),
    path("lines/<int:line_id>/", pay.line, name="line"),
    path("lines/<int:line_id>/reverse/", pay.reverse_line, name="line_reverse"),
    path("adjustments/", pay.adjustments, name="adjustments"),
    path("adjustments/ask/", pay.request_adjustment, name="adjustment_ask"),
    path("adjustments/<int:adjustment_id>/approve/", pay.approve_adjustment, name="adjustment_approve"),
    path("adjustments/<int:adjustment_id>/refuse/", pay.refuse_adjustment, name="adjustment_refuse"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new_plan, name="plan_new"),
    path("plans/create/", plans.create_plan, name="plan_create"),
    path("plans/preview/", plans.preview, name="plan_preview"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/edit/", plans.edit_plan, name="plan_edit"),
    path("plans/<int:plan_id>/save/", plans.save_plan, name="plan_save"),
    path("plans/<int:plan_id>/assign/", plans.assign, name="plan_assign"),
    path("assignments/<int:assignment_id>/end/", plans.end_assignment, name="assignment_end"),
    path("versions/<int:version_id>/submit/", plans.submit_version, name="version_submit"),
    path("versions/<int:version_id>/return/", plans.return_version, name="version_return"),
    path("versions/<int:version_id>/approve/", plans.approve_version, name="version_approve"),
    path("runs/", runs.runs, name="runs"),
    path("runs/create/", runs.create_run, name="run_create"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:run_id>/calculate/", runs.calculate, name="run_calculate"),
    path("runs/<int:run_id>/review/", runs.review, name="run_review"),
    path("runs/<int:run_id>/approve/", runs.approve, name="run_approve"),
    path("runs/<int:run_id>/send-back/", runs.send_back, name="run_send_back"),
    path("runs/<int:run_id>/lock/", runs.lock, name="run_lock"),
    path("runs/<int:run_id>/paid/", runs.paid, name="run_paid"),
    path("runs/<int:run_id>/export/", runs.export, name="run_export"),
    path("payroll/<int:export_id>/", runs.download, name="payroll_download"),
]

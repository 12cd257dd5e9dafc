from django.urls import URLPattern, path

from apps.strategy.views import dialogs, reviews, strategies

app_name = "strategy"

urlpatterns: list[URLPattern] = [
    path("", strategies.strategies, name="strategies"),
    path("new/", strategies.new, name="new"),
    path("create/", strategies.create, name="create"),
    path("mine/", reviews.mine, name="mine"),
    path("calendar/", reviews.calendar, name="calendar"),
    path("<int:strategy_id>/", strategies.strategy, name="strategy"),
    path("<int:strategy_id>/edit/", strategies.edit, name="edit"),
    path("<int:strategy_id>/change/", strategies.change, name="change"),
    path("<int:strategy_id>/activate/", strategies.activate, name="activate"),
    path("<int:strategy_id>/closing/", strategies.closing, name="closing"),
    path("<int:strategy_id>/close/", strategies.close, name="close"),
    path("<int:strategy_id>/participants/", dialogs.participants, name="participants"),
    path("<int:strategy_id>/participants/set/", dialogs.set_participants, name="set_participants"),
    path("<int:strategy_id>/cadence/", dialogs.cadence, name="cadence"),
    path("<int:strategy_id>/cadence/set/", dialogs.set_cadence, name="set_cadence"),
    path("<int:strategy_id>/notes/new/", dialogs.new_note, name="new_note"),
    path("<int:strategy_id>/notes/add/", dialogs.add_note, name="add_note"),
    path("<int:strategy_id>/decisions/new/", reviews.new_decision, name="new_decision"),
    path("<int:strategy_id>/decisions/add/", reviews.add_decision, name="add_decision"),
    path("<int:strategy_id>/objectives/new/", dialogs.new_objective, name="new_objective"),
    path("<int:strategy_id>/objectives/add/", dialogs.add_objective, name="add_objective"),
    path("objectives/<int:objective_id>/edit/", dialogs.edit_objective, name="edit_objective"),
    path("objectives/<int:objective_id>/change/", dialogs.change_objective, name="change_objective"),
    path("objectives/<int:objective_id>/remove/", dialogs.remove_objective, name="remove_objective"),
    path("objectives/<int:objective_id>/initiatives/new/", dialogs.new_initiative, name="new_initiative"),
    path("objectives/<int:objective_id>/initiatives/add/", dialogs.add_initiative, name="add_initiative"),
    path("initiatives/<int:initiative_id>/edit/", dialogs.edit_initiative, name="edit_initiative"),
    path("initiatives/<int:initiative_id>/change/", dialogs.change_initiative, name="change_initiative"),
    path("reviews/<int:review_id>/", reviews.review, name="review"),
    path("reviews/<int:review_id>/minutes/", reviews.save_minutes, name="save_minutes"),
    path("reviews/<int:review_id>/finish/", reviews.finish, name="finish"),
    path("reviews/<int:review_id>/decide/", reviews.deciding, name="deciding"),
    path("reviews/<int:review_id>/decisions/", reviews.decide, name="decide"),
    path("decisions/<int:decision_id>/complete/", reviews.complete, name="complete"),
]

"""What the id in an address stands for, route by route; a route with an id that is not here fails a test."""

import re

from apps.access.inventory import Route
from apps.access.permissions import Permission

# A record of ``world.World.records``; with "!" everybody who holds the permission may look, and only
# acts ask for the record to be in reach. None: a catalogue of the whole company, nobody's record.
OBJECTS: tuple[tuple[str, str | None], ...] = (
    (r"access/tokens/<", "token"),
    (r"access/users/<", None),
    (r"access/why/<", None),  # every kind of record is tried in test_reach
    (r"calendars/", None),
    (r"customers/accounts/<", "account"),
    (r"customers/answers/<", "response"),
    (r"customers/contacts/<", "contact"),
    (r"events/jobs/", None),
    (r"events/tasks/<", "long_task"),
    (r"imports/<", "import"),
    (r"incentives/adjustments/<", "adjustment"),
    (r"incentives/assignments/<", "plan_assignment"),
    (r"incentives/accruals/<", "accrual"),
    (r"incentives/contests/<", "contest"),
    (r"incentives/deals/<", "deal"),
    (r"incentives/disputes/<", "dispute"),
    (r"incentives/disputes/of/<", "pay_line"),
    (r"incentives/holds/<", "hold"),
    (r"incentives/inputs/<", "fact"),
    (r"incentives/lines/<", "pay_line"),
    (r"incentives/payroll/<", "export"),
    (r"incentives/plans/<", "plan"),
    (r"incentives/runs/<", "run!"),
    (r"incentives/simulations/<", "simulation"),
    (r"incentives/simulations/payees/<", "simulated_payee"),
    (r"incentives/statements/<", "statement"),
    (r"incentives/versions/<", "version"),
    (r"notifications/<", "notification"),
    (r"org/absences/<", "absence"),
    (r"org/grants/", None),
    (r"org/moves/<", "place"),
    (r"org/people/<int:person_id>/$", None),
    (r"org/people/<", "person"),
    (r"org/seats/<int:position_id>/$", None),
    (r"org/seats/<", "seat"),
    (r"org/units/<int:unit_id>/", None),
    (r"org/units/<", "unit"),
    (r"pipeline/deals/<", "deal"),
    (r"pipeline/lines/<", "line"),
    (r"pipeline/tasks/<", "task"),
    (r"pipeline/(board|processes|products|stages)/<", None),
    (r"reviews/cycles/<", None),
    (r"reviews/<", "evaluation"),
    (r"roles/", None),
    (r"strategy/<", "strategy"),
    (r"strategy/decisions/<", "decision"),
    (r"strategy/initiatives/<", "initiative"),
    (r"strategy/objectives/<", "objective"),
    (r"strategy/reviews/<", "review"),
    (r"targets/alerts/rules/<", None),
    (r"targets/alerts/<", "target_alert"),
    (r"targets/approval/steps/<", None),
    (r"targets/approvals/<", None),  # whose turn it is decides: apps/targets/tests/test_approval_chain.py
    (r"targets/figures/<", "own_figure"),
    (r"targets/reliefs/<", "relief"),
    (r"targets/requests/<", "share_request"),
    (r"targets/nodes/<", "target"),
    (r"targets/plans/<[^>]+>/paste/", None),  # cell by cell: apps/targets/tests/test_grid_pages.py
    (r"targets/plans/<[^>]+>/relief/", "relief_of"),
    (r"targets/plans/<", "target_plan!"),
    (r"targets/rounds/<", "target_round!"),
    (r"training/(courses|sessions)/<", None),
    (r"training/enrolments/<", "enrolment"),
    (r"training/people/<", "person"),
    (r"ui/choices/<", None),
    (r"ui/views/<", "view"),
    (r"api/v1/absences/<", "absence"),
    (r"api/v1/accounts/<", "account"),
    (r"api/v1/activities/<", "activity"),
    (r"api/v1/assignments/<", "assignment!"),
    (r"api/v1/completions/<", "completion"),
    (r"api/v1/contacts/<", "contact"),
    (r"api/v1/contests/<", "contest"),
    (r"api/v1/disputes/<", "dispute"),
    (r"api/v1/evaluations/<", "evaluation"),
    (r"api/v1/incentive-plans/<", "plan"),
    (r"api/v1/notifications/<", "notification"),
    (r"api/v1/opportunities/<", "deal"),
    (r"api/v1/pay-accruals/<", "accrual"),
    (r"api/v1/pay-adjustments/<", "adjustment"),
    (r"api/v1/pay-holds/<", "hold"),
    (r"api/v1/pay-inputs/<", "fact"),
    (r"api/v1/pay-lines/<", "pay_line"),
    (r"api/v1/pay-runs/<", "run!"),
    (r"api/v1/payroll-files/<", "export"),
    (r"api/v1/people/<", "person!"),
    (r"api/v1/plan-confirmations/<", "confirmation"),
    (r"api/v1/plan-simulations/<", "simulation"),
    (r"api/v1/positions/<", "seat!"),
    (r"api/v1/satisfaction/<", "response"),
    (r"api/v1/statements/<", "statement"),
    (r"api/v1/strategies/<", "strategy"),
    (r"api/v1/strategy-decisions/<", "decision"),
    (r"api/v1/strategy-reviews/<", "review"),
    (r"api/v1/own-figures/<", "own_figure"),
    (r"api/v1/target-alerts/<", "target_alert"),
    (r"api/v1/target-approvals/<", None),
    (r"api/v1/target-plans/<", "target_plan!"),
    (r"api/v1/target-rounds/<", "target_round!"),
    (r"api/v1/targets/<", "target"),
    (r"api/v1/tasks/<", "task"),
    (r"api/v1/units/<", "unit!"),
    (r"api/v1/(course|evaluation-cycle|job-run|measure|outcome-reason|period|position-role)", None),
    (r"api/v1/(process-step|product|reporting-line|role|skill|stage)", None),
)
# Routes open to everybody where another permission decides whose record it may be.
DECIDED_BY: tuple[tuple[str, Permission | None], ...] = (
    (r"api/v1/completions/|training/enrolments/.*withdraw/", Permission.TRAINING_EDIT),
    (r"incentives/deals/<", Permission.DEAL_VIEW),  # of whoever is paid for it, those whose pay one may see
    (r"api/v1/pay-lines/<[^>]+>/provenance/", Permission.STATEMENT_VIEW),
    (r"reviews/<[^>]+>/(acknowledge|self)/", None),  # one's own alone
    (
        r"targets/figures/<[^>]+>/(save|submit)/|api/v1/own-figures/<[^>]+>/(enter|submit)/",
        None,
    ),  # one's own alone
    (r"targets/requests/<|targets/figures/<|api/v1/own-figures/<", Permission.TARGET_EDIT),
    (r"strategy/(reviews/)?<[^>]+>/$", Permission.STRATEGY_VIEW),
    (r"strategy/", Permission.STRATEGY_EDIT),
)
# What stands in an address beside the record.
BESIDE = {"<slug:dimension>": "product"}
# Nobody but the owner, whatever their role.
OWNERS_ONLY = frozenset({"token", "view", "notification", "long_task", "import"})


def names_an_id(route: Route) -> bool:
    """Tell whether the address of a route holds an id."""
    return "<" in route.path


def object_of(route: Route) -> str | None:
    """Return the kind of record whose reach decides about a route; None where none does.

    Raises LookupError for a route nobody has thought about.
    """
    for pattern, name in OBJECTS:
        if re.match(pattern, route.path):
            if name is None or (name.endswith("!") and route.method == "GET"):
                return None
            return name.removesuffix("!")
    raise LookupError(route.key)


def is_seen_by_all(route: Route) -> bool:
    """Tell whether everybody who holds the permission sees the record, and only acts ask for more."""
    return any(name and name.endswith("!") for pattern, name in OBJECTS if re.match(pattern, route.path))


def deciding(route: Route) -> Permission | None:
    """Return the permission whose reach decides about the record; None where only its owner may."""
    for pattern, permission in DECIDED_BY:
        if re.match(pattern, route.path):
            return permission
    return Permission(route.carried or route.permission)


def filled(route: Route, record_id: int | tuple[int, ...]) -> str:
    """Return the address of a route for a record, or for several; further ids in it are those of nothing."""
    given = [str(one) for one in (record_id if isinstance(record_id, tuple) else (record_id,))]
    path = route.path
    for place in re.findall(r"<[^>]+>", route.path):
        path = path.replace(place, given.pop(0) if given else BESIDE.get(place, "0"), 1)
    return f"/{path}"

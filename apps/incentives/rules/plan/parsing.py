"""Read a plan document, refusing what does not hold together with the place and the fix."""

from typing import Any

from pydantic import ValidationError

from apps.incentives.rules.plan.checks import semantic_problems
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.problems import PlanInvalid, problems_of


def parse_plan(data: Any) -> PlanDocument:
    """Read a plan document. Raises PlanInvalid naming every place and its fix."""
    try:
        plan = PlanDocument.model_validate(data)
    except ValidationError as error:
        raise PlanInvalid(problems_of(error, data)) from error
    problems = semantic_problems(plan)
    if problems:
        raise PlanInvalid(problems)
    return plan


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of plan documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PlanDocument.model_json_schema(),
        "title": "salesorg.plan/2",
    }

"""The demo company's evaluations: three closed quarters and one that managers are writing."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.events import jobs
from apps.reviews import services
from apps.reviews.enums import Rating, Stage
from apps.reviews.models import Evaluation, EvaluationCycle
from apps.reviews.services import NewGoal

_SELF = {
    "en": (
        (
            "Kept two large accounts through a price increase and reopened three that had gone quiet.",
            "Too many small deals late in the quarter; I should qualify harder and earlier.",
            "An hour a week with an application engineer.",
        ),
        (
            "Doubled my visits to universities; two of them now buy regularly.",
            "Negotiations with central purchasing took longer than I had planned.",
            "Practice in negotiation, and a price corridor I can decide in.",
        ),
        (
            "Entered the food segment with four pilot customers.",
            "I lost two deals to a rival because our delivery time was unclear.",
            "Earlier word from delivery on lead times.",
        ),
    ),
    "zh": (
        (
            "稳住了两家大客户的续约，重新激活了三家沉睡客户。",
            "季末小单太多，前期筛选还要再严一些。",
            "希望每周有一小时技术工程师支持。",
        ),
        (
            "高校客户拜访量翻倍，其中两家已形成稳定采购。",
            "集采谈判周期比预期长。",
            "希望参加谈判培训，并有一定的价格权限。",
        ),
        ("打开了食品行业，拿下四家试点客户。", "有两单因交期不明确输给竞品。", "希望交付部门更早同步交期。"),
    ),
}
_ASSESSMENT = {
    "en": {
        "high": (
            "Well above what the role asks for, and won in a way others can learn from.",
            "Prepares every meeting; customers ask for this person by name.",
            "Share the method: take a newcomer along on two visits a month.",
        ),
        "good": (
            "A reliable quarter: what was promised was delivered.",
            "Keeps deals and next steps up to date; forecasts can be trusted.",
            "Go for larger deals earlier instead of many small ones.",
        ),
        "low": (
            "Below what we agreed. The effort is there, the choice of deals is not yet right.",
            "Works hard and takes feedback well.",
            "Qualify earlier and drop what has no budget; weekly deal review with me.",
        ),
    },
    "zh": {
        "high": (
            "明显超出岗位要求，方法也值得团队学习。",
            "每次拜访准备充分，客户点名要他对接。",
            "每月带新人跑两次客户，把方法传下去。",
        ),
        "good": (
            "本季度表现稳定，承诺的都做到了。",
            "商机和下一步计划更新及时，预测可信。",
            "尽早切入大单，减少零散小单。",
        ),
        "low": (
            "未达到约定目标。投入足够，但选单还不够准。",
            "肯吃苦，听得进反馈。",
            "提前做好筛选，没有预算的及时放手；每周和我过一遍商机。",
        ),
    },
}
_GOALS = {
    "en": ("Win two new customers in a segment we are weak in", "Keep the win rate above one in two"),
    "zh": ("在薄弱行业新开发两家客户", "赢率保持在五成以上"),
}

_COMPARED = _("Compared across teams: colleagues with the same score are rated solid.")
_UNMEASURED = _("The KPIs of the role could not be measured; agreed with the board.")


def load(context: DemoContext) -> None:
    """Evaluate the last four quarters once, and bring three of them to their end."""
    if EvaluationCycle.objects.exists():
        return
    since = context.today - dt.timedelta(days=800)
    over = [
        period
        for period in calendars.periods_between(since, context.today, "quarter")
        if period.ends_before <= context.today
    ]
    quarters = over[-4:]
    for number, period in enumerate(quarters, 1):
        with transaction.atomic():
            _cycle(context, period.code, period.ends_before, is_last=number == len(quarters))


def _cycle(context: DemoContext, code: str, end: dt.date, *, is_last: bool) -> None:
    _mark_as_run(code, end)
    cycle = services.evaluate_period(code, end)
    if not cycle.evaluations.exists():
        return
    services.open_cycle(cycle_id=cycle.pk)
    for row in _rows(cycle, Stage.SELF):
        if row.person_id % 9:
            _write_self(row, _moment(end, 3, row.pk))
    services.end_self_stage(cycle_id=cycle.pk)
    for row in _rows(cycle, Stage.MANAGER):
        if not is_last or (row.unit_id + row.person_id) % 3 == 0:
            _assess(row, context, _moment(end, 9, row.pk))
    if is_last:
        return
    _finish(cycle, context, end)


def _finish(cycle: EvaluationCycle, context: DemoContext, end: dt.date) -> None:
    hr = context.users["hr"]
    signed = _rows(cycle, Stage.CALIBRATION)
    lenient = [row for row in signed if row.rating == Rating.STRONG and (row.kpi_score or 1) < 1]
    for row in lenient[:2]:
        services.calibrate(
            evaluation_id=row.pk,
            rating=Rating.SOLID,
            reason=_COMPARED,
            by=hr,
            at=_moment(end, 14, row.pk),
        )
    for row in _rows(cycle, Stage.CALIBRATION):
        if not row.rating:
            services.calibrate(
                evaluation_id=row.pk,
                rating=Rating.SOLID,
                reason=_UNMEASURED,
                by=hr,
                at=_moment(end, 14, row.pk),
            )
    services.approve_ready(cycle_id=cycle.pk, by=hr, at=_moment(end, 15, 0))
    services.share_cycle(cycle_id=cycle.pk, at=_moment(end, 16, 0))
    for row in _rows(cycle, Stage.SHARED):
        reply = (
            ""
            if row.pk % 4
            else {"zh": "认同，谢谢指导。", "en": "Agreed. Thank you for the clear words."}[_tongue(row)]
        )
        services.acknowledge(evaluation_id=row.pk, reply=reply, at=_moment(end, 18, row.pk))
    services.close_cycle(cycle_id=cycle.pk, at=_moment(end, 30, 0))


def _write_self(row: Evaluation, at: dt.datetime) -> None:
    texts = _SELF[_tongue(row)]
    achievements, difficulties, support = texts[row.person_id % len(texts)]
    services.submit_self(
        evaluation_id=row.pk,
        version=row.version,
        achievements=achievements,
        difficulties=difficulties,
        support=support,
        at=at,
    )


def _assess(row: Evaluation, context: DemoContext, at: dt.datetime) -> None:
    by = _assessor(row, context)
    rating = row.kpi_rating or Rating.SOLID
    if row.manager_id and row.manager_id % 5 == 0 and rating == Rating.SOLID:
        rating = Rating.STRONG
    elif row.manager_id and row.manager_id % 7 == 0 and rating == Rating.STRONG:
        rating = Rating.SOLID
    level = {"outstanding": "high", "strong": "good", "solid": "good"}.get(rating, "low")
    tongue = _tongue(row)
    summary, strengths, growth = _ASSESSMENT[tongue][level]
    due = row.cycle.ends_before + dt.timedelta(days=85)
    services.submit_assessment(
        evaluation_id=row.pk,
        version=row.version,
        rating=rating,
        summary=summary,
        strengths=strengths,
        growth=growth,
        goals=[NewGoal(text, due) for text in _GOALS[tongue]],
        by=by,
        at=at,
    )


def _assessor(row: Evaluation, context: DemoContext) -> User:
    user = row.manager.user if row.manager else None
    return user if user is not None else context.users["executive"]


def _rows(cycle: EvaluationCycle, stage: Stage) -> list[Evaluation]:
    rows = cycle.evaluations.filter(stage=stage).select_related("person", "manager__user", "cycle")
    return list(rows.order_by("pk"))


def _tongue(row: Any) -> str:
    return "en" if row.person.name.isascii() else "zh"


def _moment(end: dt.date, days: int, salt: int) -> dt.datetime:
    """Return an office hour some days after the period."""
    day = end + dt.timedelta(days=days + salt % 3)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9 + salt % 8, salt * 7 % 60)))


def _mark_as_run(code: str, end: dt.date) -> None:
    """Let the periodic job know that the quarter is done, so that it does not evaluate it again."""
    from_job = jobs.registered.get("reviews.evaluate_quarter")
    due_at = timezone.make_aware(dt.datetime.combine(end, from_job.at))
    jobs.once(from_job.name, code, lambda: None, as_of=end, due_at=due_at)

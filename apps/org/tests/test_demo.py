import datetime as dt

from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core.demo import DemoContext
from apps.org import demo, selectors
from apps.org.models import Assignment, Person, Position, UnitParent


def test_the_demo_company_is_loaded_once_and_everybody_can_work(db):
    day = dt.date(2026, 11, 20)

    for _ in range(2):
        context = DemoContext(today=day, password="northwind demo 2026")
        demo.load(context)

    [top] = selectors.tree(day)
    assert (len(context.units), len(context.people), Position.objects.count()) == (14, 44, 45)
    assert top.all_vacant == 2
    assert UnitParent.objects.filter(unit__code="SIN").count() == 2
    assert Person.objects.filter(left_on__isnull=False).count() == 1
    assert Assignment.objects.on(day).filter(is_acting=True).count() == 1
    assert scope_of(context.users["executive"], Permission.TARGET_APPROVE, day).everything
    assert scope_of(context.users["manager"], Permission.DEAL_EDIT, day).unit_ids == {context.units["SHA"].pk}
    assert may(context.users["compadmin"], Permission.RUN_CALCULATE, day)
    assert all(user.check_password("northwind demo 2026") for user in context.users.values())
    assert len(context.users) == 9

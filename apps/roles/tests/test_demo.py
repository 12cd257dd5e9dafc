import datetime as dt

from apps.core.demo import DemoContext
from apps.org import demo as org_demo
from apps.roles import demo, selectors


def test_the_demo_process_has_no_gap_and_every_seller_a_role(db):
    day = dt.date(2026, 11, 20)
    context = DemoContext(today=day, password="northwind demo 2026")
    org_demo.load(context)

    for _ in range(2):
        demo.load(context)

    matrix = selectors.matrix(day)
    assert matrix.findings == []
    assert matrix.idle_roles == []
    assert len(context.extra["roles"]) == 5
    assert selectors.role_of(context.people["P-SHA-1"].pk, day).code == "rep"
    assert sum(kpi.weight for kpi in selectors.kpis_of(context.extra["roles"]["rep"].pk, day)) == 100

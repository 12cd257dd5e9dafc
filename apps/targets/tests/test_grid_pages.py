"""The planning grid and its side pages, as people and their browsers use them."""

import io
import json
from decimal import Decimal as D

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.customers.tests.factories import AccountFactory
from apps.org.tests.factories import PositionFactory
from apps.targets import services
from apps.targets.enums import Method, Season
from apps.targets.models import PlanChange, QuotaRelief, Target, TargetSlice
from apps.targets.tests.factories import AT, seat_of, unit_of

DATA = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _in_february():
    with clock.fixed(AT):
        yield


def get(client, who, name, *args, **query):
    client.force_login(who)
    return client.get(reverse(f"targets:{name}", args=args), query)


def post(client, who, name, *args, headers=None, **data):
    client.force_login(who)
    return client.post(reverse(f"targets:{name}", args=args), data, headers=headers or {})


def paste(client, company, plan, text, rows, columns, step="paste_preview", **data):
    return post(
        client, company.planner, step, plan.pk, text=text,
        rows=",".join(str(row.pk) for row in rows), columns=",".join(columns), **data,
    )  # fmt: skip


def test_a_small_plan_opens_whole_and_a_large_one_branch_by_branch(client, draft, company, monkeypatch):
    whole = get(client, company.planner, "plan", draft.pk).context["grid"]
    monkeypatch.setattr("apps.targets.selectors.grid.SHOWN_AT_ONCE", 3)
    part = get(client, company.planner, "plan", draft.pk).context["grid"]
    branch = get(client, company.planner, "rows", draft.pk, unit_of(draft, company.east).pk)

    assert [row.name for row in whole.rows] == [
        "Northwind", "East", "Vacant seat", "Ann", "Bob", "West", "Cho", "Dee"
    ]  # fmt: skip
    assert [(row.name, row.has_children, row.is_open) for row in part.rows] == [
        ("Northwind", True, True), ("East", True, False), ("West", True, False)
    ]  # fmt: skip
    assert [row.name for row in branch.context["rows"]] == ["Vacant seat", "Ann", "Bob"]
    assert (part.leaves, part.leaf_total) == (5, D("8640"))


def test_a_branch_costs_the_same_however_large(client, draft, company, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        get(client, company.planner, "rows", draft.pk, unit_of(draft, company.east).pk)


def test_a_manager_sees_and_opens_only_their_own_branch(client, draft, company):
    eve = User.objects.get(username="eve")

    shown = get(client, eve, "plan", draft.pk).context["grid"]

    assert [row.name for row in shown.rows] == ["East", "Vacant seat", "Ann", "Bob"]
    assert [row.may_edit for row in shown.rows] == [False, True, True, True]
    assert get(client, eve, "rows", draft.pk, unit_of(draft, company.west).pk).context["rows"] == []


def test_undo_and_redo_by_the_buttons_and_by_the_keys(client, draft, company):
    ann = seat_of(draft, company.ann)
    post(client, company.planner, "edit_cell", ann.pk, amount="2000", headers=DATA)

    assert post(client, company.planner, "undo", draft.pk, headers=DATA).json()["redo"] is True
    assert seat_of(draft, company.ann).amount == D("1440")
    assert post(client, company.planner, "redo", draft.pk).status_code == 302
    assert seat_of(draft, company.ann).amount == D("2000")
    assert "Ann" in get(client, company.planner, "history", draft.pk).content.decode()
    assert post(client, company.planner, "redo", draft.pk, headers=DATA).status_code == 409


def test_a_manager_undoes_only_what_they_did(client, draft, company):
    eve = User.objects.get(username="eve")
    ann, bob = seat_of(draft, company.ann), seat_of(draft, company.bob)
    post(client, company.planner, "edit_cell", ann.pk, amount="2000", headers=DATA)
    assert post(client, eve, "undo", draft.pk, headers=DATA).status_code == 409

    post(client, eve, "edit_cell", bob.pk, amount="1000", headers=DATA)
    assert post(client, eve, "undo", draft.pk, headers=DATA).status_code == 200
    assert (seat_of(draft, company.ann).amount, seat_of(draft, company.bob).amount) == (D("2000"), D("2320"))


def test_a_manager_is_not_told_figures_of_other_teams(client, draft, company):
    eve = User.objects.get(username="eve")
    post(client, company.planner, "edit_cell", seat_of(draft, company.cho).pk, amount="4000", headers=DATA)
    bob = seat_of(draft, company.bob)

    late = post(client, eve, "edit_cell", bob.pk, amount="1000", revision="1", headers=DATA)
    page = get(client, eve, "history", draft.pk).content.decode()

    assert late.status_code == 409
    for text in (late.json()["detail"], page):
        assert "Figures typed" in text
        assert "Cho," not in text
        assert "4,000" not in text


def test_locked_figures_stay_until_they_are_released(client, draft, company):
    bob = seat_of(draft, company.bob)
    assert post(client, company.planner, "lock", bob.pk, headers=DATA).status_code == 200
    refused = post(
        client, company.planner, "edit_cell", seat_of(draft, company.ann).pk, amount="9", headers=DATA
    )
    vacant = draft.targets.get(position__title="Vacant seat")

    assert seat_of(draft, company.bob).is_fixed
    assert (refused.status_code, Target.objects.get(pk=vacant.pk).amount) == (200, D("1431"))
    post(client, company.planner, "release", bob.pk, headers=DATA)
    assert not seat_of(draft, company.bob).is_fixed


def test_a_pasted_block_is_shown_first_and_taken_whole(client, draft, company):
    ann, bob = seat_of(draft, company.ann), seat_of(draft, company.bob)
    shown = paste(client, company, draft, "1,200\t0.02万\r\n+5%\t", [ann, bob], ["m0", "m1"], balance="up")

    found = shown.context["found"]
    assert [(one.row_name, one.column, one.after) for one in found.pending] == [
        ("Ann", "m0", D(1200)), ("Ann", "m1", D(200)), ("Bob", "m0", D(252))
    ]  # fmt: skip
    assert shown.context["refusal"] == ""
    assert PlanChange.objects.count() == 0
    assert seat_of(draft, company.ann).months[0] == D(120)

    taken = post(
        client, company.planner, "paste_apply", draft.pk, headers=DATA,
        cells=shown.context["cells"], balance="up", reason="Field says so",
        revision=shown.context["revision"],
    )  # fmt: skip
    assert taken.status_code == 200
    assert seat_of(draft, company.ann).months[:3] == [D(1200), D(200), D(120)]
    assert unit_of(draft, company.top).amount == D(8640 + 1080 + 80 + 12)
    assert PlanChange.objects.get().reason == "Field says so"


def test_cells_that_cannot_be_taken_are_named_with_their_fix(client, draft, company):
    ann, east = seat_of(draft, company.ann), unit_of(draft, company.east)
    shown = paste(client, company, draft, "abc\t100\n120\t7\n1", [ann, east], ["m0", "m1"])

    refused = [(one.row, one.column, one.text) for one in shown.context["found"].refused]
    assert refused == [(1, 1, "abc"), (3, 1, "1")]
    assert "data-paste-apply" not in shown.content.decode()


def test_a_block_the_plan_cannot_hold_says_so_before_it_is_taken(client, draft, company):
    ann, bob = seat_of(draft, company.ann), seat_of(draft, company.bob)
    vacant = draft.targets.get(position__title="Vacant seat")
    shown = paste(client, company, draft, "1\n2\n3", [ann, bob, vacant], ["year"], balance="siblings")

    assert "4,320.00" in shown.context["refusal"]
    cells = json.dumps([[ann.pk, "year", "1"], [bob.pk, "year", "2"], [vacant.pk, "year", "3"]])
    taken = post(
        client, company.planner, "paste_apply", draft.pk, headers=DATA, cells=cells, balance="siblings"
    )
    assert taken.status_code == 409
    assert seat_of(draft, company.ann).amount == D(1440)


@pytest.mark.parametrize("cells", ["{", "[[1]]", '[["x","year","1"]]', '[[1,"year","zz"]]', "7"])
def test_a_damaged_block_is_refused(client, draft, company, cells):
    answer = post(client, company.planner, "paste_apply", draft.pk, headers=DATA, cells=cells)

    assert answer.status_code in {302, 409}
    assert PlanChange.objects.count() == 0


def test_rows_out_of_reach_are_not_pasted(client, draft, company):
    cho = seat_of(draft, company.cho)
    cells = json.dumps([[cho.pk, "year", "1"]])
    eve = User.objects.get(username="eve")

    assert (
        post(client, eve, "paste_apply", draft.pk, headers=DATA, cells=cells, balance="siblings").status_code
        != 200
    )
    assert seat_of(draft, company.cho).amount == D(4320)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_grid_goes_out_as_a_file_and_comes_back_changed(client, draft, company, kind):
    answer = get(client, company.planner, kind, draft.pk)
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        text = content.decode("utf-8-sig")
        changed = text.replace("1440.00", "1500.00", 1).encode("gb18030")
    else:
        rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        assert rows.get_sheet_by_index(0).to_python()[4][4] == 1440
        changed = content

    upload = SimpleUploadedFile(f"plan.{kind}", changed)
    shown = post(client, company.planner, "paste_preview", draft.pk, file=upload, balance="up")

    found = shown.context["found"]
    assert found.refused == []
    assert [(one.row_name, one.after) for one in found.pending] == (
        [("Ann", D(1500))] if kind == "csv" else []
    )
    assert found.same > 100


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00\xd8", b"PK\x03\x04broken"])
def test_a_file_that_is_no_grid_is_refused_in_words(client, draft, company, content):
    name = "x.xlsx" if content.startswith(b"PK") else "x.csv"
    upload = SimpleUploadedFile(name, content)

    answer = post(
        client, company.planner, "paste_preview", draft.pk, file=upload, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 409
    assert answer.json()["detail"]


def test_months_are_weighted_by_hand(client, draft, company):
    shown = get(client, company.planner, "season", draft.pk)
    assert shown.status_code == 200

    weights = {f"w{position}": "1" for position in range(12)} | {"w0": "2", "w11": "0"}
    post(client, company.planner, "set_season", draft.pk, season="custom", **weights)
    assert unit_of(draft, company.top).months[0] == D(1440)
    draft.refresh_from_db()
    assert draft.season == Season.CUSTOM
    assert get(client, company.planner, "settings", draft.pk).status_code == 200

    post(client, company.planner, "set_season", draft.pk, season="even")
    assert unit_of(draft, company.top).months[0] == D(720)
    zero = {f"w{position}": "0" for position in range(12)}
    assert post(client, company.planner, "set_season", draft.pk, season="custom", **zero).status_code == 302
    assert unit_of(draft, company.top).months[0] == D(720)


def test_every_method_stands_beside_the_others_and_can_be_used(client, draft, company):
    east = unit_of(draft, company.east)
    services_limits = {"target_id": seat_of(draft, company.bob).pk, "low": D(0), "high": D(2000)}
    with transaction.atomic():
        services.set_limits(**services_limits, by_id=company.planner.pk, at=AT)

    shown = get(client, company.planner, "compare", east.pk, growth="10", weight_equal="100").context[
        "comparison"
    ]
    by_method = {column.method: column.amounts for column in shown.columns}
    assert set(by_method) == {method for method in Method if method != Method.SAME_VALUE}
    assert by_method[Method.EQUAL] == by_method[Method.WEIGHTED] == [D(1440)] * 3
    assert by_method[Method.HISTORY] == [D(0), D(2320), D(2000)]

    post(client, company.planner, "use", east.pk, method="weighted", weight_equal="100")
    assert [seat_of(draft, one).amount for one in (company.ann, company.bob)] == [D(1440), D(1440)]
    east.refresh_from_db()
    assert (east.method, east.recipe["weights"]) == ("weighted", {"equal": "1"})
    node = get(client, company.planner, "node", seat_of(draft, company.ann).pk)
    assert [step.agrees for step in node.context["found"].steps] == [True] * 3
    wrong = post(client, company.planner, "use", east.pk, method="weighted", weight_equal="90")
    assert wrong.status_code == 302
    assert seat_of(draft, company.ann).amount == D(1440)


def test_a_target_is_sliced_on_its_page(client, draft, company):
    for sector in ("bank", "retail"):
        AccountFactory(sector=sector)
    east = unit_of(draft, company.east)
    assert get(client, company.planner, "slices", east.pk, "segment").status_code == 200
    assert get(client, company.planner, "slices", east.pk, "moon").status_code == 404

    amounts = {"member-bank": "1,000.00", "member-retail": "3,320.00"}
    post(client, company.planner, "set_slices", east.pk, "segment", **amounts)
    assert TargetSlice.objects.get(target=east, member="retail").amount == D(3320)
    assert (
        post(client, company.planner, "set_slices", east.pk, "segment", **{"member-bank": "x"}).status_code
        == 302
    )
    post(client, company.planner, "set_slices", east.pk, "segment", act="clear", **amounts)
    assert TargetSlice.objects.count() == 0
    assert post(client, User.objects.get(username="ann"), "set_slices", east.pk, "segment").status_code == 403


def test_seats_that_join_are_offered_and_added(client, draft, company):
    seat = PositionFactory(unit=company.west, title="New seat")
    shown = get(client, company.planner, "plan", draft.pk)
    assert [one.pk for one in shown.context["drift"].joined] == [seat.pk]

    post(client, company.planner, "add_seat", draft.pk, seat.pk)

    assert get(client, company.planner, "plan", draft.pk).context["drift"].joined == []
    made = draft.targets.get(position=seat)
    rows = get(client, company.planner, "plan", draft.pk).context["grid"].rows
    assert rows[-1].target.pk == made.pk
    post(client, company.planner, "remove_seat", made.pk, reason="")
    assert draft.targets.filter(position=seat).exists()
    post(client, company.planner, "remove_seat", made.pk, reason="Closed")
    assert not draft.targets.filter(position=seat).exists()


def test_relief_is_granted_and_taken_back_on_the_pages(client, in_force, company):
    ann = company.ann
    assert get(client, company.chief, "relief", in_force.pk, ann.pk).status_code == 200
    grant = {"months": ["2026-M03", "2026-M04"], "share": "50", "reason": "Parental leave"}
    assert post(client, company.planner, "grant", in_force.pk, ann.pk, **grant).status_code == 403

    post(client, company.chief, "grant", in_force.pk, ann.pk, **grant)
    shown = get(client, company.chief, "node", seat_of(in_force, ann).pk).context["found"]
    assert (shown.effective, shown.is_relieved) == (D("1320.00"), True)
    assert (
        "Parental leave"
        in get(client, User.objects.get(username="ann"), "node", seat_of(in_force, ann).pk).content.decode()
    )

    post(client, company.chief, "revoke", QuotaRelief.objects.first().pk)
    assert QuotaRelief.objects.standing().count() == 1
    assert post(client, company.chief, "grant", in_force.pk, company.head.pk, **grant).status_code == 302
    assert QuotaRelief.objects.filter(person=company.head).count() == 0


def test_the_grid_of_a_plan_in_force_is_only_read(client, in_force, company):
    shown = get(client, company.planner, "plan", in_force.pk)

    assert not any(row.may_edit for row in shown.context["grid"].rows)
    assert get(client, company.planner, "paste", in_force.pk).status_code == 404
    ann = seat_of(in_force, company.ann)
    assert post(client, company.planner, "edit_cell", ann.pk, amount="1", headers=DATA).status_code == 409

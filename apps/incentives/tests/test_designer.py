"""The plan designer: everything a document may say has a field; what is typed is kept, whatever is wrong."""

import datetime as dt
import json
import re
from html import unescape

import pytest
from django.http import QueryDict
from django.urls import reverse

from apps.core import clock
from apps.incentives.forms import PlanDraft
from apps.incentives.models import PlanVersion
from apps.incentives.rules.design import choices, gallery, spec, words
from apps.incentives.rules.design.story import story
from apps.incentives.rules.design.tree import document as document_of
from apps.incentives.rules.design.tree import is_held, tidied
from apps.incentives.rules.design.work import work
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.runnable import check_runnable
from apps.incentives.selectors.design import measured
from apps.incentives.tests.engine.test_examples import REQUESTS
from apps.incentives.tests.factories import commission, document

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)
FIRST, BEFORE = dt.date(2026, 7, 1), dt.date(2026, 10, 1)
ABOUT = {"name": "New plan", "code": "new-plan", "purpose": "", "starts_on": "2026-07-01"}
INPUT = re.compile(r'<(?:input|select)[^>]*? name="([^"]+)"')


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


def plans_of_the_handbook():
    found = []
    for slug, request in REQUESTS.items():
        named = {"": request["plan"]} if "plan" in request else request["plans"]
        for name, plan in named.items():
            found.append(pytest.param(plan, id=f"{slug} {name}".strip()))
    return found


def posted(draft):
    """Return what a browser would send of a painted draft."""
    data = QueryDict(mutable=True)
    for node in draft.painted().every():
        if node.kind in {"select", "text", "day", "number", "hidden", "paid", "words"}:
            data[node.name] = node.value
        if node.kind == "paid":
            data[node.way_name] = node.way
        if node.kind == "ticks":
            data.setlist(node.name, ["", *node.value])
    return data


def test_every_field_option_and_kind_of_the_schema_has_words():
    groups = spec.every_group()
    fields = [one for group in groups for one in group.fields if one.key != "kind"]
    kinds = [one for group in groups for field in group.fields for one in kinds_in(field.spec)]

    assert all(words.word_of(one.model, one.key).label for one in fields)
    assert all(
        choices.choice_label(one.model, one.key, value)
        for one in fields
        if isinstance(one.spec, spec.Choice)
        for value in one.spec.values
    )
    assert kinds
    assert all(choices.kind_label(group.model) for _kind, group in kinds)


def kinds_in(found):
    while isinstance(found, spec.Many):
        found = found.item
    return found.variants if isinstance(found, spec.OneOf) else ()


@pytest.mark.parametrize("plan", plans_of_the_handbook())
def test_every_plan_of_the_handbook_survives_the_form(plan):
    draft = PlanDraft.of_document(plan, measured())

    sent = PlanDraft.posted(posted(draft), measured())

    assert draft.text is None
    assert parse_plan(sent.document) == parse_plan(plan)


@pytest.mark.parametrize("ready", gallery.READY, ids=lambda one: one.code)
def test_every_plan_to_start_from_can_be_saved_and_told(ready):
    plan = parse_plan(ready.document("USD", FIRST, BEFORE))

    chapters = story(plan, {one.code: one.kind for one in measured()}, FIRST)

    assert is_held(ready.document("USD", FIRST, BEFORE))
    check_runnable(plan)
    assert not any(one.problem for one in chapters)
    assert chapters[1].paid > 0


def test_the_example_of_a_draw_fills_up_pays_back_and_takes_a_return_back():
    plan = parse_plan(gallery.ready("ramp").document("USD", FIRST, BEFORE))

    weak, strong, usual = story(plan, {}, FIRST)

    # 20,000 × 4 % = 800, filled up to 6,000; 280,000 in slices = 17,200, of which half the surplus pays back
    assert [(one.kind, str(one.amount)) for one in weak.lines] == [("earned", "800.00"), ("draw", "5200.00")]
    assert [(one.kind, str(one.amount)) for one in strong.lines] == [
        ("earned", "17200.00"), ("draw", "-5200.00"),
    ]  # fmt: skip
    assert usual.lines[-1].kind == "return"
    assert usual.lines[-1].amount < 0


@pytest.mark.parametrize(
    "kind", [kind for kind, _group in kinds_in(spec.document_spec().field("components").spec)]
)
def test_every_kind_can_be_added_and_begins_whole(kind):
    tree = work(tidied({"currency": "USD", "period": "quarter"}), f"add:components:{kind}")
    for one in tree["components"][0].get("objectives", ()):
        one["name"] = "Objective"
    tree["components"][0].update({"from": "2026-07-01", "before": "2026-10-01"} if kind == "spiff" else {})

    plan = parse_plan(document_of(tree))

    assert plan.components[0].kind == kind


ACTS = {
    "a part": ("add:draw", lambda tree: tree["draw"]["kind"] == "recoverable"),
    "a copy with a code of its own": (
        "copy:components[0]",
        lambda tree: [one["code"] for one in tree["components"]] == ["commission", "commission_2"],
    ),
    "a tier that begins where the last one ended": (
        "add:components[0].table.tiers",
        lambda tree: tree["components"][0]["table"]["tiers"][2]["from"] == "",
    ),
    "a gap closed by removing a tier": (
        "remove:components[0].table.tiers[0]", lambda tree: tree["components"][0]["table"]["tiers"] == [
            {"from": "0", "to": "", "rate": "0.05"},
        ],
    ),
    "nothing for what is unknown": ("add:components[9].gate", lambda tree: len(tree["components"]) == 1),
    "nothing for nonsense": ("remove:__class__", lambda tree: len(tree["components"]) == 1),
}  # fmt: skip


@pytest.mark.parametrize(("act", "holds"), ACTS.values(), ids=ACTS.keys())
def test_what_an_act_leaves(act, holds):
    table = {
        "kind": "marginal",
        "tiers": [{"from": "0", "to": "1000", "rate": "0.03"}, {"from": "1000", "rate": "0.05"}],
    }
    tree = tidied(document(commission(table=table)))

    assert holds(work(tree, act))


@pytest.mark.parametrize(
    ("kind", "basis"), [("per_transaction", "transaction"), ("curve", "period"), ("interpolated", "period")]
)
def test_another_kind_of_table_keeps_the_plan_whole(kind, basis):
    tree = work(tidied({"currency": "USD", "period": "quarter"}), "add:components:commission")
    tree["components"][0]["table"]["kind"] = kind

    made = work(tidied(tree), "", "components[0].table.kind")

    assert parse_plan(document_of(made)).components[0].basis == basis


def send(client, name, data, *args, **headers):
    return client.post(reverse(f"incentives:{name}", args=args), data, headers=headers)


def blocks(draft=None, **changes):
    """Return the form of a plan as the page sends it."""
    draft = draft or PlanDraft.of_document(document(commission()), measured())
    return {**ABOUT, **dict(posted(draft).lists()), **changes}


def test_the_designer_makes_a_draft_from_blocks(company, client):
    client.force_login(company.admin)
    rates = {"components[0].table.tiers[0].rate": "3", "components[0].table.tiers[1].rate": "5.5 %"}

    answer = send(client, "plan_create", blocks(**rates))

    version = PlanVersion.objects.get()
    assert answer.status_code == 302
    assert [tier["rate"] for tier in version.document["components"][0]["table"]["tiers"]] == ["0.03", "0.055"]


def test_a_gap_is_refused_at_its_place_and_what_was_typed_stays(company, client):
    client.force_login(company.admin)
    typed = {"components[0].table.tiers[1].from": "2,500", "components[0].name": "Half done", "name": ""}

    answer = send(client, "plan_create", blocks(**typed))
    page = unescape(answer.content.decode())

    assert answer.status_code == 422
    assert not PlanVersion.objects.exists()
    assert 'data-go="components[0].table.tiers[1].from"' in page
    assert "Nothing is paid between 1000 and 2500. Close the gap." in page
    assert 'name="components[0].table.tiers[1].from" value="2500"' in page
    assert 'name="components[0].name" value="Half done"' in page


@pytest.mark.parametrize("typed", ["five", "1e9", "-3", "9" * 40, "<b>"])
def test_what_is_no_figure_is_kept_and_refused(company, client, typed):
    client.force_login(company.admin)

    answer = send(client, "plan_create", blocks(**{"components[0].table.tiers[0].rate": typed}))

    page = unescape(answer.content.decode())

    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert "Write a percentage from 0 to 100,000, for example 5." in page
    assert "0.05" not in page  # as a document keeps what is typed as 5 %


def test_overlaps_in_text_are_refused_and_the_text_stays(company, client):
    client.force_login(company.admin)
    tiers = [{"from": "0", "to": "100", "rate": "0.1"}, {"from": "90", "rate": "0.2"}]
    text = json.dumps(document(commission(table={"kind": "marginal", "tiers": tiers})))

    answer = send(client, "plan_create", {**ABOUT, "as_text": text})
    broken = send(client, "plan_create", {**ABOUT, "as_text": text[:-9]})

    assert (answer.status_code, broken.status_code) == (422, 422)
    assert "components[0].table.tiers[1].from" in answer.content.decode()
    assert text[:-9] in unescape(broken.content.decode())
    assert not PlanVersion.objects.exists()


def test_text_becomes_blocks_only_when_nothing_is_lost(company, client):
    client.force_login(company.admin)
    whole = document(commission())
    unknown = {**whole, "bonus_for_luck": "1"}

    back = send(client, "plan_form", {**ABOUT, "as_text": json.dumps(whole), "do": "blocks"})
    kept = send(client, "plan_form", {**ABOUT, "as_text": json.dumps(unknown), "do": "blocks"})

    assert 'name="components[0].table.kind"' in back.content.decode()
    assert "bonus_for_luck" in kept.content.decode()


def test_an_act_adds_a_part_and_keeps_everything_typed(company, client):
    client.force_login(company.admin)
    data = blocks(name="Typed so far", **{"components[0].table.tiers[0].rate": "7"}, do="add:draw")

    answer = send(client, "plan_form", data, **{"HX-Request": "true"})
    page = answer.content.decode()

    assert 'name="draw.recovery_share" value="50"' in page
    assert 'value="Typed so far"' in page
    assert 'name="components[0].table.tiers[0].rate" value="7"' in page
    assert not PlanVersion.objects.exists()


def test_the_preview_says_what_it_pays_and_what_is_wrong_where(company, client):
    client.force_login(company.admin)

    whole = send(client, "plan_preview", blocks())
    gap = send(client, "plan_preview", blocks(**{"components[0].table.tiers[1].from": "2500"}))

    assert "From $0 to $1,000: 3%." in whole.content.decode()
    assert whole.context["story"].rows[-1].label
    assert [place for place, _name, _fix in gap.context["problems"]] == ["components[0].table.tiers[1].from"]
    assert [name for _place, name, _fix in gap.context["problems"]] == [
        "Commission › Rates › Tiers, no. 2 › From"
    ]


def test_a_next_version_says_what_it_changes_and_saves_under_its_revision(company, client):
    plan = company.plan()
    client.force_login(company.admin)
    page = unescape(client.get(reverse("incentives:plan_edit", args=[plan.pk])).content.decode())
    rate = {"components[0].table.tiers[1].rate": "9"}

    shown = send(client, "plan_preview", {**blocks(**rate), "plan": plan.pk})
    saved = send(client, "plan_save", {**blocks(**rate), "note": "More"}, plan.pk)

    changes = shown.context["changes"]
    assert 'name="components[0].table.tiers[1].rate" value="5"' in page
    assert [(one.before, one.after) for one in changes.parts] == [
        (("From $1,000: 5%.",), ("From $1,000: 9%.",))
    ]
    assert [(one.before, one.after) for one in changes.figures] == [("5%", "9%")]
    assert saved.status_code == 302
    assert plan.versions.get(number=2).note == "More"


def test_a_plan_is_copied_and_one_to_start_from_opens(company, client):
    plan = company.plan()
    client.force_login(company.admin)
    address = reverse("incentives:plan_new")

    copied = client.get(address, {"copy": plan.pk}).content.decode()
    started = client.get(address, {"start": "ramp"}).content.decode()
    chosen = client.get(address).content.decode()

    assert "(copy)" in copied
    assert 'name="components[0].table.tiers[0].rate" value="3"' in unescape(copied)
    assert 'name="draw.amount" value="6000"' in started
    assert "?start=ramp" in chosen


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 200), ("rep", 403), ("manager", 403), ("auditor", 403)]
)
def test_who_may_design(company, client, who, status):
    client.force_login(company.users[who])

    answers = [client.get(reverse("incentives:plan_new")), send(client, "plan_form", blocks())]

    assert [one.status_code for one in answers] == [status, status]


LABELLED = re.compile(r'(?:for="([^"]+)")|(?:name="([^"]+)"[^>]*aria-label)|(?:type="hidden" name="([^"]+)")')


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_input_of_the_page_is_labelled(company, client, language):
    client.force_login(company.admin)

    answer = client.get(
        reverse("incentives:plan_new"), {"start": "two-measures"}, headers={"accept-language": language}
    )
    page = unescape(answer.content.decode())

    named = {one for one in INPUT.findall(page) if "[" in one}
    assert named
    assert named <= {name for found in LABELLED.findall(page) for name in found}

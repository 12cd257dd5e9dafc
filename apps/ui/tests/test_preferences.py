import pytest
from django.test import Client

from apps.access.models import User
from apps.ui.models import SavedView
from apps.ui.tests.factories import SavedViewFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_language_is_kept_with_the_account(browser, user):
    answer = browser.post("/ui/language/", {"language": "zh-hans", "next": "/ui/more/"})

    user.refresh_from_db()
    assert answer["Location"] == "/ui/more/"
    assert user.language == User.Language.CHINESE
    assert "搜索全部" in browser.get("/ui/more/").content.decode()


def test_a_visitor_keeps_the_language_in_a_cookie():
    client = Client()

    answer = client.post("/ui/language/", {"language": "zh-hans"})

    assert answer.cookies["django_language"].value == "zh-hans"


@pytest.mark.parametrize("language", ["", "xx", "../etc"])
def test_an_unknown_language_changes_nothing(browser, user, language):
    browser.post("/ui/language/", {"language": language})

    user.refresh_from_db()
    assert user.language == User.Language.ENGLISH


def test_no_redirect_leaves_the_site(browser):
    assert browser.post("/ui/language/", {"language": "en", "next": "https://evil.test/"})["Location"] == "/"


def test_the_theme_is_rendered_before_the_first_paint(browser, user):
    browser.post("/ui/theme/", {"theme": "dark"})

    user.refresh_from_db()
    assert user.theme == User.Theme.DARK
    assert 'data-bs-theme="dark"' in browser.get("/ui/more/").content.decode()


def test_a_view_is_saved_without_page_and_replaced_by_name(browser, user):
    for query in ("language=en&page=3&as_of=2026-01-01", "language=zh-hans"):
        browser.post("/ui/views/", {"table": "t", "name": " Mine ", "query": query, "next": "/ui/more/"})

    [view] = SavedView.objects.visible_to(user)
    assert (view.name, view.query, view.is_default) == ("Mine", "language=zh-hans", False)


def test_only_one_view_opens_first(browser, user):
    for name in ("One", "Two"):
        browser.post("/ui/views/", {"table": "t", "name": name, "query": "", "is_default": "on"})

    assert list(SavedView.objects.filter(user=user, is_default=True).values_list("name", flat=True)) == [
        "Two"
    ]


def test_a_view_without_name_is_refused_and_nothing_saved(browser):
    answer = browser.post("/ui/views/", {"table": "t", "name": " "}, headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert SavedView.objects.count() == 0


def test_another_persons_view_is_not_there(browser):
    view = SavedViewFactory()

    assert browser.post(f"/ui/views/{view.pk}/delete/").status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_own_view_is_removed(browser, user):
    view = SavedViewFactory(user=user)

    browser.post(f"/ui/views/{view.pk}/delete/")

    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_an_expired_sign_in_sends_htmx_to_the_sign_in_page():
    answer = Client().get(
        "/ui/search/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/pipeline/?q=a"}
    )

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fpipeline%2F%3Fq%3Da"


def test_the_kit_page_is_for_staff(browser, user):
    assert browser.get("/ui/kit/").status_code == 404
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    assert browser.get("/ui/kit/").status_code == 200


@pytest.mark.parametrize("path", ["/ui/more/", "/ui/search/?q=a", "/ui/shortcuts/", "/nowhere/"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_the_shell_have_one_main_and_one_heading(browser, user, path, language):
    user.language = language
    user.save(update_fields=["language"])

    body = browser.get(path).content.decode()

    assert body.count("<main") == 1
    assert body.count("<h1") == 1

"""What the content security policy forbids is not written in the first place; nothing lies about unused."""

import re

import pytest

from tests.guards.sources import ROOT, sources, templates

INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/(?:json|ld\+json)[\"'])[^>]*>", re.I
)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I)
STYLE = re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.I)
SCRIPT_ADDRESS = re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.I)
# Found by Django and its apps by their name alone.
KNOWN_BY_NAME = re.compile(
    r"^(4\d\d|500|503)(_csrf)?\.html$|^(account|mfa|allauth|admin|unfold|bootstrap5|rest_framework)/"
)


@pytest.mark.parametrize(
    "template", templates(), ids=lambda path: path.relative_to(ROOT / "templates").as_posix()
)
@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param(INLINE_SCRIPT, id="inline script"),
        pytest.param(HANDLER, id="on… attribute"),
        pytest.param(STYLE, id="inline style"),
        pytest.param(SCRIPT_ADDRESS, id="javascript: address"),
    ],
)
def test_a_template_has_nothing_the_content_policy_would_block(template, forbidden):
    if template.relative_to(ROOT / "templates").as_posix().startswith(("email/", "notifications/email")):
        pytest.skip("A mail has no content policy and must carry its style.")
    found = forbidden.search(
        re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", template.read_text(), flags=re.S)
    )

    assert found is None, found and found.group(0)


@pytest.mark.parametrize(
    "template", templates(), ids=lambda path: path.relative_to(ROOT / "templates").as_posix()
)
def test_a_template_has_at_most_150_lines(template):
    assert template.read_text().count("\n") <= 150


def test_every_template_is_used():
    code = "\n".join((ROOT / source.path).read_text() for source in sources())
    pages = "\n".join(path.read_text() for path in templates())
    names = [path.relative_to(ROOT / "templates").as_posix() for path in templates()]

    unused = [
        name for name in names if not KNOWN_BY_NAME.match(name) and name not in code and name not in pages
    ]

    assert unused == []

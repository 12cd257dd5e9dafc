"""The rules of accessibility that a program can check, on one page of every kind, light and dark."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "manager": [
        "/",
        "/pipeline/board/",
        "/pipeline/deals/",
        "/targets/",
        "/insights/team/",
        "/org/",
        "/reviews/team/",
    ],
    "rep": ["/incentives/my-pay/", "/pipeline/visit/", "/training/mine/"],
    "compadmin": ["/incentives/runs/", "/incentives/plans/"],
    "salesops": ["/imports/", "/measures/"],
}
_RUN = """async () => {
  const wanted = { runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] };
  const { violations } = await window.axe.run(document, wanted);
  return violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)}`);
}"""


@pytest.mark.parametrize("name", PAGES)
def test_pages_keep_the_rules(visit, name):
    visitor = visit(name)
    wrong = []
    for theme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for path in PAGES[name]:
            answer = visitor.page.goto(path)
            assert answer.status == 200, path
            visitor.page.evaluate(AXE.read_text())
            wrong += [f"{path} ({theme}): {found}" for found in visitor.page.evaluate(_RUN)]

    assert not wrong, "\n".join(wrong)

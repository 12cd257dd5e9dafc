from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.imports.seen import SeenIds


@given(st.lists(st.text(max_size=6), max_size=400))
def test_a_text_is_new_exactly_once(texts):
    seen, known = SeenIds(), set()
    for text in texts:
        assert seen.add(text) == (text not in known)
        known.add(text)


def test_it_grows_and_still_knows_everything():
    seen = SeenIds()
    assert all(seen.add(f"deal-{number}") for number in range(5000))
    assert not any(seen.add(f"deal-{number}") for number in range(5000))

"""Which components mean the same: plans name their codes as they like, people read the names."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

Named = tuple[str, str]  # a component's code and name


def by_meaning(components: Iterable[tuple[Hashable, str, str]]) -> dict[Named, Named]:
    """Return what each component, given as plan, code and name, is told as: one code for a name.

    A name that one plan gives to two components keeps them apart.
    """
    codes: dict[str, dict[Hashable, set[str]]] = defaultdict(lambda: defaultdict(set))
    for plan, code, name in components:
        codes[name][plan].add(code)
    found: dict[Named, Named] = {}
    for name, plans in codes.items():
        every = sorted(set().union(*plans.values()))
        is_one = all(len(own) == 1 for own in plans.values())
        found |= {(code, name): (every[0] if is_one else code, name) for code in every}
    return found

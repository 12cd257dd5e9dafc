"""The project's own files, parsed once for every guard."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_SKIPPED = {"migrations", "__pycache__", "node_modules", "locale"}


@dataclass(frozen=True)
class Source:
    """A Python module of the product (no tests, no migrations)."""

    path: Path
    name: str
    tree: ast.Module
    lines: int

    @property
    def app(self) -> str:
        """Return the app it belongs to, or an empty string."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "apps" and len(parts) > 1 else ""

    @property
    def room(self) -> str:
        """Return what kind of module it is inside its app: ``services`` for ``apps.org.services.units``."""
        parts = self.name.split(".")
        return parts[2] if parts[0] == "apps" and len(parts) > 2 else ""

    def imports(self) -> Iterator[tuple[str, int]]:
        """Yield every imported module or name with its line, also inside functions, not for types only."""
        for node in _without_type_checking(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


@functools.cache
def sources() -> tuple[Source, ...]:
    """Return every Python module of the product."""
    found = []
    for folder in ("apps", "salesorg"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if _SKIPPED & set(relative.parts) or "tests" in relative.parts:
                continue
            text = path.read_text(encoding="utf-8")
            name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            found.append(Source(relative, name, ast.parse(text), text.count("\n")))
    return tuple(found)


@functools.cache
def templates() -> tuple[Path, ...]:
    """Return every template of the product."""
    return tuple(sorted((ROOT / "templates").rglob("*.html")))


def _without_type_checking(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting.extend(node.orelse)
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))

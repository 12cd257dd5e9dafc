"""How the code is laid out: layers inside an app, private entry points, sizes, forbidden shortcuts."""

import ast
import re

import pytest

from tests.guards.sources import ROOT, sources

# Inside an app imports point down this list only.
RANKS = [
    {"enums", "rules"},
    {"models", "managers"},
    {"selectors"},
    {"services"},
    {"forms"},
    {"views", "urls", "api", "tasks", "admin", "management", "receivers"},
]
PRIVATE = {"views", "forms", "tasks", "admin", "urls", "api", "management", "receivers"}
RANK_OF = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms}

# Rules may translate strings and check types; they may not reach for state, clock or request.
IMPURE = re.compile(
    r"django\.(db|http|core\.cache|contrib|conf|utils\.timezone|test)|rest_framework|celery|redis|requests"
    r"|apps\.core\.(clock|db|embedded)|apps\.\w+\.(models|selectors|services|views|tasks|forms)"
)
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}
ROLE_FREE = {"access", "core"}


def _named(offences):
    return "\n" + "\n".join(sorted(offences))


def test_imports_inside_an_app_point_down():
    offences = []
    for source in sources():
        own = RANK_OF.get(source.room)
        for target, line in source.imports():
            parts = target.split(".")
            if own is None or parts[:2] != ["apps", source.app] or len(parts) < 3:
                continue
            if RANK_OF.get(parts[2], -1) > own:
                offences.append(f"{source.path}:{line} imports {target}")

    assert not offences, _named(offences)


def test_entry_points_of_an_app_are_its_own():
    offences = []
    for source in sources():
        for target, line in source.imports():
            parts = target.split(".")
            foreign = (
                parts[0] == "apps" and source.app and len(parts) > 2 and parts[1] not in {source.app, "core"}
            )
            is_kit = parts[:3] == ["apps", "ui", "forms"]  # the form kit every page is made of
            if foreign and parts[2] in PRIVATE and not is_kit and not _is_route_table(source, parts):
                offences.append(f"{source.path}:{line} imports {target}")

    assert not offences, _named(offences)


def _is_route_table(source, parts):
    """The API root of ``integrations`` collects every app's ``api.urls``; that is its purpose."""
    return source.app == "integrations" and parts[2:4] == ["api", "urls"]


def test_rules_know_no_database_clock_or_request():
    offences = [
        f"{source.path}:{line} imports {target}"
        for source in sources()
        if source.room in {"rules", "enums"}
        for target, line in source.imports()
        if IMPURE.match(target) and (source.room, target) != ("enums", "django.db.models")  # TextChoices
    ]

    assert not offences, _named(offences)


def test_business_effects_do_not_hang_on_model_signals():
    offences = [
        f"{source.path}:{line} imports {target}"
        for source in sources()
        for target, line in source.imports()
        if target.rpartition(".")[2] in MODEL_SIGNALS
    ]

    assert not offences, _named(offences)


def test_features_ask_for_permissions_never_for_superusers_groups_or_role_names():
    offences = []
    for source in sources():
        if source.app in ROLE_FREE or source.room in {"demo", "admin"} or not source.app:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in {
                "is_superuser",
                "user_permissions",
                "has_perm",
            }:
                offences.append(f"{source.path}:{node.lineno} uses {node.attr}")

    assert not offences, _named(offences)


@pytest.mark.parametrize("source", sources(), ids=lambda source: str(source.path))
def test_no_module_is_longer_than_600_lines(source):
    assert source.lines <= 600


def test_no_function_is_longer_than_60_lines():
    offences = [
        f"{source.path}:{node.lineno} {node.name} has {_lines_of(node)} lines"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if _lines_of(node) > 60
    ]

    assert not offences, _named(offences)


def _lines_of(node):
    """Return the lines of a function without its docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - docstring


def test_a_save_of_an_existing_row_names_its_fields():
    """``instance.save()`` without arguments writes back every column it read and loses others' changes."""
    offences = []
    for source in sources():
        if source.room != "services":
            continue
        for node in ast.walk(source.tree):
            is_save = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "save"
            )
            if is_save and not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert"}:
                offences.append(f"{source.path}:{node.lineno}")

    assert not offences, _named(offences)


def test_no_file_names_a_package_registry():
    """Where packages come from is the machine's business: a name here would defeat a company's mirror."""
    dot = "."
    hosts = [
        dot.join(words)
        for words in (["pypi", "org"], ["npmjs", "org"], ["npmjs", "com"], ["pythonhosted", "org"])
    ]
    pattern = re.compile("|".join(map(re.escape, hosts)))
    own = [
        "apps",
        "salesorg",
        "bin",
        "deploy",
        "docs",
        "frontend",
        "templates",
        "tests",
        "examples",
        "benchmarks",
        ".ci",
    ]
    files = [path for folder in own for path in (ROOT / folder).rglob("*")]
    files += [path for path in ROOT.iterdir() if path.name != ".git"]
    text_files = [
        path
        for path in files
        if path.is_file() and path.suffix not in {".png", ".ttf", ".woff2", ".mo", ".pyc"}
    ]

    offences = [
        str(path.relative_to(ROOT))
        for path in text_files
        if pattern.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert not offences, _named(offences)

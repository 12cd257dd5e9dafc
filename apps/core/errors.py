"""The base of every refusal a rule can give."""

from collections.abc import Mapping


class DomainError(Exception):
    """A rule refused. Nothing was changed.

    ``message`` is a translated sentence that names the fix; ``fields`` maps a
    field name to its own sentence; ``code`` is stable and machine-readable
    (by default the class name in snake case). Pages answer 409 (or 422 with
    ``fields``), the API ``{"code", "detail", "fields"}``.
    """

    code = ""

    def __init__(
        self,
        message: object = "",
        *,
        fields: Mapping[str, object] | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})
        self.code = code or self.code or _snake(type(self).__name__)

    def __str__(self) -> str:
        return str(self.message) or self.code


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


class StaleVersion(DomainError):
    """Somebody else saved this row in the meantime."""

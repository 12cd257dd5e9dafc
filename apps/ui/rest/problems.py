"""Refusals that only calls from programs can earn."""

from apps.core.errors import DomainError


class UnknownParameter(DomainError):
    """The address carries a parameter that this resource does not know (HTTP 400)."""


class VersionMissing(DomainError):
    """A change came without the version it is based on (HTTP 428)."""

"""Users, and a gate that lets one of them in: the organisation above is not needed here."""

from apps.core.tests.gate import allowed, other, signed_in, user

__all__ = ["allowed", "other", "signed_in", "user"]

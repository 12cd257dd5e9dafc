"""Fields of the API that refuse what no business means."""

from rest_framework import serializers

from apps.core import days


class DateField(serializers.DateField):
    """A day within the years the product knows."""

    default_validators = [days.check_plausible]


class DateTimeField(serializers.DateTimeField):
    """A moment within the years the product knows."""

    default_validators = [days.check_plausible]

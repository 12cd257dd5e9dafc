"""Training as JSON."""

from rest_framework import serializers

from apps.training.models import Completion, Course, CourseSession, CourseSkill


class CourseSkillOut(serializers.ModelSerializer):
    """A skill a course teaches."""

    code = serializers.CharField(source="skill.code")
    name = serializers.CharField(source="skill.name")

    class Meta:
        model = CourseSkill
        fields = ("code", "name", "level")
        read_only_fields = fields


class CourseOut(serializers.ModelSerializer):
    """A course of the catalogue."""

    skills = CourseSkillOut(many=True)

    class Meta:
        model = Course
        fields = (
            "id", "code", "name", "summary", "provider", "format", "hours", "materials_url", "valid_months",
            "pass_score", "retired_on", "version", "skills",
        )  # fmt: skip
        read_only_fields = fields


class CourseSessionOut(serializers.ModelSerializer):
    """A session of a course."""

    class Meta:
        model = CourseSession
        fields = ("id", "course", "starts_at", "ends_at", "place", "capacity", "trainer", "state")
        read_only_fields = fields


class CompletionOut(serializers.ModelSerializer):
    """A completed course."""

    class Meta:
        model = Completion
        fields = ("id", "course", "person", "session", "completed_on", "score", "expires_on")
        read_only_fields = fields

"""What people type about deviations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.targets.enums import AlertKind
from apps.targets.rules.deviation import Rule
from apps.ui import forms as kit

_BELOW = {
    AlertKind.PACE: _("Actual below this share of what is expected by now, %"),
    AlertKind.PROJECTION: _("Projection below this share of the target, %"),
    AlertKind.DROP: _("Pace below this share of the pace before, %"),
}


class RuleForm(kit.Form):
    """When one kind of deviation is reported."""

    is_on = forms.BooleanField(label=_("Report it"), required=False)
    below = kit.PercentField(label=_("Below, %"), max_value=2)
    after = kit.PercentField(label=_("Once this share of the year's weight lies behind, %"))
    window = forms.IntegerField(label=_("Working days looked at"), min_value=5, max_value=120)

    submit = _("Set the rule")

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        initial = {"is_on": rule.is_on, "below": rule.below, "after": rule.after, "window": rule.window}
        super().__init__(*args, initial=initial, prefix=str(rule.kind), **kwargs)
        self.fields["below"].label = _BELOW[rule.kind]
        if rule.kind != AlertKind.DROP:
            self.fields["window"].widget = forms.HiddenInput()

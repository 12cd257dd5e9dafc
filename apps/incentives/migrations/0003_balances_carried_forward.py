from django.db import migrations, models

NOW = [
    "earned", "delta", "return", "cap", "modifier", "guarantee", "draw", "recovery", "carry", "holdback",
    "instalment", "release", "adjustment",
]
LABELS = [
    ("earned", "Earned"), ("delta", "Late change"), ("return", "Return"), ("cap", "Cap"),
    ("modifier", "Plan factor"), ("guarantee", "Guarantee"), ("draw", "Draw"), ("recovery", "Recovery"),
    ("carry", "Carried"), ("holdback", "Held back"), ("instalment", "Instalment to come"),
    ("release", "Released"), ("adjustment", "Adjustment"),
]


class Migration(migrations.Migration):

    dependencies = [("incentives", "0002_fixed_once_reviewed")]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="closing",
            field=models.JSONField(default=dict, verbose_name="balances carried forward"),
        ),
        migrations.AlterField(
            model_name="payline",
            name="kind",
            field=models.CharField(choices=LABELS, max_length=10, verbose_name="kind"),
        ),
        migrations.RemoveConstraint(model_name="payline", name="incentives_line_kind_known"),
        migrations.AddConstraint(
            model_name="payline",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", NOW)), name="incentives_line_kind_known"
            ),
        ),
    ]

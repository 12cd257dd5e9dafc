from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0005_what_stays'),
    ]

    operations = [
        migrations.AddField(
            model_name='payrun',
            name='recalculated',
            field=models.PositiveIntegerField(null=True, verbose_name='payees of the last calculation'),
        ),
        migrations.AddField(
            model_name='payrun',
            name='rests_on',
            field=models.JSONField(default=dict, editable=False, verbose_name='fingerprints of the inputs'),
        ),
    ]

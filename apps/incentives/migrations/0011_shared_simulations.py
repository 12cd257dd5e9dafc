from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0008_simulations'),
    ]

    operations = [
        migrations.AddField(
            model_name='simulation',
            name='stage',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='inputs'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='simulatedpayee',
            name='is_waiting',
            field=models.BooleanField(default=False, verbose_name='not played yet'),
        ),
    ]

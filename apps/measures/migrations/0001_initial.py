import apps.core.money
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('org', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='CellMonth',
            fields=[
                ('starts_on', models.DateField(primary_key=True, serialize=False, verbose_name='from')),
                ('ends_before', models.DateField(verbose_name='to')),
                ('cuts', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None, verbose_name='cuts')),
            ],
            options={
                'verbose_name': 'month with cells',
                'verbose_name_plural': 'months with cells',
            },
        ),
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('key', models.CharField(max_length=120, verbose_name='key')),
                ('credited_on', models.DateField(verbose_name='credited on')),
                ('booked_on', models.DateField(verbose_name='booked on')),
                ('value', models.DecimalField(decimal_places=6, max_digits=20, verbose_name='value')),
                ('currency', apps.core.money.CurrencyField(blank=True, default='', max_length=3, verbose_name='currency')),
                ('product_id', models.BigIntegerField(null=True, verbose_name='product')),
                ('account_id', models.BigIntegerField(null=True, verbose_name='account')),
                ('is_overlay', models.BooleanField(default=False, verbose_name='overlay credit')),
                ('source_type', models.CharField(max_length=40, verbose_name='source')),
                ('source_id', models.BigIntegerField(verbose_name='source row')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person')),
                ('position', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position')),
                ('reverses', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='measures.credit', verbose_name='reverses')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit')),
            ],
            options={
                'verbose_name': 'credit',
                'verbose_name_plural': 'credits',
                'indexes': [models.Index(fields=['measure', 'credited_on', 'person'], name='measures_credit_by_person'), models.Index(fields=['account_id', 'measure', 'credited_on'], name='measures_credit_by_account'), models.Index(fields=['source_type', 'source_id'], name='measures_credit_by_source')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='measures_credit_key_once'), models.CheckConstraint(condition=models.Q(('value__gte', Decimal('-999999999999.99')), ('value__lte', Decimal('999999999999.99'))), name='measures_credit_value_bounds')],
            },
        ),
        migrations.CreateModel(
            name='PendingCredit',
            fields=[
                ('credit', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='measures.credit')),
            ],
            options={
                'verbose_name': 'pending credit',
                'verbose_name_plural': 'pending credits',
            },
        ),
        migrations.CreateModel(
            name='MeasureCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('bucket_on', models.DateField(verbose_name='from')),
                ('product_id', models.BigIntegerField(null=True, verbose_name='product')),
                ('is_overlay', models.BooleanField(default=False, verbose_name='overlay credit')),
                ('value', models.DecimalField(decimal_places=6, max_digits=24, verbose_name='value')),
                ('n', models.BigIntegerField(verbose_name='rows')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person')),
                ('position', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit')),
            ],
            options={
                'verbose_name': 'measure cell',
                'verbose_name_plural': 'measure cells',
                'constraints': [models.UniqueConstraint(fields=('measure', 'bucket_on', 'person', 'position', 'unit', 'product_id', 'is_overlay'), name='measures_cell_once', nulls_distinct=False)],
            },
        ),
    ]

import apps.calendars.models
import apps.core.effective
import apps.core.money
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('on', models.DateField(verbose_name='from')),
                ('rate', models.DecimalField(decimal_places=8, max_digits=18, verbose_name='rate')),
            ],
            options={
                'verbose_name': 'exchange rate',
                'verbose_name_plural': 'exchange rates',
                'constraints': [models.UniqueConstraint(fields=('currency', 'on'), name='exchange_rate_once'), models.CheckConstraint(condition=models.Q(('rate__gte', Decimal('1E-8')), ('rate__lte', Decimal('1000000'))), name='exchange_rate_bounds')],
            },
        ),
        migrations.CreateModel(
            name='FiscalCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('scheme', models.CharField(choices=[('months', 'Calendar months'), ('weeks_445', '4-4-5 weeks')], default='months', max_length=12, verbose_name='scheme')),
                ('first_month', models.PositiveSmallIntegerField(default=1, verbose_name='first month')),
                ('week_starts_on', models.PositiveSmallIntegerField(default=0, verbose_name='first weekday (0 = Monday)')),
                ('year_name', models.CharField(choices=[('end', 'The calendar year it ends in'), ('start', 'The calendar year it starts in')], default='end', max_length=5, verbose_name='a year is called after')),
                ('is_default', models.BooleanField(default=False, verbose_name='company calendar')),
            ],
            options={
                'verbose_name': 'fiscal calendar',
                'verbose_name_plural': 'fiscal calendars',
                'constraints': [models.CheckConstraint(condition=models.Q(('first_month__gte', 1), ('first_month__lte', 12)), name='fiscal_calendar_first_month'), models.CheckConstraint(condition=models.Q(('week_starts_on__gte', 0), ('week_starts_on__lte', 6)), name='fiscal_calendar_weekday'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='fiscal_calendar_one_default')],
            },
        ),
        migrations.CreateModel(
            name='FiscalPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('year', 'Year'), ('half', 'Half-year'), ('quarter', 'Quarter'), ('month', 'Month')], max_length=8, verbose_name='kind')),
                ('code', models.CharField(max_length=12, verbose_name='code')),
                ('year', models.PositiveSmallIntegerField(verbose_name='fiscal year')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number within the year')),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('ends_before', models.DateField(verbose_name='ends before')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='calendars.fiscalcalendar')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='calendars.fiscalperiod')),
            ],
            options={
                'verbose_name': 'fiscal period',
                'verbose_name_plural': 'fiscal periods',
                'indexes': [models.Index(fields=['calendar', 'kind', 'starts_on'], name='fiscal_period_by_day')],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'code'), name='fiscal_period_code'), models.CheckConstraint(condition=models.Q(('ends_before__gt', models.F('starts_on'))), name='fiscal_period_days'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='fiscal_period_closed_pair'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'year'), ('parent__isnull', True)), models.Q(models.Q(('kind', 'year'), _negated=True), ('parent__isnull', False)), _connector='OR'), name='fiscal_period_parent_kind'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'year')), expressions=[(apps.core.effective.KeyRange('calendar'), '&&'), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='fiscal_period_year_apart'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'half')), expressions=[(apps.core.effective.KeyRange('calendar'), '&&'), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='fiscal_period_half_apart'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'quarter')), expressions=[(apps.core.effective.KeyRange('calendar'), '&&'), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='fiscal_period_quarter_apart'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'month')), expressions=[(apps.core.effective.KeyRange('calendar'), '&&'), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='fiscal_period_month_apart')],
            },
        ),
        migrations.CreateModel(
            name='ReopenRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('state', models.CharField(choices=[('pending', 'Waiting for a second person'), ('approved', 'Approved'), ('declined', 'Declined')], default='pending', max_length=10, verbose_name='state')),
                ('requested_at', models.DateTimeField(verbose_name='requested at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reopen_requests', to='calendars.fiscalperiod')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'request to reopen',
                'verbose_name_plural': 'requests to reopen',
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reopen_reason_given'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='reopen_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='reopen_decided_pair'), models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('period',), name='reopen_one_pending')],
            },
        ),
        migrations.CreateModel(
            name='WorkingCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('weekend', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=apps.calendars.models._weekend, size=None, verbose_name='weekend (0 = Monday)')),
                ('is_default', models.BooleanField(default=False, verbose_name='company calendar')),
            ],
            options={
                'verbose_name': 'working calendar',
                'verbose_name_plural': 'working calendars',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='working_calendar_one_default'), models.CheckConstraint(condition=models.Q(('weekend__contained_by', [0, 1, 2, 3, 4, 5, 6])), name='working_calendar_weekend')],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('is_working', models.BooleanField(verbose_name='working day')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('source', models.CharField(choices=[('seeded', 'Public calendar'), ('edited', 'Entered by hand')], default='edited', max_length=8, verbose_name='source')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='calendars.workingcalendar')),
            ],
            options={
                'verbose_name': 'exception day',
                'verbose_name_plural': 'exception days',
                'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='calendar_day_once')],
            },
        ),
    ]

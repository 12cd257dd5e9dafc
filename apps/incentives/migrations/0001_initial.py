import apps.core.effective
import apps.core.money
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('calendars', '0002_refuse_closed'),
        ('events', '0002_audit_trail'),
        ('measures', '0002_append_only'),
        ('org', '0002_guards'),
        ('roles', '0002_weights'),
    ]

    operations = [
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='amount')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('status', models.CharField(choices=[('requested', 'Waiting for a second person'), ('approved', 'Approved'), ('refused', 'Refused')], default='requested', max_length=10, verbose_name='status')),
                ('requested_at', models.DateTimeField(verbose_name='requested at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='payee')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'adjustment',
                'verbose_name_plural': 'adjustments',
            },
        ),
        migrations.CreateModel(
            name='IncentivePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('purpose', models.TextField(blank=True, max_length=1000, verbose_name='what it is for')),
                ('frequency', models.CharField(choices=[('month', 'Monthly'), ('quarter', 'Quarterly')], default='quarter', max_length=8, verbose_name='pays')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
            ],
            options={
                'verbose_name': 'incentive plan',
                'verbose_name_plural': 'incentive plans',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('code', ''), _negated=True)), name='incentives_plan_named'), models.CheckConstraint(condition=models.Q(('frequency__in', ['month', 'quarter'])), name='incentives_plan_frequency_known')],
            },
        ),
        migrations.CreateModel(
            name='PayLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveSmallIntegerField(verbose_name='number')),
                ('component', models.CharField(max_length=30, verbose_name='component')),
                ('label', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('earned', 'Earned'), ('delta', 'Late change'), ('return', 'Return'), ('cap', 'Cap'), ('adjustment', 'Adjustment')], max_length=10, verbose_name='kind')),
                ('window', models.CharField(max_length=12, verbose_name='window')),
                ('basis', models.DecimalField(decimal_places=6, max_digits=24, verbose_name='basis')),
                ('credits', models.PositiveIntegerField(default=0, verbose_name='credits')),
                ('raw', models.DecimalField(decimal_places=18, max_digits=38, verbose_name='exact amount')),
                ('exact', models.CharField(blank=True, max_length=200, verbose_name='exact fraction')),
                ('amount', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='amount')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('steps', models.JSONField(default=list, verbose_name='calculation')),
                ('trace_digest', models.CharField(max_length=64, verbose_name='digest of the source rows')),
                ('previous_hash', models.CharField(max_length=64, verbose_name='hash of the line before')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('adjustment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='incentives.adjustment', verbose_name='adjustment')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='payee')),
            ],
            options={
                'verbose_name': 'pay line',
                'verbose_name_plural': 'pay lines',
            },
        ),
        migrations.AddField(
            model_name='adjustment',
            name='reverses',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='incentives.payline', verbose_name='reverses'),
        ),
        migrations.CreateModel(
            name='PayRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('calculated', 'Calculated'), ('reviewed', 'Reviewed'), ('approved', 'Approved'), ('locked', 'Locked'), ('paid', 'Paid')], default='draft', max_length=10, verbose_name='state')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('generation', models.PositiveIntegerField(default=0, verbose_name='calculation')),
                ('ledger_upto', models.BigIntegerField(null=True, verbose_name='ledger up to')),
                ('pinned_at', models.DateTimeField(null=True, verbose_name='inputs pinned at')),
                ('total', apps.core.money.MoneyField(decimal_places=2, default=Decimal('0'), max_digits=18, verbose_name='total')),
                ('payees', models.PositiveIntegerField(default=0, verbose_name='payees')),
                ('exceptions', models.PositiveIntegerField(default=0, verbose_name='exceptions')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='digest')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('calculated_at', models.DateTimeField(null=True, verbose_name='calculated at')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed at')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='approved at')),
                ('locked_at', models.DateTimeField(null=True, verbose_name='locked at')),
                ('paid_at', models.DateTimeField(null=True, verbose_name='paid at')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('calculated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('paid_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='period')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.longtask')),
            ],
            options={
                'verbose_name': 'pay run',
                'verbose_name_plural': 'pay runs',
            },
        ),
        migrations.CreateModel(
            name='PayrollExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.TextField(verbose_name='file')),
                ('sha256', models.CharField(max_length=64, verbose_name='checksum')),
                ('rows', models.PositiveIntegerField(verbose_name='rows')),
                ('total', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='control total')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('exported_at', models.DateTimeField(verbose_name='exported at')),
                ('exported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='exported by')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='incentives.payrun', verbose_name='pay run')),
            ],
            options={
                'verbose_name': 'payroll file',
                'verbose_name_plural': 'payroll files',
                'constraints': [models.CheckConstraint(condition=models.Q(('total__gte', Decimal('-999999999999.99')), ('total__lte', Decimal('999999999999.99'))), name='incentives_export_total')],
            },
        ),
        migrations.AddField(
            model_name='payline',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.payrun', verbose_name='pay run'),
        ),
        migrations.CreateModel(
            name='PayTrace',
            fields=[
                ('pk', models.CompositePrimaryKey('line_id', 'sequence', blank=True, editable=False, primary_key=True, serialize=False)),
                ('sequence', models.PositiveIntegerField(verbose_name='number')),
                ('amount', models.DecimalField(decimal_places=6, max_digits=20, verbose_name='credited')),
                ('rate', models.DecimalField(decimal_places=8, max_digits=12, null=True, verbose_name='rate')),
                ('value', models.DecimalField(decimal_places=18, max_digits=38, verbose_name='pays')),
                ('credit', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='measures.credit')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='traces', to='incentives.payline')),
            ],
            options={
                'verbose_name': 'source row of a pay line',
                'verbose_name_plural': 'source rows of pay lines',
            },
        ),
        migrations.CreateModel(
            name='PlanAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('annual_salary', apps.core.money.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='yearly salary')),
                ('annual_bonus', apps.core.money.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='yearly target bonus')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='incentives.incentiveplan', verbose_name='plan')),
                ('position', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position', verbose_name='position')),
                ('role', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.salesrole', verbose_name='role')),
            ],
            options={
                'verbose_name': 'plan assignment',
                'verbose_name_plural': 'plan assignments',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('position__isnull', True), ('role__isnull', True)), models.Q(('person__isnull', True), ('position__isnull', False), ('role__isnull', True)), models.Q(('person__isnull', True), ('position__isnull', True), ('role__isnull', False)), _connector='OR'), name='incentives_assignment_one_target'), models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='incentives_assignment_dated'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('person__isnull', False)), expressions=[(apps.core.effective.KeyRange('person'), '&&'), ('valid', '&&')], name='incentives_assignment_person'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('position__isnull', False)), expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='incentives_assignment_position'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('role__isnull', False)), expressions=[(apps.core.effective.KeyRange('role'), '&&'), ('valid', '&&')], name='incentives_assignment_role'), models.CheckConstraint(condition=models.Q(('annual_salary__gte', 0), ('annual_salary__lte', Decimal('999999999999.99'))), name='incentives_assignment_salary'), models.CheckConstraint(condition=models.Q(('annual_bonus__gte', 0), ('annual_bonus__lte', Decimal('999999999999.99'))), name='incentives_assignment_bonus')],
            },
        ),
        migrations.AddField(
            model_name='payline',
            name='assignment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.planassignment', verbose_name='plan assignment'),
        ),
        migrations.CreateModel(
            name='PlanVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('document', models.JSONField(verbose_name='document')),
                ('document_hash', models.CharField(max_length=64, verbose_name='hash')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting for approval'), ('approved', 'Approved')], default='draft', max_length=10, verbose_name='status')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='what changed')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='edit')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('submitted_at', models.DateTimeField(null=True, verbose_name='submitted at')),
                ('approved_at', models.DateTimeField(null=True, verbose_name='approved at')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='incentives.incentiveplan', verbose_name='plan')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'plan version',
                'verbose_name_plural': 'plan versions',
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='incentives_version_number'), models.UniqueConstraint(condition=models.Q(('status', 'approved'), _negated=True), fields=('plan',), name='incentives_version_one_open'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status', 'approved')), expressions=[(apps.core.effective.KeyRange('plan'), '&&'), ('valid', '&&')], name='incentives_version_one_in_force'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'approved'])), name='incentives_version_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('status', 'approved')), models.Q(models.Q(('status', 'approved'), _negated=True), ('approved_at__isnull', True), ('approved_by__isnull', True)), _connector='OR'), name='incentives_version_approved_pair'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(models.Q(('approved_by', models.F('created_by')), _negated=True), models.Q(('approved_by', models.F('submitted_by')), _negated=True)), _connector='OR'), name='incentives_version_two_people')],
            },
        ),
        migrations.AddField(
            model_name='payline',
            name='version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.planversion', verbose_name='plan version'),
        ),
        migrations.CreateModel(
            name='RunPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='run_plans', to='incentives.incentiveplan')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='run_plans', to='incentives.payrun')),
            ],
            options={
                'verbose_name': 'plan of a pay run',
                'verbose_name_plural': 'plans of pay runs',
                'constraints': [models.UniqueConstraint(fields=('plan', 'period'), name='incentives_plan_once_a_period')],
            },
        ),
        migrations.AddField(
            model_name='payrun',
            name='plans',
            field=models.ManyToManyField(related_name='runs', through='incentives.RunPlan', to='incentives.incentiveplan', verbose_name='plans'),
        ),
        migrations.CreateModel(
            name='RunStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('calculated', 'Calculated'), ('reviewed', 'Reviewed'), ('approved', 'Approved'), ('locked', 'Locked'), ('paid', 'Paid')], max_length=10, verbose_name='state')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='incentives.payrun')),
            ],
            options={
                'verbose_name': 'step of a pay run',
                'verbose_name_plural': 'steps of pay runs',
                'indexes': [models.Index(fields=['run', 'at'], name='incentives_step_of_run')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('total', apps.core.money.MoneyField(decimal_places=2, default=Decimal('0'), max_digits=18, verbose_name='total')),
                ('variable', apps.core.money.MoneyField(decimal_places=2, default=Decimal('0'), max_digits=18, verbose_name='variable pay')),
                ('inputs', models.JSONField(default=dict, verbose_name='inputs')),
                ('exception', models.CharField(blank=True, max_length=40, verbose_name='exception')),
                ('exception_details', models.JSONField(default=dict, verbose_name='details')),
                ('head_hash', models.CharField(blank=True, max_length=64, verbose_name='hash of the last line')),
                ('computed_at', models.DateTimeField(null=True, verbose_name='calculated at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='payee')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='incentives.payrun', verbose_name='pay run')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'statement',
                'verbose_name_plural': 'statements',
                'indexes': [models.Index(fields=['person', 'run'], name='incentives_statement_person')],
                'constraints': [models.UniqueConstraint(fields=('run', 'person'), name='incentives_statement_once'), models.CheckConstraint(condition=models.Q(('total__gte', Decimal('-999999999999.99')), ('total__lte', Decimal('999999999999.99'))), name='incentives_statement_total'), models.CheckConstraint(condition=models.Q(('variable__gte', Decimal('-999999999999.99')), ('variable__lte', Decimal('999999999999.99'))), name='incentives_statement_variable')],
            },
        ),
        migrations.AddField(
            model_name='payline',
            name='statement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='incentives.statement', verbose_name='statement'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', Decimal('-999999999999.99')), ('amount__lte', Decimal('999999999999.99'))), name='incentives_adjustment_amount'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='incentives_adjustment_reason'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='incentives_adjustment_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='incentives_adjustment_two_people'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status', 'requested')), models.Q(models.Q(('status', 'requested'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='incentives_adjustment_decided_pair'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False), models.Q(('status', 'refused'), _negated=True)), fields=('reverses',), name='incentives_line_reversed_once'),
        ),
        migrations.AddIndex(
            model_name='payrun',
            index=models.Index(fields=['period', 'state'], name='incentives_run_by_period'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'calculated', 'reviewed', 'approved', 'locked', 'paid'])), name='incentives_run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(('total__gte', Decimal('-999999999999.99')), ('total__lte', Decimal('999999999999.99'))), name='incentives_run_total'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('calculated_at__isnull', True), ('calculated_by__isnull', True)), models.Q(('calculated_at__isnull', False), ('calculated_by__isnull', False)), _connector='OR'), name='incentives_run_calculated_by_pair'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='incentives_run_reviewed_by_pair'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='incentives_run_approved_by_pair'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('locked_at__isnull', True), ('locked_by__isnull', True)), models.Q(('locked_at__isnull', False), ('locked_by__isnull', False)), _connector='OR'), name='incentives_run_locked_by_pair'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', True), ('paid_by__isnull', True)), models.Q(('paid_at__isnull', False), ('paid_by__isnull', False)), _connector='OR'), name='incentives_run_paid_by_pair'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('calculated_by')), _negated=True), _connector='OR'), name='incentives_run_two_people'),
        ),
        migrations.AddConstraint(
            model_name='payrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'locked', 'paid']), _negated=True), ('approved_by__isnull', False), _connector='OR'), name='incentives_run_approved_before_locked'),
        ),
        migrations.AddIndex(
            model_name='payline',
            index=models.Index(fields=['person', 'component', 'window'], name='incentives_line_posted'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.UniqueConstraint(fields=('statement', 'sequence'), name='incentives_line_number'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.UniqueConstraint(fields=('adjustment',), name='incentives_line_adjustment_once'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', Decimal('-999999999999.99')), ('amount__lte', Decimal('999999999999.99'))), name='incentives_line_amount'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.CheckConstraint(condition=models.Q(('basis__gte', Decimal('-99999999999999999999')), ('basis__lte', Decimal('99999999999999999999'))), name='incentives_line_basis'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.CheckConstraint(condition=models.Q(('raw__gte', Decimal('-99999999999999999999')), ('raw__lte', Decimal('99999999999999999999'))), name='incentives_line_raw'),
        ),
        migrations.AddConstraint(
            model_name='payline',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['earned', 'delta', 'return', 'cap', 'adjustment'])), name='incentives_line_kind_known'),
        ),
    ]

import apps.core.money
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('calendars', '0002_refuse_closed'),
        ('org', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='TargetPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('structure_on', models.DateField(verbose_name='structure as of')),
                ('currency', apps.core.money.CurrencyField(blank=True, default='', max_length=3, verbose_name='currency')),
                ('decimals', models.PositiveSmallIntegerField(default=2, verbose_name='decimals')),
                ('is_additive', models.BooleanField(default=True, verbose_name='parts add up to the whole')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='revision')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting for approval'), ('approved', 'In force'), ('superseded', 'Replaced')], default='draft', max_length=10, verbose_name='status')),
                ('baseline_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='base figure')),
                ('growth', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='growth')),
                ('season', models.CharField(choices=[('learned', 'Learned from history'), ('working_days', 'By working days'), ('even', 'Equal months'), ('custom', 'Own weights')], default='working_days', max_length=12, verbose_name='months')),
                ('stretch_percent', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='stretch, %')),
                ('challenge_percent', models.DecimalField(decimal_places=2, default=20, max_digits=5, verbose_name='challenge, %')),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('touched', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='submitted at')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('superseded_at', models.DateTimeField(blank=True, null=True, verbose_name='replaced at')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('baseline', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='base year')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='fiscal year')),
                ('previous', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='next_versions', to='targets.targetplan', verbose_name='replaces')),
                ('root_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='top unit')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'target',
                'verbose_name_plural': 'targets',
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('measure', 'period'), name='targets_plan_one_in_force'), models.UniqueConstraint(fields=('measure', 'period', 'version'), name='targets_plan_version_once'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'approved', 'superseded'])), name='targets_plan_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('status__in', ['approved', 'superseded'])), models.Q(('approved_at__isnull', True), ('approved_by__isnull', True), ('status__in', ['draft', 'submitted'])), _connector='OR'), name='targets_plan_approved_pair'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(models.Q(('approved_by', models.F('created_by')), _negated=True), models.Q(('approved_by', models.F('submitted_by')), _negated=True)), _connector='OR'), name='targets_plan_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'superseded'), ('superseded_at__isnull', False)), models.Q(models.Q(('status', 'superseded'), _negated=True), ('superseded_at__isnull', True)), _connector='OR'), name='targets_plan_superseded_pair'), models.CheckConstraint(condition=models.Q(('growth__gte', -1), ('growth__lte', 100)), name='targets_plan_growth'), models.CheckConstraint(condition=models.Q(('baseline_amount__gte', Decimal('-99999999999999.9999')), ('baseline_amount__lte', Decimal('99999999999999.9999'))), name='targets_plan_baseline'), models.CheckConstraint(condition=models.Q(('decimals__gte', 0), ('decimals__lte', 4)), name='targets_plan_decimals'), models.CheckConstraint(condition=models.Q(('stretch_percent__gte', 0), ('stretch_percent__lte', 500)), name='targets_plan_stretch'), models.CheckConstraint(condition=models.Q(('challenge_percent__gte', 0), ('challenge_percent__lte', 500)), name='targets_plan_challenge'), models.CheckConstraint(condition=models.Q(('challenge_percent__gte', models.F('stretch_percent'))), name='targets_plan_tiers_rise')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('depth', models.PositiveSmallIntegerField(default=0, verbose_name='level')),
                ('place', models.PositiveIntegerField(default=0, verbose_name='order in the tree')),
                ('amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='target')),
                ('stretch_amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='stretch target')),
                ('challenge_amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='challenge target')),
                ('history', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='last year')),
                ('capacity', models.DecimalField(decimal_places=4, default=1, max_digits=9, verbose_name='capacity')),
                ('potential', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='potential')),
                ('bottom_up', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='own figure')),
                ('low', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='lower limit')),
                ('high', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='upper limit')),
                ('method', models.CharField(choices=[('history', "By last year's share"), ('equal', 'Equal parts'), ('same_growth', 'Same growth for everybody'), ('same_increment', 'Same increment for everybody'), ('capacity', 'By headcount and capacity'), ('potential', 'By potential'), ('weighted', 'Weighted index'), ('hybrid', 'Between top-down and bottom-up'), ('same_value', 'Same value for everybody')], default='history', max_length=16, verbose_name='method')),
                ('over_assignment', models.DecimalField(decimal_places=4, default=0, max_digits=6, verbose_name='over-assignment')),
                ('is_fixed', models.BooleanField(default=False, verbose_name='set by hand')),
                ('override_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('overridden_at', models.DateTimeField(blank=True, null=True, verbose_name='set at')),
                ('smart', models.JSONField(blank=True, default=list, verbose_name='SMART verdict')),
                ('smart_grade', models.CharField(blank=True, choices=[('good', 'Good'), ('caution', 'Look twice'), ('failed', 'Not met'), ('unknown', 'Not known')], default='', max_length=8, verbose_name='SMART grade')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked at')),
                ('overridden_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='answers for it')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='targets.target', verbose_name='part of')),
                ('position', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='targets.targetplan')),
            ],
            options={
                'verbose_name': 'target of a unit or seat',
                'verbose_name_plural': 'targets of units and seats',
                'indexes': [models.Index(fields=['plan', 'place'], name='targets_target_in_order')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('position__isnull', True), ('unit__isnull', False)), models.Q(('position__isnull', False), ('unit__isnull', True)), _connector='OR'), name='targets_target_unit_or_seat'), models.UniqueConstraint(fields=('plan', 'unit'), name='targets_target_unit_once'), models.UniqueConstraint(fields=('plan', 'position'), name='targets_target_seat_once'), models.UniqueConstraint(condition=models.Q(('parent__isnull', True)), fields=('plan',), name='targets_target_one_top'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('pk')), _negated=True), _connector='OR'), name='targets_target_not_itself'), models.CheckConstraint(condition=models.Q(('is_fixed', False), models.Q(('overridden_at__isnull', False), ('overridden_by__isnull', False)), _connector='OR'), name='targets_target_fixed_by_somebody'), models.CheckConstraint(condition=models.Q(('high__isnull', True), ('high__gte', models.F('low')), _connector='OR'), name='targets_target_limits'), models.CheckConstraint(condition=models.Q(('method__in', ['history', 'equal', 'same_growth', 'same_increment', 'capacity', 'potential', 'weighted', 'hybrid', 'same_value'])), name='targets_target_method_known'), models.CheckConstraint(condition=models.Q(('over_assignment__gte', 0), ('over_assignment__lte', 1)), name='targets_target_over'), models.CheckConstraint(condition=models.Q(('capacity__gte', 0), ('capacity__lte', 10000)), name='targets_target_capacity'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('99999999999999.9999'))), name='targets_target_amount'), models.CheckConstraint(condition=models.Q(('stretch_amount__gte', 0), ('stretch_amount__lte', Decimal('99999999999999.9999'))), name='targets_target_stretch_amount'), models.CheckConstraint(condition=models.Q(('challenge_amount__gte', 0), ('challenge_amount__lte', Decimal('99999999999999.9999'))), name='targets_target_challenge_amount'), models.CheckConstraint(condition=models.Q(('potential__gte', 0), ('potential__lte', Decimal('99999999999999.9999'))), name='targets_target_potential'), models.CheckConstraint(condition=models.Q(('bottom_up__gte', 0), ('bottom_up__lte', Decimal('99999999999999.9999'))), name='targets_target_bottom_up'), models.CheckConstraint(condition=models.Q(('history__gte', Decimal('-99999999999999.9999')), ('history__lte', Decimal('99999999999999.9999'))), name='targets_target_history'), models.CheckConstraint(condition=models.Q(('low__gte', 0), ('low__lte', Decimal('99999999999999.9999'))), name='targets_target_low'), models.CheckConstraint(condition=models.Q(('high__gte', 0), ('high__lte', Decimal('99999999999999.9999'))), name='targets_target_high')],
            },
        ),
        migrations.CreateModel(
            name='PlanMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='number within the year')),
                ('weight', models.DecimalField(decimal_places=12, max_digits=18, verbose_name='weight')),
                ('working_days', models.PositiveSmallIntegerField(verbose_name='working days')),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='month')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='months', to='targets.targetplan')),
            ],
            options={
                'verbose_name': 'month of a target',
                'verbose_name_plural': 'months of a target',
                'constraints': [models.UniqueConstraint(fields=('plan', 'month'), name='targets_planmonth_once'), models.UniqueConstraint(fields=('plan', 'position'), name='targets_planmonth_position'), models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', 1000)), name='targets_planmonth_weight')],
            },
        ),
        migrations.CreateModel(
            name='PlanLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('depth', models.PositiveSmallIntegerField(verbose_name='level')),
                ('method', models.CharField(choices=[('history', "By last year's share"), ('equal', 'Equal parts'), ('same_growth', 'Same growth for everybody'), ('same_increment', 'Same increment for everybody'), ('capacity', 'By headcount and capacity'), ('potential', 'By potential'), ('weighted', 'Weighted index'), ('hybrid', 'Between top-down and bottom-up'), ('same_value', 'Same value for everybody')], default='history', max_length=16, verbose_name='method')),
                ('over_assignment', models.DecimalField(decimal_places=4, default=0, max_digits=6, verbose_name='over-assignment')),
                ('growth', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='growth')),
                ('weights', models.JSONField(blank=True, default=dict, verbose_name='weights of the index')),
                ('top_down', models.DecimalField(decimal_places=4, default='0.5', max_digits=5, verbose_name='weight of top-down')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels', to='targets.targetplan')),
            ],
            options={
                'verbose_name': 'level of a target',
                'verbose_name_plural': 'levels of targets',
                'constraints': [models.UniqueConstraint(fields=('plan', 'depth'), name='targets_level_once'), models.CheckConstraint(condition=models.Q(('method__in', ['history', 'equal', 'same_growth', 'same_increment', 'capacity', 'potential', 'weighted', 'hybrid', 'same_value'])), name='targets_level_method_known'), models.CheckConstraint(condition=models.Q(('over_assignment__gte', 0), ('over_assignment__lte', 1)), name='targets_level_over'), models.CheckConstraint(condition=models.Q(('growth__gte', -1), ('growth__lte', 100)), name='targets_level_growth'), models.CheckConstraint(condition=models.Q(('top_down__gte', 0), ('top_down__lte', 1)), name='targets_level_top_down')],
            },
        ),
        migrations.CreateModel(
            name='TargetWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letters', models.CharField(max_length=5, verbose_name='letters')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('waived_at', models.DateTimeField(verbose_name='waived at')),
                ('target', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='waiver', to='targets.target')),
                ('waived_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'waiver',
                'verbose_name_plural': 'waivers',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('letters', ''), _negated=True)), name='targets_waiver_says_why')],
            },
        ),
        migrations.CreateModel(
            name='TargetMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='number within the year')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='target')),
                ('is_fixed', models.BooleanField(default=False, verbose_name='set by hand')),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='month')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='months', to='targets.target')),
            ],
            options={
                'verbose_name': 'month of a node',
                'verbose_name_plural': 'months of nodes',
                'constraints': [models.UniqueConstraint(fields=('target', 'month'), name='targets_month_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('99999999999999.9999'))), name='targets_month_amount')],
            },
        ),
    ]

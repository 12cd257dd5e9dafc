import apps.core.money
import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('calendars', '0002_refuse_closed'),
        ('org', '0003_role_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
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
                ('season', models.CharField(choices=[('learned', 'Learned from history, by working days'), ('learned_plain', 'Learned from history'), ('working_days', 'By working days'), ('even', 'Equal months'), ('custom', 'Own weights')], default='working_days', max_length=16, verbose_name='months')),
                ('stretch_percent', models.DecimalField(decimal_places=2, default=10, max_digits=5, verbose_name='stretch, %')),
                ('challenge_percent', models.DecimalField(decimal_places=2, default=20, max_digits=5, verbose_name='challenge, %')),
                ('ramp', models.JSONField(blank=True, default=list, help_text='What a newcomer can reach in the first, second … month, as parts of 1; then all.', verbose_name='ramp')),
                ('ramp_use', models.CharField(choices=[('relief', "Nobody: the newcomer's effective quota is lower"), ('capacity', 'The colleagues: the newcomer counts with less capacity')], default='relief', max_length=10, verbose_name='newcomers')),
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
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('depth', models.PositiveSmallIntegerField(default=0, verbose_name='level')),
                ('place', models.PositiveIntegerField(default=0, verbose_name='order in the tree')),
                ('amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='target')),
                ('months', django.contrib.postgres.fields.ArrayField(base_field=models.DecimalField(decimal_places=4, max_digits=18, verbose_name='month'), default=list, size=None, verbose_name='months')),
                ('fixed_months', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None, verbose_name='months set by hand')),
                ('stretch_amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='stretch target')),
                ('challenge_amount', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='challenge target')),
                ('history', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='last year')),
                ('capacity', models.DecimalField(decimal_places=4, default=1, max_digits=9, verbose_name='capacity')),
                ('potential', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='potential')),
                ('bottom_up', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='own figure')),
                ('fte', models.DecimalField(decimal_places=4, default=1, max_digits=9, verbose_name='full-time share')),
                ('productivity', models.DecimalField(decimal_places=4, default=1, max_digits=6, verbose_name='productivity')),
                ('low', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='lower limit')),
                ('high', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='upper limit')),
                ('method', models.CharField(choices=[('history', "By last year's share"), ('equal', 'Equal parts'), ('same_growth', 'Same growth for everybody'), ('same_increment', 'Same increment for everybody'), ('capacity', 'By headcount and capacity'), ('potential', 'By potential'), ('weighted', 'Weighted index'), ('hybrid', 'Between top-down and bottom-up'), ('same_value', 'Same value for everybody')], default='history', max_length=16, verbose_name='method')),
                ('over_assignment', models.DecimalField(decimal_places=4, default=0, max_digits=6, verbose_name='over-assignment')),
                ('recipe', models.JSONField(blank=True, default=dict, verbose_name='own settings of the method')),
                ('origin', models.CharField(choices=[('method', 'By the method'), ('below', 'Follows the figures below'), ('kept', 'Stayed while the total moved')], default='method', max_length=8, verbose_name='came about')),
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
            },
        ),
        migrations.CreateModel(
            name='PlanChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('revision', models.PositiveIntegerField(verbose_name='revision')),
                ('kind', models.CharField(choices=[('cells', 'Figures typed'), ('paste', 'Figures pasted'), ('lock', 'Locked'), ('release', 'Given back to the method'), ('inputs', 'Limits and inputs'), ('method', 'Another method'), ('cascade', 'Cascaded again'), ('season', 'Months weighted by hand'), ('seat_added', 'Added to the plan'), ('seat_removed', 'Taken out of the plan'), ('slices', 'Sliced')], max_length=14, verbose_name='change')),
                ('about', models.JSONField(blank=True, default=dict, verbose_name='about')),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='before')),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='after')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('made_at', models.DateTimeField(verbose_name='changed at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='targets.targetplan')),
            ],
            options={
                'verbose_name': 'change of a target plan',
                'verbose_name_plural': 'changes of target plans',
            },
        ),
        migrations.CreateModel(
            name='TargetSlice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=20, verbose_name='dimension')),
                ('member', models.CharField(max_length=80, verbose_name='member')),
                ('label', models.CharField(max_length=200, verbose_name='name')),
                ('weight', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='weight')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='target')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slices', to='targets.target')),
            ],
            options={
                'verbose_name': 'slice of a target',
                'verbose_name_plural': 'slices of targets',
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
            },
        ),
        migrations.CreateModel(
            name='QuotaRelief',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='amount')),
                ('share', models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, verbose_name='share')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('granted_at', models.DateTimeField(verbose_name='granted at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='month')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'quota relief',
                'verbose_name_plural': 'quota reliefs',
                'indexes': [models.Index(fields=['person', 'measure'], name='targets_relief_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__isnull', False), ('share__isnull', True)), models.Q(('amount__isnull', True), ('share__isnull', False)), _connector='OR'), name='targets_relief_amount_or_share'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='targets_relief_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='targets_relief_revoked_pair'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('99999999999999.9999'))), name='targets_relief_amount'), models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='targets_relief_share')],
            },
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('measure', 'period'), name='targets_plan_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.UniqueConstraint(fields=('measure', 'period', 'version'), name='targets_plan_version_once'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'approved', 'superseded'])), name='targets_plan_status_known'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('status__in', ['approved', 'superseded'])), models.Q(('approved_at__isnull', True), ('approved_by__isnull', True), ('status__in', ['draft', 'submitted'])), _connector='OR'), name='targets_plan_approved_pair'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(models.Q(('approved_by', models.F('created_by')), _negated=True), models.Q(('approved_by', models.F('submitted_by')), _negated=True)), _connector='OR'), name='targets_plan_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'superseded'), ('superseded_at__isnull', False)), models.Q(models.Q(('status', 'superseded'), _negated=True), ('superseded_at__isnull', True)), _connector='OR'), name='targets_plan_superseded_pair'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('growth__gte', -1), ('growth__lte', 100)), name='targets_plan_growth'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('baseline_amount__gte', Decimal('-99999999999999.9999')), ('baseline_amount__lte', Decimal('99999999999999.9999'))), name='targets_plan_baseline'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('decimals__gte', 0), ('decimals__lte', 4)), name='targets_plan_decimals'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('stretch_percent__gte', 0), ('stretch_percent__lte', 500)), name='targets_plan_stretch'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('challenge_percent__gte', 0), ('challenge_percent__lte', 500)), name='targets_plan_challenge'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('ramp_use__in', ['relief', 'capacity'])), name='targets_plan_ramp_use'),
        ),
        migrations.AddConstraint(
            model_name='targetplan',
            constraint=models.CheckConstraint(condition=models.Q(('challenge_percent__gte', models.F('stretch_percent'))), name='targets_plan_tiers_rise'),
        ),
        migrations.AddIndex(
            model_name='target',
            index=models.Index(fields=['plan', 'place'], name='targets_target_in_order'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('position__isnull', True), ('unit__isnull', False)), models.Q(('position__isnull', False), ('unit__isnull', True)), _connector='OR'), name='targets_target_unit_or_seat'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.UniqueConstraint(fields=('plan', 'unit'), name='targets_target_unit_once'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.UniqueConstraint(fields=('plan', 'position'), name='targets_target_seat_once'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.UniqueConstraint(condition=models.Q(('parent__isnull', True)), fields=('plan',), name='targets_target_one_top'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('pk')), _negated=True), _connector='OR'), name='targets_target_not_itself'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('is_fixed', False), models.Q(('overridden_at__isnull', False), ('overridden_by__isnull', False)), _connector='OR'), name='targets_target_fixed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('high__isnull', True), ('high__gte', models.F('low')), _connector='OR'), name='targets_target_limits'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ['history', 'equal', 'same_growth', 'same_increment', 'capacity', 'potential', 'weighted', 'hybrid', 'same_value'])), name='targets_target_method_known'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ['method', 'below', 'kept'])), name='targets_target_origin_known'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('fte__gte', 0), ('fte__lte', 10000)), name='targets_target_fte'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('productivity__gte', 0), ('productivity__lte', 10)), name='targets_target_productivity'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('over_assignment__gte', 0), ('over_assignment__lte', 1)), name='targets_target_over'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__gte', 0), ('capacity__lte', 10000)), name='targets_target_capacity'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('99999999999999.9999'))), name='targets_target_amount'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('stretch_amount__gte', 0), ('stretch_amount__lte', Decimal('99999999999999.9999'))), name='targets_target_stretch_amount'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('challenge_amount__gte', 0), ('challenge_amount__lte', Decimal('99999999999999.9999'))), name='targets_target_challenge_amount'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('potential__gte', 0), ('potential__lte', Decimal('99999999999999.9999'))), name='targets_target_potential'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('bottom_up__gte', 0), ('bottom_up__lte', Decimal('99999999999999.9999'))), name='targets_target_bottom_up'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('history__gte', Decimal('-99999999999999.9999')), ('history__lte', Decimal('99999999999999.9999'))), name='targets_target_history'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('low__gte', 0), ('low__lte', Decimal('99999999999999.9999'))), name='targets_target_low'),
        ),
        migrations.AddConstraint(
            model_name='target',
            constraint=models.CheckConstraint(condition=models.Q(('high__gte', 0), ('high__lte', Decimal('99999999999999.9999'))), name='targets_target_high'),
        ),
        migrations.AddConstraint(
            model_name='planmonth',
            constraint=models.UniqueConstraint(fields=('plan', 'month'), name='targets_planmonth_once'),
        ),
        migrations.AddConstraint(
            model_name='planmonth',
            constraint=models.UniqueConstraint(fields=('plan', 'position'), name='targets_planmonth_position'),
        ),
        migrations.AddConstraint(
            model_name='planmonth',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', 1000)), name='targets_planmonth_weight'),
        ),
        migrations.AddConstraint(
            model_name='planlevel',
            constraint=models.UniqueConstraint(fields=('plan', 'depth'), name='targets_level_once'),
        ),
        migrations.AddConstraint(
            model_name='planlevel',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ['history', 'equal', 'same_growth', 'same_increment', 'capacity', 'potential', 'weighted', 'hybrid', 'same_value'])), name='targets_level_method_known'),
        ),
        migrations.AddConstraint(
            model_name='planlevel',
            constraint=models.CheckConstraint(condition=models.Q(('over_assignment__gte', 0), ('over_assignment__lte', 1)), name='targets_level_over'),
        ),
        migrations.AddConstraint(
            model_name='planlevel',
            constraint=models.CheckConstraint(condition=models.Q(('growth__gte', -1), ('growth__lte', 100)), name='targets_level_growth'),
        ),
        migrations.AddConstraint(
            model_name='planlevel',
            constraint=models.CheckConstraint(condition=models.Q(('top_down__gte', 0), ('top_down__lte', 1)), name='targets_level_top_down'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.UniqueConstraint(fields=('plan', 'number'), name='targets_change_numbered'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['cells', 'paste', 'lock', 'release', 'inputs', 'method', 'cascade', 'season', 'seat_added', 'seat_removed', 'slices'])), name='targets_change_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='targets_change_undone_pair'),
        ),
        migrations.AddConstraint(
            model_name='targetslice',
            constraint=models.UniqueConstraint(fields=('target', 'dimension', 'member'), name='targets_slice_once'),
        ),
        migrations.AddConstraint(
            model_name='targetslice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dimension', ''), _negated=True), models.Q(('member', ''), _negated=True), models.Q(('label', ''), _negated=True)), name='targets_slice_named'),
        ),
        migrations.AddConstraint(
            model_name='targetslice',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('99999999999999.9999'))), name='targets_slice_amount'),
        ),
        migrations.AddConstraint(
            model_name='targetslice',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', Decimal('99999999999999.9999'))), name='targets_slice_weight'),
        ),
        migrations.AddConstraint(
            model_name='targetwaiver',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('letters', ''), _negated=True)), name='targets_waiver_says_why'),
        ),
    ]

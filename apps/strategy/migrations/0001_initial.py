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
        ('org', '0002_guards'),
        ('targets', '0002_prove_sums'),
    ]

    operations = [
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='objective')),
                ('weight', models.PositiveSmallIntegerField(default=10, verbose_name='weight')),
                ('measure', models.CharField(blank=True, max_length=40, verbose_name='measure')),
                ('goal_value', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='goal')),
                ('place', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='owner')),
                ('period', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='period')),
                ('target', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='targets.target', verbose_name='target')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'objective',
                'verbose_name_plural': 'objectives',
            },
        ),
        migrations.CreateModel(
            name='Strategy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=160, verbose_name='title')),
                ('purpose', models.TextField(max_length=2000, verbose_name='purpose')),
                ('situation', models.TextField(blank=True, max_length=4000, verbose_name='situation')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='valid')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('closed', 'Closed')], default='draft', max_length=8, verbose_name='state')),
                ('watch_below', models.DecimalField(decimal_places=2, default='0.90', max_digits=4, verbose_name='warn below this pace')),
                ('outcome', models.TextField(blank=True, max_length=4000, verbose_name='outcome')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated at')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('activated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='owner')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'strategy',
                'verbose_name_plural': 'strategies',
                'indexes': [models.Index(fields=['unit', 'state'], name='strategy_strategy_unit')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('purpose', ''), _negated=True)), name='strategy_strategy_named'), models.CheckConstraint(condition=models.Q(('valid__endswith__isnull', False), ('valid__isempty', False), ('valid__startswith__isnull', False)), name='strategy_strategy_bounded'), models.CheckConstraint(condition=models.Q(models.Q(('activated_at__isnull', True), ('activated_by__isnull', True), ('state', 'draft')), models.Q(('activated_at__isnull', False), ('activated_by__isnull', False), models.Q(('state', 'draft'), _negated=True)), _connector='OR'), name='strategy_strategy_activated'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), models.Q(('state', 'closed'), _negated=True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'closed')), _connector='OR'), name='strategy_strategy_closed'), models.CheckConstraint(condition=models.Q(('watch_below__gte', 0), ('watch_below__lte', 2)), name='strategy_strategy_watch')],
            },
        ),
        migrations.CreateModel(
            name='ReviewCadence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rhythm', models.CharField(choices=[('monthly', 'Every month'), ('quarterly', 'Every quarter'), ('weeks', 'Every few weeks')], default='monthly', max_length=9, verbose_name='how often')),
                ('every', models.PositiveSmallIntegerField(default=1, verbose_name='weeks between reviews')),
                ('first_on', models.DateField(verbose_name='first review on')),
                ('strategy', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='cadence', to='strategy.strategy')),
            ],
            options={
                'verbose_name': 'review cadence',
                'verbose_name_plural': 'review cadences',
                'constraints': [models.CheckConstraint(condition=models.Q(('rhythm__in', ['monthly', 'quarterly', 'weeks'])), name='strategy_cadence_known'), models.CheckConstraint(condition=models.Q(('every__gte', 1), ('every__lte', 26)), name='strategy_cadence_weeks')],
            },
        ),
        migrations.CreateModel(
            name='ProgressNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outlook', models.CharField(choices=[('on_track', 'On track'), ('at_risk', 'At risk'), ('off_track', 'Off track')], default='on_track', max_length=9, verbose_name='outlook')),
                ('text', models.TextField(max_length=2000, verbose_name='what happened')),
                ('written_at', models.DateTimeField(verbose_name='written at')),
                ('objective', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='strategy.objective', verbose_name='objective')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='strategy.strategy')),
            ],
            options={
                'verbose_name': 'progress note',
                'verbose_name_plural': 'progress notes',
                'indexes': [models.Index(fields=['strategy', '-written_at'], name='strategy_note_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='strategy_note_says')],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='strategy.strategy')),
            ],
            options={
                'verbose_name': 'participant',
                'verbose_name_plural': 'participants',
                'constraints': [models.UniqueConstraint(fields=('strategy', 'person'), name='strategy_participant_once')],
            },
        ),
        migrations.AddField(
            model_name='objective',
            name='strategy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='objectives', to='strategy.strategy'),
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='initiative')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('running', 'Running'), ('done', 'Done'), ('dropped', 'Dropped')], default='planned', max_length=8, verbose_name='status')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='owner')),
                ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='initiatives', to='strategy.objective', verbose_name='objective')),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='initiatives', to='strategy.strategy')),
            ],
            options={
                'verbose_name': 'initiative',
                'verbose_name_plural': 'initiatives',
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='strategy_initiative_named'), models.CheckConstraint(condition=models.Q(models.Q(('done_on__isnull', False), ('status', 'done')), models.Q(models.Q(('status', 'done'), _negated=True), ('done_on__isnull', True)), _connector='OR'), name='strategy_initiative_done')],
            },
        ),
        migrations.CreateModel(
            name='StrategyReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nominal_on', models.DateField(verbose_name='date by the cadence')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('state', models.CharField(choices=[('scheduled', 'Scheduled'), ('due', 'Due today'), ('overdue', 'Overdue'), ('held', 'Held'), ('dropped', 'Dropped')], default='scheduled', max_length=9, verbose_name='state')),
                ('pack', models.JSONField(blank=True, default=list, verbose_name='data pack')),
                ('pack_as_of', models.DateField(blank=True, null=True, verbose_name='figures as of')),
                ('frozen_at', models.DateTimeField(blank=True, null=True, verbose_name='frozen at')),
                ('minutes', models.TextField(blank=True, max_length=8000, verbose_name='minutes')),
                ('held_on', models.DateField(blank=True, null=True, verbose_name='held on')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('held_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='strategy.strategy')),
            ],
            options={
                'verbose_name': 'strategy review',
                'verbose_name_plural': 'strategy reviews',
                'indexes': [models.Index(fields=['state', 'due_on'], name='strategy_review_due')],
                'constraints': [models.UniqueConstraint(fields=('strategy', 'nominal_on'), name='strategy_review_once'), models.CheckConstraint(condition=models.Q(models.Q(('frozen_at__isnull', False), ('held_by__isnull', False), ('held_on__isnull', False), ('state', 'held'), models.Q(('minutes', ''), _negated=True)), models.Q(models.Q(('state', 'held'), _negated=True), ('held_by__isnull', True), ('held_on__isnull', True)), _connector='OR'), name='strategy_review_held'), models.CheckConstraint(condition=models.Q(models.Q(('frozen_at__isnull', True), ('pack_as_of__isnull', True)), models.Q(('frozen_at__isnull', False), ('pack_as_of__isnull', False)), _connector='OR'), name='strategy_review_frozen')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500, verbose_name='decision')),
                ('due_on', models.DateField(verbose_name='due on')),
                ('adjusts', models.CharField(choices=[('target', 'Targets'), ('segment', 'Customer segments'), ('coverage', 'Coverage and people'), ('budget', 'Budget'), ('approach', 'Approach'), ('nothing', 'Nothing, a task only')], default='nothing', max_length=8, verbose_name='changes')),
                ('decided_on', models.DateField(verbose_name='decided on')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='who does it')),
                ('objective', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to='strategy.objective', verbose_name='objective')),
                ('strategy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='strategy.strategy')),
                ('review', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='strategy.strategyreview')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'indexes': [models.Index(fields=['owner', 'due_on'], name='strategy_decision_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='strategy_decision_says'), models.CheckConstraint(condition=models.Q(models.Q(('done_by__isnull', True), ('done_on__isnull', True)), models.Q(('done_by__isnull', False), ('done_on__isnull', False)), _connector='OR'), name='strategy_decision_done_by')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('week', 'A week before'), ('day', 'The day before'), ('today', 'On the day'), ('late', 'Three days late'), ('very_late', 'Seven days late')], max_length=9, verbose_name='stage')),
                ('is_escalation', models.BooleanField(default=False, verbose_name='escalation')),
                ('raised_on', models.DateField(verbose_name='raised on')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person')),
                ('decision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='strategy.decision')),
                ('review', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='strategy.strategyreview')),
            ],
            options={
                'verbose_name': 'reminder',
                'verbose_name_plural': 'reminders',
                'indexes': [models.Index(condition=models.Q(('told_at__isnull', True)), fields=['person'], name='strategy_reminder_untold')],
                'constraints': [models.UniqueConstraint(fields=('review', 'person', 'stage'), name='strategy_reminder_once'), models.UniqueConstraint(fields=('decision', 'person', 'stage'), name='strategy_reminder_decision_once'), models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', True), ('review__isnull', False)), models.Q(('decision__isnull', False), ('review__isnull', True)), _connector='OR'), name='strategy_reminder_of_one')],
            },
        ),
        migrations.CreateModel(
            name='Deviation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pace', models.DecimalField(decimal_places=4, max_digits=9, verbose_name='pace')),
                ('seen_on', models.DateField(verbose_name='seen on')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told at')),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='month')),
                ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deviations', to='strategy.objective')),
            ],
            options={
                'verbose_name': 'deviation',
                'verbose_name_plural': 'deviations',
                'constraints': [models.UniqueConstraint(fields=('objective', 'month'), name='strategy_deviation_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='strategy_objective_named'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('goal_value__isnull', True), ('measure', ''), ('period__isnull', True)), models.Q(('goal_value__isnull', False), ('period__isnull', False), ('target__isnull', True), models.Q(('measure', ''), _negated=True)), _connector='OR'), name='strategy_objective_target_or_goal'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gte', 1), ('weight__lte', 100)), name='strategy_objective_weight'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(('goal_value__gte', 0), ('goal_value__lte', Decimal('99999999999999.9999'))), name='strategy_objective_goal'),
        ),
    ]

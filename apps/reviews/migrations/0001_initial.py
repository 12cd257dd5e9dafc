import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('org', '0002_guards'),
        ('roles', '0002_weights'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvaluationCycle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period_code', models.CharField(max_length=16, unique=True, verbose_name='period')),
                ('kind', models.CharField(choices=[('quarter', 'Quarterly'), ('half', 'Half-yearly'), ('year', 'Yearly')], default='quarter', max_length=8, verbose_name='kind')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_before', models.DateField(verbose_name='ends before')),
                ('stage', models.CharField(choices=[('draft', 'Draft'), ('self', 'Self-assessment'), ('manager', "Manager's assessment"), ('calibration', 'Calibration'), ('approved', 'Approved'), ('shared', 'Shared'), ('acknowledged', 'Acknowledged'), ('closed', 'Closed')], default='draft', max_length=12, verbose_name='stage')),
                ('evaluated_on', models.DateField(verbose_name='evaluated on')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
            ],
            options={
                'verbose_name': 'evaluation cycle',
                'verbose_name_plural': 'evaluation cycles',
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_before__gt', models.F('starts_on'))), name='reviews_cycle_dates'), models.CheckConstraint(condition=models.Q(('stage__in', ['draft', 'self', 'manager', 'calibration', 'approved', 'shared', 'acknowledged', 'closed'])), name='reviews_cycle_stage_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['quarter', 'half', 'year'])), name='reviews_cycle_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('stage', 'closed')), models.Q(models.Q(('stage', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='reviews_cycle_closed_at')],
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('draft', 'Draft'), ('self', 'Self-assessment'), ('manager', "Manager's assessment"), ('calibration', 'Calibration'), ('approved', 'Approved'), ('shared', 'Shared'), ('acknowledged', 'Acknowledged'), ('closed', 'Closed')], default='draft', max_length=12, verbose_name='stage')),
                ('kpi_score', models.DecimalField(blank=True, decimal_places=8, max_digits=12, null=True, verbose_name='KPI score')),
                ('kpi_rating', models.CharField(blank=True, choices=[('outstanding', 'Outstanding'), ('strong', 'Strong'), ('solid', 'Solid'), ('developing', 'Developing'), ('unsatisfactory', 'Unsatisfactory')], max_length=14, verbose_name='rating by KPIs')),
                ('rating', models.CharField(blank=True, choices=[('outstanding', 'Outstanding'), ('strong', 'Strong'), ('solid', 'Solid'), ('developing', 'Developing'), ('unsatisfactory', 'Unsatisfactory')], max_length=14, verbose_name='rating')),
                ('achievements', models.TextField(blank=True, verbose_name='what went well')),
                ('difficulties', models.TextField(blank=True, verbose_name='what was hard')),
                ('support', models.TextField(blank=True, verbose_name='support needed')),
                ('self_submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='self-assessment signed at')),
                ('strengths', models.TextField(blank=True, verbose_name='strengths')),
                ('growth', models.TextField(blank=True, verbose_name='to develop')),
                ('summary', models.TextField(blank=True, verbose_name='overall judgement')),
                ('manager_submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='manager signed at')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('shared_at', models.DateTimeField(blank=True, null=True, verbose_name='shared at')),
                ('reply', models.TextField(blank=True, verbose_name='reply')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged at')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('assessed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assessed by')),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='manager')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.salesrole', verbose_name='role')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='reviews.evaluationcycle', verbose_name='cycle')),
            ],
            options={
                'verbose_name': 'evaluation',
                'verbose_name_plural': 'evaluations',
                'indexes': [models.Index(fields=['person', 'stage'], name='reviews_evaluation_person')],
                'constraints': [models.UniqueConstraint(fields=('cycle', 'person'), name='reviews_evaluation_once'), models.CheckConstraint(condition=models.Q(('stage__in', ['draft', 'self', 'manager', 'calibration', 'approved', 'shared', 'acknowledged', 'closed'])), name='reviews_evaluation_stage_known'), models.CheckConstraint(condition=models.Q(('kpi_rating__in', ['', 'outstanding', 'strong', 'solid', 'developing', 'unsatisfactory']), ('rating__in', ['', 'outstanding', 'strong', 'solid', 'developing', 'unsatisfactory'])), name='reviews_evaluation_ratings_known'), models.CheckConstraint(condition=models.Q(('kpi_score__gte', 0), ('kpi_score__lte', 5)), name='reviews_evaluation_score'), models.CheckConstraint(condition=models.Q(('kpi_score__isnull', True), models.Q(('kpi_rating', ''), _negated=True), _connector='OR'), name='reviews_evaluation_scored'), models.CheckConstraint(condition=models.Q(('manager__isnull', True), models.Q(('manager', models.F('person')), _negated=True), _connector='OR'), name='reviews_evaluation_not_by_oneself'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='reviews_evaluation_approved'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('assessed_by__isnull', True), models.Q(('approved_by', models.F('assessed_by')), _negated=True), _connector='OR'), name='reviews_evaluation_four_eyes'), models.CheckConstraint(condition=models.Q(('stage__in', ['draft', 'self', 'manager', 'calibration']), ('approved_at__isnull', False), _connector='OR'), name='reviews_evaluation_signed_in_order')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationSegment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_before', models.DateField(verbose_name='ends before')),
                ('working_days', models.PositiveSmallIntegerField(verbose_name='working days')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='reviews.evaluation')),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='manager')),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position', verbose_name='position')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.salesrole', verbose_name='role')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'segment',
                'verbose_name_plural': 'segments',
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'starts_on'), name='reviews_segment_once'), models.CheckConstraint(condition=models.Q(('ends_before__gt', models.F('starts_on'))), name='reviews_segment_dates')],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('text', models.CharField(max_length=300, verbose_name='goal')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='by')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='goals', to='reviews.evaluation')),
            ],
            options={
                'verbose_name': 'agreed goal',
                'verbose_name_plural': 'agreed goals',
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'position'), name='reviews_goal_order'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='reviews_goal_said')],
            },
        ),
        migrations.CreateModel(
            name='KpiScale',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40, unique=True, verbose_name='measure')),
                ('curve', models.CharField(choices=[('linear', 'Linear between floor and target'), ('binary', 'Reached or not')], default='linear', max_length=8, verbose_name='curve')),
                ('floor', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=5, verbose_name='floor')),
                ('worst', models.DecimalField(decimal_places=4, default=Decimal('2'), max_digits=6, verbose_name='worst acceptable')),
                ('lowest', models.DecimalField(decimal_places=4, default=Decimal('0'), max_digits=5, verbose_name='lowest score')),
                ('cap', models.DecimalField(decimal_places=4, default=Decimal('1.2'), max_digits=5, verbose_name='highest score')),
            ],
            options={
                'verbose_name': 'KPI scale',
                'verbose_name_plural': 'KPI scales',
                'constraints': [models.CheckConstraint(condition=models.Q(('curve__in', ['linear', 'binary'])), name='reviews_scale_curve_known'), models.CheckConstraint(condition=models.Q(('floor__gte', 0), ('floor__lt', 1)), name='reviews_scale_floor'), models.CheckConstraint(condition=models.Q(('worst__gt', 1), ('worst__lte', 10)), name='reviews_scale_worst'), models.CheckConstraint(condition=models.Q(('lowest__gte', 0), ('lowest__lte', 1)), name='reviews_scale_lowest'), models.CheckConstraint(condition=models.Q(('cap__gte', 1), ('cap__lte', 5)), name='reviews_scale_cap')],
            },
        ),
        migrations.CreateModel(
            name='KpiScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_before', models.DateField(verbose_name='ends before')),
                ('working_days', models.PositiveSmallIntegerField(verbose_name='working days')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('weight', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='weight, %')),
                ('actual', models.DecimalField(blank=True, decimal_places=8, max_digits=24, null=True, verbose_name='actual')),
                ('numerator', models.DecimalField(blank=True, decimal_places=8, max_digits=24, null=True, verbose_name='numerator')),
                ('denominator', models.DecimalField(blank=True, decimal_places=8, max_digits=24, null=True, verbose_name='denominator')),
                ('row_count', models.PositiveIntegerField(default=0, verbose_name='rows behind')),
                ('target', models.DecimalField(blank=True, decimal_places=8, max_digits=24, null=True, verbose_name='target')),
                ('target_source', models.CharField(choices=[('quota', 'Quota'), ('peers', 'Median of the role'), ('history', 'Own last four quarters'), ('none', 'No target')], max_length=8, verbose_name='target from')),
                ('floor', models.DecimalField(blank=True, decimal_places=8, max_digits=24, null=True, verbose_name='floor or worst')),
                ('cap', models.DecimalField(decimal_places=4, max_digits=5, verbose_name='highest score')),
                ('score', models.DecimalField(blank=True, decimal_places=8, max_digits=12, null=True, verbose_name='score')),
                ('uncapped', models.DecimalField(blank=True, decimal_places=8, max_digits=18, null=True, verbose_name='score before bounds')),
                ('flag', models.CharField(choices=[('counted', 'Counted'), ('no_data', 'No data: its weight is shared among the others'), ('no_target', 'Nothing to compare with: its weight is shared among the others'), ('unknown', 'No longer measured: its weight is shared among the others')], default='counted', max_length=10, verbose_name='note')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='reviews.evaluation')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.salesrole', verbose_name='role')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit led')),
            ],
            options={
                'verbose_name': 'KPI score',
                'verbose_name_plural': 'KPI scores',
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'measure', 'starts_on'), name='reviews_score_once'), models.CheckConstraint(condition=models.Q(('ends_before__gt', models.F('starts_on'))), name='reviews_score_dates'), models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', 100)), name='reviews_score_weight'), models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 5)), name='reviews_score_score'), models.CheckConstraint(condition=models.Q(('uncapped__gte', -9999999999), ('uncapped__lte', 9999999999)), name='reviews_score_uncapped'), models.CheckConstraint(condition=models.Q(('actual__gte', -99999999999999), ('actual__lte', 99999999999999)), name='reviews_score_actual'), models.CheckConstraint(condition=models.Q(('target__gte', 0), ('target__lte', 99999999999999)), name='reviews_score_target'), models.CheckConstraint(condition=models.Q(models.Q(('flag', 'counted'), ('score__isnull', False)), models.Q(models.Q(('flag', 'counted'), _negated=True), ('score__isnull', True)), _connector='OR'), name='reviews_score_flagged'), models.CheckConstraint(condition=models.Q(models.Q(('target__isnull', True), ('target_source', 'none')), models.Q(models.Q(('target_source', 'none'), _negated=True), ('target__isnull', False)), _connector='OR'), name='reviews_score_target_from')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('calibrated', 'Rating calibrated'), ('returned', 'Returned to the manager')], max_length=10, verbose_name='kind')),
                ('before', models.CharField(blank=True, choices=[('outstanding', 'Outstanding'), ('strong', 'Strong'), ('solid', 'Solid'), ('developing', 'Developing'), ('unsatisfactory', 'Unsatisfactory')], max_length=14, verbose_name='before')),
                ('after', models.CharField(blank=True, choices=[('outstanding', 'Outstanding'), ('strong', 'Strong'), ('solid', 'Solid'), ('developing', 'Developing'), ('unsatisfactory', 'Unsatisfactory')], max_length=14, verbose_name='after')),
                ('reason', models.TextField(verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='reviews.evaluation')),
            ],
            options={
                'verbose_name': 'change after signing',
                'verbose_name_plural': 'changes after signing',
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reviews_change_reasoned'), models.CheckConstraint(condition=models.Q(('kind__in', ['calibrated', 'returned'])), name='reviews_change_kind_known')],
            },
        ),
    ]

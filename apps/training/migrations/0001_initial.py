import django.db.models.deletion
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
            name='Course',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('provider', models.CharField(blank=True, max_length=120, verbose_name='provider')),
                ('format', models.CharField(choices=[('classroom', 'In a room'), ('online', 'Online, live'), ('self_paced', 'Self-paced'), ('field', 'In the field')], default='classroom', max_length=10, verbose_name='format')),
                ('hours', models.DecimalField(decimal_places=1, max_digits=5, verbose_name='hours')),
                ('materials_url', models.URLField(blank=True, max_length=500, verbose_name='materials')),
                ('valid_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='valid for months')),
                ('pass_score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='score to pass')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='no longer offered from')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
            ],
            options={
                'verbose_name': 'course',
                'verbose_name_plural': 'courses',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('code', ''), _negated=True)), name='training_course_named'), models.CheckConstraint(condition=models.Q(('format__in', ['classroom', 'online', 'self_paced', 'field'])), name='training_course_format_known'), models.CheckConstraint(condition=models.Q(('hours__gt', 0), ('hours__lte', 1000)), name='training_course_hours'), models.CheckConstraint(condition=models.Q(('valid_months__gte', 1), ('valid_months__lte', 120)), name='training_course_valid'), models.CheckConstraint(condition=models.Q(('pass_score__gte', 0), ('pass_score__lte', 100)), name='training_course_pass')],
            },
        ),
        migrations.CreateModel(
            name='CourseSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('place', models.CharField(max_length=150, verbose_name='place')),
                ('capacity', models.PositiveSmallIntegerField(verbose_name='seats')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('cancelled', 'Cancelled')], default='planned', max_length=10, verbose_name='state')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='training.course', verbose_name='course')),
                ('trainer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='trainer')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'indexes': [models.Index(fields=['starts_at'], name='training_session_start')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='training_session_times'), models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'cancelled'])), name='training_session_state_known'), models.CheckConstraint(condition=models.Q(('capacity__gte', 1), ('capacity__lte', 5000)), name='training_session_capacity')],
            },
        ),
        migrations.CreateModel(
            name='Completion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('completed_on', models.DateField(verbose_name='completed on')),
                ('score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='score')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expires on')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='training.course', verbose_name='course')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.coursesession', verbose_name='session')),
            ],
            options={
                'verbose_name': 'completion',
                'verbose_name_plural': 'completions',
                'indexes': [models.Index(fields=['person'], name='training_completion_person')],
                'constraints': [models.UniqueConstraint(fields=('course', 'person', 'completed_on'), name='training_completion_once'), models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 100)), name='training_completion_score'), models.CheckConstraint(condition=models.Q(('expires_on__isnull', True), ('expires_on__gt', models.F('completed_on')), _connector='OR'), name='training_completion_expiry')],
            },
        ),
        migrations.CreateModel(
            name='CourseSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, '1 · Knows of it'), (2, '2 · Does it with help'), (3, '3 · Does it alone'), (4, '4 · Does it in hard cases'), (5, '5 · Teaches it')], default=3, verbose_name='level')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='training.course')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.skill', verbose_name='skill')),
            ],
            options={
                'verbose_name': 'skill of a course',
                'verbose_name_plural': 'skills of courses',
                'constraints': [models.UniqueConstraint(fields=('course', 'skill'), name='training_courseskill_once'), models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 5)), name='training_courseskill_level')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('enrolled', 'Enrolled'), ('waiting', 'On the waiting list'), ('attended', 'Attended'), ('completed', 'Completed'), ('no_show', 'Did not come'), ('withdrawn', 'Withdrawn')], default='enrolled', max_length=10, verbose_name='state')),
                ('queued_at', models.DateTimeField(verbose_name='asked for at')),
                ('enrolled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='enrolled by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='training.coursesession', verbose_name='session')),
            ],
            options={
                'verbose_name': 'enrolment',
                'verbose_name_plural': 'enrolments',
                'indexes': [models.Index(fields=['person', 'state'], name='training_enrolment_person')],
                'constraints': [models.UniqueConstraint(fields=('session', 'person'), name='training_enrolment_once'), models.CheckConstraint(condition=models.Q(('state__in', ['enrolled', 'waiting', 'attended', 'completed', 'no_show', 'withdrawn'])), name='training_enrolment_state_known')],
            },
        ),
        migrations.CreateModel(
            name='SkillAssessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, '0 · Not yet'), (1, '1 · Knows of it'), (2, '2 · Does it with help'), (3, '3 · Does it alone'), (4, '4 · Does it in hard cases'), (5, '5 · Teaches it')], verbose_name='level')),
                ('assessed_on', models.DateField(verbose_name='assessed on')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('assessed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assessed by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.skill', verbose_name='skill')),
            ],
            options={
                'verbose_name': 'skill assessment',
                'verbose_name_plural': 'skill assessments',
                'constraints': [models.UniqueConstraint(fields=('person', 'skill', 'assessed_on'), name='training_assessment_once'), models.CheckConstraint(condition=models.Q(('level__gte', 0), ('level__lte', 5)), name='training_assessment_level')],
            },
        ),
    ]

import apps.core.effective
import apps.org.models.dating
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrgUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('kind', models.CharField(choices=[('company', 'Company'), ('region', 'Region'), ('branch', 'Branch'), ('department', 'Department'), ('team', 'Team'), ('virtual', 'Virtual team')], default='team', max_length=12, verbose_name='kind')),
            ],
            options={
                'verbose_name': 'unit',
                'verbose_name_plural': 'units',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['company', 'region', 'branch', 'department', 'team', 'virtual'])), name='org_unit_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('code', ''), _negated=True)), name='org_unit_named')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=64, unique=True, verbose_name='personnel number')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('name_key', models.CharField(blank=True, editable=False, max_length=300, verbose_name='spelling for search')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('hired_on', models.DateField(verbose_name='hired on')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='left on')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='person', to=settings.AUTH_USER_MODEL, verbose_name='sign-in')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'indexes': [models.Index(fields=['name'], name='org_person_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('external_id', ''), _negated=True)), name='org_person_named'), models.CheckConstraint(condition=models.Q(('left_on__isnull', True), ('left_on__gt', models.F('hired_on')), _connector='OR'), name='org_person_leaves_after_hire')],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True, verbose_name='code')),
                ('title', models.CharField(max_length=150, verbose_name='title')),
            ],
            options={
                'verbose_name': 'position',
                'verbose_name_plural': 'positions',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('title', ''), _negated=True)), name='org_position_named')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('fte_percent', models.DecimalField(decimal_places=2, default=100, max_digits=5, verbose_name='share of full time, %')),
                ('is_primary', models.BooleanField(default=True, verbose_name='primary seat')),
                ('is_acting', models.BooleanField(default=False, verbose_name='acting holder')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='org.person', verbose_name='person')),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='org.position', verbose_name='position')),
            ],
            options={
                'verbose_name': 'assignment',
                'verbose_name_plural': 'assignments',
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_assignment_dated'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_primary', True)), expressions=[(apps.core.effective.KeyRange('person'), '&&'), ('valid', '&&')], name='org_assignment_one_primary'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_acting', False)), expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='org_assignment_one_holder'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_acting', True)), expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='org_assignment_one_acting'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('position'), '&&'), (apps.core.effective.KeyRange('person'), '&&'), ('valid', '&&')], name='org_assignment_once'), models.CheckConstraint(condition=models.Q(('fte_percent__gte', 1), ('fte_percent__lte', 100)), name='org_assignment_fte'), models.CheckConstraint(condition=models.Q(('is_acting', True), ('is_primary', True), _negated=True), name='org_assignment_acting_not_primary')],
            },
        ),
        migrations.CreateModel(
            name='PositionUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('is_lead', models.BooleanField(default=False, verbose_name='leads the unit')),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='org.position', verbose_name='position')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'place of a position',
                'verbose_name_plural': 'places of positions',
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_positionunit_dated'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='org_positionunit_one_unit'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_lead', True)), expressions=[(apps.core.effective.KeyRange('unit'), '&&'), ('valid', '&&')], name='org_positionunit_one_lead')],
            },
        ),
        migrations.CreateModel(
            name='ReportingLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('line_type', models.CharField(choices=[('direct', 'Direct line'), ('dotted', 'Dotted line')], default='direct', max_length=8, verbose_name='kind of line')),
                ('manager', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_lines', to='org.position', verbose_name='reports to')),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='org.position', verbose_name='position')),
            ],
            options={
                'verbose_name': 'reporting line',
                'verbose_name_plural': 'reporting lines',
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_reportingline_dated'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('line_type', 'direct')), expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='org_reportingline_one_direct'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('position'), '&&'), (apps.core.effective.KeyRange('manager'), '&&'), ('valid', '&&')], name='org_reportingline_once'), models.CheckConstraint(condition=models.Q(('position', models.F('manager')), _negated=True), name='org_reportingline_not_itself'), models.CheckConstraint(condition=models.Q(('line_type__in', ['direct', 'dotted'])), name='org_reportingline_type_known')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('role', models.CharField(choices=[('self', 'Everybody, on their own records'), ('manager', 'Manager, on the units they lead'), ('executive', 'Executive'), ('sales_ops', 'Sales operations'), ('comp_admin', 'Compensation administrator'), ('hr', 'Human resources'), ('sysadmin', 'System administrator'), ('auditor', 'Auditor')], max_length=12, verbose_name='role')),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='granted by')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.orgunit', verbose_name='unit')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'role grant',
                'verbose_name_plural': 'role grants',
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_rolegrant_dated'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('user'), '&&'), (apps.core.effective.KeyRange('unit'), '&&'), (apps.org.models.dating.WordRange('role'), '&&'), ('valid', '&&')], name='org_rolegrant_once'), models.CheckConstraint(condition=models.Q(('role__in', ['executive', 'sales_ops', 'comp_admin', 'hr', 'sysadmin', 'auditor'])), name='org_rolegrant_grantable'), models.CheckConstraint(condition=models.Q(('granted_by__isnull', True), models.Q(('granted_by', models.F('user')), _negated=True), _connector='OR'), name='org_rolegrant_not_oneself')],
            },
        ),
        migrations.CreateModel(
            name='UnitClosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('depth', models.PositiveSmallIntegerField()),
                ('ancestor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='org.orgunit')),
                ('descendant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='org.orgunit')),
            ],
            options={
                'verbose_name': 'unit in unit',
                'verbose_name_plural': 'units in units',
                'indexes': [models.Index(fields=['ancestor', 'descendant'], name='org_closure_down'), models.Index(fields=['descendant', 'depth'], name='org_closure_up'), django.contrib.postgres.indexes.GistIndex(fields=['valid'], name='org_closure_valid')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_unitclosure_dated')],
            },
        ),
        migrations.CreateModel(
            name='UnitParent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='child_places', to='org.orgunit', verbose_name='part of')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='org.orgunit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'place of a unit',
                'verbose_name_plural': 'places of units',
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='org_unitparent_dated'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('unit'), '&&'), ('valid', '&&')], name='org_unitparent_no_overlap'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('parent__isnull', True)), expressions=[('valid', '&&')], name='org_unitparent_one_root'), models.CheckConstraint(condition=models.Q(('parent', models.F('unit')), _negated=True), name='org_unitparent_not_itself')],
            },
        ),
    ]

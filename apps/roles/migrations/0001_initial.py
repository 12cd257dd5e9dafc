import apps.core.effective
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('org', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
            ],
            options={
                'verbose_name': 'skill',
                'verbose_name_plural': 'skills',
            },
        ),
        migrations.CreateModel(
            name='ProcessStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('phase', models.CharField(choices=[('find', 'Find leads'), ('follow', 'Follow opportunities'), ('keep', 'Keep customers'), ('manage', 'Steer the team')], max_length=8, verbose_name='phase')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('description', models.TextField(blank=True, verbose_name='description')),
            ],
            options={
                'verbose_name': 'process step',
                'verbose_name_plural': 'process steps',
                'constraints': [models.CheckConstraint(condition=models.Q(('phase__in', ['find', 'follow', 'keep', 'manage'])), name='roles_step_phase_known')],
            },
        ),
        migrations.CreateModel(
            name='SalesRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
            ],
            options={
                'verbose_name': 'sales role',
                'verbose_name_plural': 'sales roles',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('code', ''), _negated=True)), name='roles_salesrole_named')],
            },
        ),
        migrations.CreateModel(
            name='RoleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('purpose', models.TextField(verbose_name='purpose')),
                ('authority', models.TextField(blank=True, verbose_name='authority and its limits')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='roles.salesrole', verbose_name='role')),
            ],
            options={
                'verbose_name': 'role version',
                'verbose_name_plural': 'role versions',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('role'), '&&'), ('valid', '&&')], name='roles_version_one_in_force'), models.UniqueConstraint(fields=('role', 'number'), name='roles_version_number'), models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='roles_version_dated')],
            },
        ),
        migrations.CreateModel(
            name='Responsibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letter', models.CharField(choices=[('R', 'Responsible: does it'), ('A', 'Accountable: answers for it'), ('C', 'Consulted: is asked before'), ('I', 'Informed: is told after')], max_length=1, verbose_name='part')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responsibilities', to='roles.processstep')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responsibilities', to='roles.salesrole')),
            ],
            options={
                'verbose_name': 'responsibility',
                'verbose_name_plural': 'responsibilities',
                'constraints': [models.UniqueConstraint(fields=('step', 'role', 'letter'), name='roles_responsibility_once'), models.UniqueConstraint(condition=models.Q(('letter', 'A')), fields=('step',), name='roles_responsibility_one_accountable'), models.CheckConstraint(condition=models.Q(('letter__in', ['R', 'A', 'C', 'I'])), name='roles_responsibility_letter')],
            },
        ),
        migrations.CreateModel(
            name='PositionRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='org.position', verbose_name='position')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='positions', to='roles.salesrole', verbose_name='role')),
            ],
            options={
                'verbose_name': 'role of a position',
                'verbose_name_plural': 'roles of positions',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('position'), '&&'), ('valid', '&&')], name='roles_positionrole_one'), models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='roles_positionrole_dated')],
            },
        ),
        migrations.CreateModel(
            name='RoleSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, '1 · Knows of it'), (2, '2 · Does it with help'), (3, '3 · Does it alone'), (4, '4 · Does it in hard cases'), (5, '5 · Teaches it')], default=3, verbose_name='level')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='roles.roleversion')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roles.skill', verbose_name='skill')),
            ],
            options={
                'verbose_name': 'skill of a role',
                'verbose_name_plural': 'skills of roles',
                'constraints': [models.UniqueConstraint(fields=('version', 'skill'), name='roles_roleskill_once'), models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 5)), name='roles_roleskill_level')],
            },
        ),
        migrations.CreateModel(
            name='RoleKpi',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40, verbose_name='measure')),
                ('weight', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='weight, %')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kpis', to='roles.roleversion')),
            ],
            options={
                'verbose_name': 'KPI of a role',
                'verbose_name_plural': 'KPIs of roles',
                'constraints': [models.UniqueConstraint(fields=('version', 'measure'), name='roles_rolekpi_once'), models.CheckConstraint(condition=models.Q(('weight__gte', 1), ('weight__lte', 100)), name='roles_rolekpi_weight')],
            },
        ),
        migrations.CreateModel(
            name='RoleDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='order')),
                ('text', models.CharField(max_length=300, verbose_name='duty')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='duties', to='roles.roleversion')),
            ],
            options={
                'verbose_name': 'duty',
                'verbose_name_plural': 'duties',
                'constraints': [models.UniqueConstraint(fields=('version', 'position'), name='roles_duty_order')],
            },
        ),
    ]

import apps.integrations.models
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('events', '0002_audit_trail'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('state', models.CharField(choices=[('uploaded', 'Files uploaded'), ('checking', 'Being checked'), ('checked', 'Checked'), ('running', 'Being imported'), ('done', 'Imported'), ('failed', 'Failed'), ('undoing', 'Being taken back'), ('undone', 'Taken back')], default='uploaded', max_length=10, verbose_name='state')),
                ('folder', models.CharField(default=apps.integrations.models.new_folder, editable=False, max_length=32, verbose_name='folder')),
                ('files', models.JSONField(default=list, verbose_name='files')),
                ('mapping', models.JSONField(default=dict, verbose_name='mapping')),
                ('report', models.JSONField(default=dict, verbose_name='report')),
                ('outcome', models.JSONField(default=dict, verbose_name='outcome')),
                ('leave_out_bad_rows', models.BooleanField(default=False, verbose_name='leave out rows with problems')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.longtask', verbose_name='progress')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['uploaded', 'checking', 'checked', 'running', 'done', 'failed', 'undoing', 'undone'])), name='integrations_import_state_known'), models.UniqueConstraint(fields=('folder',), name='integrations_import_folder_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('record_id', models.BigIntegerField(verbose_name='record')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='integrations.importrun')),
            ],
            options={
                'verbose_name': 'imported record',
                'verbose_name_plural': 'imported records',
                'constraints': [models.UniqueConstraint(fields=('run', 'kind', 'record_id'), name='integrations_imported_record_once')],
            },
        ),
    ]

import apps.core.effective
import apps.core.money
import apps.pipeline.models.catalogue
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('customers', '0002_family_has_no_cycle'),
        ('org', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='PipelineCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_id', models.BigIntegerField()),
                ('stage_id', models.BigIntegerField()),
                ('currency', apps.core.money.CurrencyField(max_length=3)),
                ('month', models.DateField(null=True)),
                ('deals', models.BigIntegerField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=24)),
                ('base_amount', models.DecimalField(decimal_places=2, max_digits=24)),
            ],
            options={
                'verbose_name': 'pipeline cell',
                'verbose_name_plural': 'pipeline cells',
            },
        ),
        migrations.CreateModel(
            name='OutcomeReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('won', 'Won'), ('lost', 'Lost')], max_length=4, verbose_name='kind')),
                ('counts', models.BooleanField(default=True, verbose_name='counts in the win rate')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='retired on')),
            ],
            options={
                'verbose_name': 'outcome reason',
                'verbose_name_plural': 'outcome reasons',
                'constraints': [models.UniqueConstraint(fields=('code',), name='pipeline_reason_code_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['won', 'lost'])), name='pipeline_reason_kind_known'), models.CheckConstraint(condition=models.Q(('counts', True), ('kind', 'lost'), _connector='OR'), name='pipeline_reason_won_always_counts')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('series', models.CharField(blank=True, default='', max_length=80, verbose_name='series')),
                ('description', models.TextField(blank=True, default='', max_length=2000, verbose_name='description')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='retired on')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'constraints': [models.UniqueConstraint(fields=('code',), name='pipeline_product_code_once'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='pipeline_product_named')],
            },
        ),
        migrations.CreateModel(
            name='SalesProcess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('description', models.TextField(blank=True, default='', max_length=2000, verbose_name='description')),
                ('is_default', models.BooleanField(default=False, verbose_name='used when none is chosen')),
                ('allows_skip', models.BooleanField(default=True, verbose_name='stages may be skipped')),
                ('allows_back', models.BooleanField(default=True, verbose_name='deals may go back a stage')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='retired on')),
            ],
            options={
                'verbose_name': 'sales process',
                'verbose_name_plural': 'sales processes',
                'constraints': [models.UniqueConstraint(fields=('code',), name='pipeline_process_code_once'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='pipeline_process_one_default')],
            },
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('order', models.PositiveSmallIntegerField(verbose_name='order')),
                ('kind', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost')], default='open', max_length=4, verbose_name='kind')),
                ('probability', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='probability')),
                ('forecast_category', models.CharField(blank=True, choices=[('', 'As the stage says'), ('omitted', 'Omitted'), ('pipeline', 'Pipeline'), ('best_case', 'Best case'), ('likely', 'Most likely'), ('commit', 'Commit')], default='pipeline', max_length=12, verbose_name='forecast category')),
                ('guidance', models.TextField(blank=True, default='', max_length=1000, verbose_name='what good looks like')),
                ('process', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='pipeline.salesprocess', verbose_name='process')),
            ],
            options={
                'verbose_name': 'stage',
                'verbose_name_plural': 'stages',
                'constraints': [models.UniqueConstraint(fields=('process', 'code'), name='pipeline_stage_code_once'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('process', 'order'), name='pipeline_stage_order_once'), models.UniqueConstraint(condition=models.Q(('kind', 'open'), _negated=True), fields=('process', 'kind'), name='pipeline_stage_one_end_of_a_kind'), models.CheckConstraint(condition=models.Q(('probability__gte', 0), ('probability__lte', 100)), name='pipeline_stage_probability_bounds'), models.CheckConstraint(condition=models.Q(('kind', 'open'), models.Q(('kind', 'won'), ('probability', 100)), models.Q(('kind', 'lost'), ('probability', 0)), _connector='OR'), name='pipeline_stage_ends_are_certain')],
            },
        ),
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=80, verbose_name='external id')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('state', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost')], default='open', max_length=4, verbose_name='state')),
                ('amount', apps.core.money.MoneyField(decimal_places=2, default=0, max_digits=18, verbose_name='amount')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('rate', models.DecimalField(decimal_places=8, default=1, max_digits=18, verbose_name='rate')),
                ('base_amount', apps.core.money.MoneyField(decimal_places=2, default=0, max_digits=18, verbose_name='amount in company currency')),
                ('forecast_category', models.CharField(blank=True, choices=[('', 'As the stage says'), ('omitted', 'Omitted'), ('pipeline', 'Pipeline'), ('best_case', 'Best case'), ('likely', 'Most likely'), ('commit', 'Commit')], default='', max_length=12, verbose_name='forecast category')),
                ('created_on', models.DateField(blank=True, null=True, verbose_name='created on')),
                ('expected_close_on', models.DateField(blank=True, null=True, verbose_name='expected close')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('closes_on', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('closed_on', 'expected_close_on'), output_field=models.DateField(null=True, verbose_name='closes on'))),
                ('stage_since', models.DateField(blank=True, null=True, verbose_name='in this stage since')),
                ('reason_note', models.CharField(blank=True, default='', max_length=500, verbose_name='in your words')),
                ('next_step', models.CharField(blank=True, default='', max_length=200, verbose_name='next step')),
                ('next_step_on', models.DateField(blank=True, null=True, verbose_name='next step on')),
                ('push_count', models.PositiveSmallIntegerField(default=0, verbose_name='times pushed')),
                ('note', models.TextField(blank=True, default='', max_length=4000, verbose_name='note')),
                ('decisions', models.PositiveSmallIntegerField(default=0, verbose_name='times decided')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='updated at')),
                ('account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.account', verbose_name='account')),
                ('contact', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.contact', verbose_name='contact')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='owner')),
                ('reason', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.outcomereason', verbose_name='reason')),
                ('stage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name': 'deal',
                'verbose_name_plural': 'deals',
                'indexes': [models.Index(fields=['owner', '-created_on', '-id'], name='pipeline_deal_of_owner'), models.Index(models.OrderBy(models.F('created_on'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), name='pipeline_deal_newest'), models.Index(fields=['stage', '-closes_on', '-id'], name='pipeline_deal_board'), models.Index(fields=['-closes_on', '-id'], name='pipeline_deal_closing')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='pipeline_deal_external_id_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='pipeline_deal_named'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'won', 'lost'])), name='pipeline_deal_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', True), ('reason__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_on__isnull', False), ('created_on__isnull', False)), _connector='OR'), name='pipeline_deal_closed_with_date'), models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), ('closed_on__gte', models.F('created_on')), _connector='OR'), name='pipeline_deal_closed_after_created'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('999999999999.99'))), name='pipeline_deal_amount_bounds'), models.CheckConstraint(condition=models.Q(('base_amount__gte', 0), ('base_amount__lte', Decimal('999999999999.99'))), name='pipeline_deal_base_amount_bounds'), models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 1000000)), name='pipeline_deal_rate_bounds')],
            },
        ),
        migrations.CreateModel(
            name='StageChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed_on', models.DateField(null=True, verbose_name='changed on')),
                ('override_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='why criteria were waived')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='recorded at')),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('from_stage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.stage', verbose_name='from')),
                ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='pipeline.opportunity', verbose_name='deal')),
                ('to_stage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.stage', verbose_name='to')),
            ],
            options={
                'verbose_name': 'stage change',
                'verbose_name_plural': 'stage changes',
            },
        ),
        migrations.CreateModel(
            name='StageGate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('amount', 'Amount'), ('expected_close_on', 'Expected close date'), ('next_step', 'Next step with a date'), ('account', 'Account'), ('contact', 'Contact'), ('lines', 'At least one product line'), ('activity', 'At least one activity')], max_length=20, verbose_name='asks for')),
                ('stage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gates', to='pipeline.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name': 'exit criterion',
                'verbose_name_plural': 'exit criteria',
                'constraints': [models.UniqueConstraint(fields=('stage', 'field'), name='pipeline_gate_once')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_uuid', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='client id')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('note', models.TextField(blank=True, default='', max_length=2000, verbose_name='note')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due on')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.account', verbose_name='account')),
                ('assignee', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='assigned to')),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('opportunity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='pipeline.opportunity', verbose_name='deal')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'indexes': [models.Index(fields=['assignee', 'due_on', 'id'], name='pipeline_task_of_person')],
                'constraints': [models.UniqueConstraint(fields=('client_uuid',), name='pipeline_task_uuid_once'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='pipeline_task_titled')],
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_uuid', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='client id')),
                ('external_id', models.CharField(blank=True, default='', max_length=80, verbose_name='external id')),
                ('kind', models.CharField(choices=[('call', 'Call'), ('meeting', 'Meeting'), ('visit', 'Visit'), ('email', 'E-mail sent'), ('note', 'Note')], max_length=10, verbose_name='kind')),
                ('happened_at', models.DateTimeField(verbose_name='when')),
                ('happened_on', models.DateField(verbose_name='day')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('note', models.TextField(blank=True, default='', max_length=4000, verbose_name='note')),
                ('minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='minutes')),
                ('latitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, verbose_name='longitude')),
                ('accuracy_m', models.PositiveIntegerField(blank=True, null=True, verbose_name='accuracy in metres')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='recorded at')),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.account', verbose_name='account')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.contact', verbose_name='contact')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='by')),
                ('opportunity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='pipeline.opportunity', verbose_name='deal')),
            ],
            options={
                'verbose_name': 'activity',
                'verbose_name_plural': 'activities',
                'indexes': [models.Index(fields=['person', '-happened_at', '-id'], name='pipeline_activity_of_person'), models.Index(fields=['-happened_at', '-id'], name='pipeline_activity_latest')],
                'constraints': [models.UniqueConstraint(fields=('client_uuid',), name='pipeline_activity_uuid_once'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='pipeline_activity_external_id_once'), models.CheckConstraint(condition=models.Q(('subject', ''), _negated=True), name='pipeline_activity_subject'), models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'meeting', 'visit', 'email', 'note'])), name='pipeline_activity_kind_known'), models.CheckConstraint(condition=models.Q(('minutes__gte', 0), ('minutes__lte', 1440)), name='pipeline_activity_minutes_bounds'), models.CheckConstraint(condition=models.Q(('latitude__gte', -90), ('latitude__lte', 90)), name='pipeline_activity_latitude_bounds'), models.CheckConstraint(condition=models.Q(('longitude__gte', -180), ('longitude__lte', 180)), name='pipeline_activity_longitude_bounds')],
            },
        ),
        migrations.CreateModel(
            name='OpportunitySplit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='share %')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='splits', to='pipeline.opportunity', verbose_name='deal')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'split',
                'verbose_name_plural': 'splits',
                'constraints': [models.UniqueConstraint(fields=('opportunity', 'person'), name='pipeline_split_once'), models.CheckConstraint(condition=models.Q(('share__gte', Decimal('0.01')), ('share__lte', 100)), name='pipeline_split_share_bounds')],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', apps.core.money.CurrencyField(max_length=3, verbose_name='currency')),
                ('amount', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='price')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='in force')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='pipeline.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'price',
                'verbose_name_plural': 'prices',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('999999999999.99'))), name='pipeline_price_amount_bounds'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(apps.core.effective.KeyRange('product'), '&&'), (apps.pipeline.models.catalogue.TextRange('currency'), '&&'), ('valid', '&&')], name='pipeline_price_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='OpportunityLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=2, default=1, max_digits=12, verbose_name='quantity')),
                ('unit_price', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='unit price')),
                ('discount', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='discount %')),
                ('amount', apps.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='amount')),
                ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='pipeline.opportunity', verbose_name='deal')),
                ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'product line',
                'verbose_name_plural': 'product lines',
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gte', 0), ('quantity__lte', 1000000)), name='pipeline_line_quantity_bounds'), models.CheckConstraint(condition=models.Q(('unit_price__gte', 0), ('unit_price__lte', Decimal('999999999999.99'))), name='pipeline_line_price_bounds'), models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('discount__lte', 100)), name='pipeline_line_discount_bounds'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', Decimal('999999999999.99'))), name='pipeline_line_amount_bounds')],
            },
        ),
    ]

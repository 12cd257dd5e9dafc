import apps.core.money
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('org', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=80, verbose_name='external id')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('name_key', models.CharField(editable=False, max_length=300, verbose_name='sort key')),
                ('match_key', models.CharField(editable=False, max_length=300, verbose_name='comparison key')),
                ('search', models.CharField(editable=False, max_length=1000, verbose_name='search text')),
                ('search_grams', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, editable=False, size=None)),
                ('registration_code', models.CharField(blank=True, default='', max_length=40, verbose_name='registration code')),
                ('sector', models.CharField(blank=True, default='', max_length=80, verbose_name='sector')),
                ('country', models.CharField(blank=True, default='', max_length=80, verbose_name='country')),
                ('city', models.CharField(blank=True, default='', max_length=80, verbose_name='city')),
                ('website', models.URLField(blank=True, default='', verbose_name='website')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='phone')),
                ('employees', models.PositiveIntegerField(blank=True, null=True, verbose_name='employees')),
                ('annual_revenue', apps.core.money.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='annual revenue')),
                ('founded', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='founded')),
                ('note', models.TextField(blank=True, default='', max_length=4000, verbose_name='note')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='updated at')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='owner')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='customers.account', verbose_name='parent')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'indexes': [models.Index(fields=['name_key', 'id'], name='customers_account_sorted'), models.Index(fields=['match_key'], name='customers_account_matched'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['search_grams'], name='customers_account_grams')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='customers_account_external_id_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='customers_account_named'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='customers_account_parent_other'), models.CheckConstraint(condition=models.Q(('annual_revenue__gte', 0), ('annual_revenue__lte', Decimal('999999999999.99'))), name='customers_account_revenue_bounds'), models.CheckConstraint(condition=models.Q(('founded__gte', 1000), ('founded__lte', 2200)), name='customers_account_founded_bounds')],
            },
        ),
        migrations.CreateModel(
            name='AccountMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='customers.account')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'account member',
                'verbose_name_plural': 'account members',
                'constraints': [models.UniqueConstraint(fields=('account', 'person'), name='customers_member_once')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=80, verbose_name='external id')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_key', models.CharField(editable=False, max_length=300, verbose_name='sort key')),
                ('search', models.CharField(editable=False, max_length=1000, verbose_name='search text')),
                ('search_grams', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, editable=False, size=None)),
                ('title', models.CharField(blank=True, default='', max_length=120, verbose_name='job title')),
                ('buying_role', models.CharField(blank=True, choices=[('', 'Not known'), ('decider', 'Decision maker'), ('sponsor', 'Sponsor'), ('influencer', 'Influencer'), ('user', 'User'), ('buyer', 'Purchasing'), ('blocker', 'Opponent')], default='', max_length=20, verbose_name='buying role')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='phone')),
                ('wechat', models.CharField(blank=True, default='', max_length=60, verbose_name='WeChat')),
                ('note', models.TextField(blank=True, default='', max_length=4000, verbose_name='note')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='left the company on')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='updated at')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='customers.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'indexes': [models.Index(fields=['name_key', 'id'], name='customers_contact_sorted'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['search_grams'], name='customers_contact_grams')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='customers_contact_external_id_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='customers_contact_named')],
            },
        ),
        migrations.CreateModel(
            name='SatisfactionResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=80, verbose_name='external id')),
                ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                ('responded_on', models.DateField(verbose_name='answered on')),
                ('channel', models.CharField(choices=[('survey', 'Survey'), ('call', 'Call'), ('visit', 'Visit'), ('import', 'Import')], default='survey', max_length=20, verbose_name='channel')),
                ('comment', models.TextField(blank=True, default='', max_length=2000, verbose_name='comment')),
                ('withdrawn_on', models.DateField(blank=True, null=True, verbose_name='withdrawn on')),
                ('withdrawn_reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason for withdrawing')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created at')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='customers.account', verbose_name='account')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.contact', verbose_name='contact')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='credited to')),
            ],
            options={
                'verbose_name': 'satisfaction response',
                'verbose_name_plural': 'satisfaction responses',
                'indexes': [models.Index(fields=['account', '-responded_on'], name='customers_response_of_account')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='customers_response_external_id_once'), models.CheckConstraint(condition=models.Q(('score__gte', 1), ('score__lte', 5)), name='customers_response_score_bounds'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_on__isnull', True), ('withdrawn_reason', '')), models.Q(('withdrawn_on__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='customers_response_withdrawn_with_reason')],
            },
        ),
    ]

"""Facts of pay: told by one person, confirmed by another, kept as told."""

import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


FACTS = """
CREATE FUNCTION incentives_fact_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'waiting' THEN
            RAISE EXCEPTION 'kept_fact: fact of pay % is %', OLD.id, OLD.status USING ERRCODE = '23514';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.status IN ('refused', 'replaced')
        OR to_jsonb(NEW) - '{status,decided_by_id,decided_at,replaced_at}'::text[]
           <> to_jsonb(OLD) - '{status,decided_by_id,decided_at,replaced_at}'::text[]) THEN
        RAISE EXCEPTION 'kept_fact: fact of pay % is %', OLD.id, OLD.status USING ERRCODE = '23514';
    END IF;
    IF NEW.period_id IS NOT NULL AND NEW.status <> 'refused' AND (
        EXISTS (SELECT 1 FROM calendars_fiscalperiod p WHERE p.id = NEW.period_id AND p.closed_at IS NOT NULL)
        OR EXISTS (
            SELECT 1 FROM incentives_runplan q JOIN incentives_payrun r ON r.id = q.run_id
            WHERE q.plan_id = NEW.plan_id AND q.period_id = NEW.period_id AND NOT q.is_void
              AND NOT r.is_void AND r.state IN ('locked', 'paid'))) THEN
        RAISE EXCEPTION 'fixed_run: period % of plan % is paid or closed', NEW.period_id, NEW.plan_id
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER incentives_payfact_kept BEFORE INSERT OR UPDATE OR DELETE ON incentives_payfact
FOR EACH ROW EXECUTE FUNCTION incentives_fact_kept();
"""
UNDO = """
DROP TRIGGER incentives_payfact_kept ON incentives_payfact;
DROP FUNCTION incentives_fact_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('calendars', '0002_refuse_closed'),
        ('incentives', '0006_what_a_run_rests_on'),
        ('org', '0003_role_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PayFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('grade', 'Grade of an objective'), ('weight', 'Weight in a pool'), ('milestone', 'Milestone of a deal'), ('sold', 'First sold'), ('ended', 'Contract ended'), ('event', 'Event that releases pay')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='what the plan calls it')),
                ('source_type', models.CharField(blank=True, max_length=40, verbose_name='kind of fact')),
                ('source_id', models.BigIntegerField(blank=True, null=True, verbose_name='fact')),
                ('label', models.CharField(blank=True, max_length=200, verbose_name='deal')),
                ('value', models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True, verbose_name='value')),
                ('on', models.DateField(blank=True, null=True, verbose_name='day')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('status', models.CharField(choices=[('waiting', 'Waiting for a second person'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('replaced', 'Replaced')], default='waiting', max_length=10, verbose_name='status')),
                ('told_at', models.DateTimeField(verbose_name='told at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('replaced_at', models.DateTimeField(null=True, verbose_name='replaced at')),
            ],
            options={
                'verbose_name': 'fact of pay',
                'verbose_name_plural': 'facts of pay',
            },
        ),
        migrations.RemoveConstraint(
            model_name='incentiveplan',
            name='incentives_plan_frequency_known',
        ),
        migrations.AlterField(
            model_name='incentiveplan',
            name='frequency',
            field=models.CharField(choices=[('month', 'Monthly'), ('quarter', 'Quarterly'), ('half', 'Half-yearly'), ('year', 'Yearly')], default='quarter', max_length=8, verbose_name='pays'),
        ),
        migrations.AddConstraint(
            model_name='incentiveplan',
            constraint=models.CheckConstraint(condition=models.Q(('frequency__in', ['month', 'quarter', 'half', 'year'])), name='incentives_plan_frequency_known'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='period',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calendars.fiscalperiod', verbose_name='period'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.person', verbose_name='payee'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='plan',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incentives.incentiveplan', verbose_name='plan'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='told_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='told by'),
        ),
        migrations.AddIndex(
            model_name='payfact',
            index=models.Index(fields=['source_type', 'source_id'], name='incentives_fact_of_source'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['grade', 'weight', 'milestone', 'sold', 'ended', 'event'])), name='incentives_fact_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['grade', 'weight']), ('on__isnull', True), ('period__isnull', False), ('person__isnull', False), ('plan__isnull', False), ('source_id__isnull', True), models.Q(('name', ''), _negated=True)), models.Q(('kind', 'milestone'), ('period__isnull', True), ('person__isnull', True), ('plan__isnull', True), ('source_id__isnull', False), ('value__isnull', True), models.Q(('name', ''), _negated=True)), models.Q(('kind__in', ['sold', 'ended']), ('period__isnull', True), ('person__isnull', True), ('plan__isnull', True), ('name', ''), ('source_id__isnull', False), ('value__isnull', True)), models.Q(('kind', 'event'), ('period__isnull', True), ('plan__isnull', False), ('source_id__isnull', True), ('value__isnull', True), models.Q(('name', ''), _negated=True)), _connector='OR'), name='incentives_fact_shape'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'confirmed')), fields=('kind', 'plan', 'name', 'period', 'person', 'source_type', 'source_id'), name='incentives_fact_one_in_force', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('kind', 'plan', 'name', 'period', 'person', 'source_type', 'source_id'), name='incentives_fact_one_waiting', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status', 'waiting')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['confirmed', 'refused', 'replaced'])), _connector='OR'), name='incentives_fact_decided'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('replaced_at__isnull', False), ('status', 'replaced')), models.Q(models.Q(('status', 'replaced'), _negated=True), ('replaced_at__isnull', True)), _connector='OR'), name='incentives_fact_replaced'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('told_by')), _negated=True), _connector='OR'), name='incentives_fact_two_people'),
        ),
        migrations.AddConstraint(
            model_name='payfact',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', Decimal('0')), ('value__lte', Decimal('1000'))), name='incentives_fact_value'),
        ),
        migrations.RunSQL(FACTS, UNDO),
    ]

"""What people did with plan versions, and why approvers sent something back or refused it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
CREATE OR REPLACE FUNCTION incentives_fact_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'waiting' THEN
            RAISE EXCEPTION 'kept_fact: fact of pay % is %', OLD.id, OLD.status USING ERRCODE = '23514';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.status IN ('refused', 'replaced')
        OR to_jsonb(NEW) - '{COLUMNS}'::text[]
           <> to_jsonb(OLD) - '{COLUMNS}'::text[]) THEN
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
"""
COLUMNS = "status,decided_by_id,decided_at,replaced_at"
# What is known of the versions there are: who wrote, submitted and approved them, and when.
FORWARD = (
    """
INSERT INTO incentives_versionstep (version_id, act, by_id, at, note)
SELECT id, 'written', created_by_id, created_at, '' FROM incentives_planversion
UNION ALL
SELECT id, 'submitted', submitted_by_id, submitted_at, '' FROM incentives_planversion
WHERE submitted_at IS NOT NULL AND submitted_by_id IS NOT NULL
UNION ALL
SELECT id, 'approved', approved_by_id, approved_at, '' FROM incentives_planversion
WHERE approved_at IS NOT NULL
ORDER BY 4, 1;
CREATE TRIGGER incentives_versionstep_append_only BEFORE UPDATE OR DELETE ON incentives_versionstep
FOR EACH STATEMENT EXECUTE FUNCTION incentives_refuse_change();
"""
    + KEPT.replace("COLUMNS", f"{COLUMNS},refusal")
)
UNDO = (
    "DROP TRIGGER incentives_versionstep_append_only ON incentives_versionstep;"
    + KEPT.replace("COLUMNS", COLUMNS)
)


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0012_pay_in_other_currencies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='adjustment',
            name='refusal',
            field=models.CharField(blank=True, max_length=500, verbose_name='why it was refused'),
        ),
        migrations.AddField(
            model_name='payfact',
            name='refusal',
            field=models.CharField(blank=True, max_length=500, verbose_name='why it was refused'),
        ),
        migrations.CreateModel(
            name='VersionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('written', 'Draft begun'), ('submitted', 'Submitted for approval'), ('returned', 'Returned to draft'), ('sent_back', 'Sent back'), ('approved', 'Approved')], max_length=10, verbose_name='what was done')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='incentives.planversion', verbose_name='plan version')),
            ],
            options={
                'verbose_name': 'step of a plan version',
                'verbose_name_plural': 'steps of plan versions',
                'indexes': [models.Index(fields=['version', 'at'], name='incentives_step_of_version')],
                'constraints': [models.CheckConstraint(condition=models.Q(('act__in', ['written', 'submitted', 'returned', 'sent_back', 'approved'])), name='incentives_version_act_known'), models.CheckConstraint(condition=models.Q(models.Q(('act', 'sent_back'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='incentives_version_back_with_reason')],
            },
        ),
        migrations.RunSQL(FORWARD, UNDO),
    ]

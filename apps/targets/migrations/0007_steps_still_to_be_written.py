import django.db.models.deletion
from django.db import migrations, models

# A change that was answered and not written when this ran is carried over; without its figures it is
# written before the next answer. The large texts are read once and deleted: compressing them costs more.
CARRY_OVER = """
ALTER TABLE targets_pendingstep ALTER COLUMN states SET STORAGE EXTERNAL;
INSERT INTO targets_pendingstep (plan_id, change_id, number, revision, act, "order", states)
SELECT c.plan_id, c.id, 1, p.revision, c.unsettled ->> 'act', c.unsettled - 'act', ''
FROM targets_planchange c JOIN targets_targetplan p ON p.id = c.plan_id WHERE c.unsettled IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
CARRY_BACK = """
UPDATE targets_planchange c SET unsettled = s."order" || jsonb_build_object('act', s.act)
FROM targets_pendingstep s WHERE s.change_id = c.id
    AND s.number = (SELECT min(number) FROM targets_pendingstep o WHERE o.plan_id = s.plan_id);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('targets', '0006_settle_after_the_answer'),
    ]

    operations = [
        migrations.CreateModel(
            name='PendingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('revision', models.PositiveIntegerField(verbose_name='revision')),
                ('act', models.CharField(max_length=20, verbose_name='act')),
                ('order', models.JSONField(default=dict, verbose_name='still to be written')),
                ('states', models.TextField(blank=True, verbose_name='figures as answered')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='targets.planchange')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='targets.targetplan')),
            ],
            options={
                'verbose_name': 'change still to be written',
                'verbose_name_plural': 'changes still to be written',
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='targets_step_numbered')],
            },
        ),
        migrations.RunSQL(CARRY_OVER, CARRY_BACK),
        migrations.RemoveConstraint(model_name='planchange', name='targets_change_one_unsettled'),
        migrations.RemoveField(model_name='planchange', name='unsettled'),
    ]

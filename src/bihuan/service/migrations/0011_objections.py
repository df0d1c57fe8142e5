
import bihuan.kernel.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_unit'),
        ('sales', '0002_order_date'),
        ('service', '0010_review_minutes_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1)),
                ('import_id', models.BigIntegerField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('number', models.CharField(max_length=40, unique=True)),
                ('stage', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('admitted', 'Admitted'), ('refused', 'Refused'), ('acknowledged', 'Acknowledged'), ('assessed', 'Severity assessed'), ('checked', 'Checked and sampled'), ('liability', 'Liability settled'), ('proposal', 'Settlement proposed'), ('signed', 'Agreement signed'), ('settled', 'Settled'), ('corrected', 'Corrective action taken'), ('effective', 'Effect checked'), ('closed', 'Closed')], default='draft', editable=False, max_length=12)),
                ('raised_on', models.DateField()),
                ('received_on', models.DateField(blank=True, null=True)),
                ('contract', models.CharField(blank=True, max_length=60)),
                ('lot', models.CharField(blank=True, max_length=60)),
                ('specification', models.CharField(blank=True, max_length=120)),
                ('about', models.CharField(choices=[('appearance', 'Appearance'), ('quantity', 'Weight or count'), ('quality', 'Quality')], default='quality', max_length=10)),
                ('defect', models.CharField(blank=True, max_length=500)),
                ('unit', models.CharField(blank=True, max_length=12)),
                ('quantity_delivered', bihuan.kernel.fields.FixedField(blank=True, null=True)),
                ('quantity_claimed', bihuan.kernel.fields.FixedField(blank=True, null=True)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('remedy_wanted', models.CharField(blank=True, max_length=200)),
                ('amount_claimed', bihuan.kernel.fields.FixedField(blank=True, null=True)),
                ('resale_chain', models.CharField(blank=True, max_length=500)),
                ('is_use_stopped', models.BooleanField(default=False)),
                ('are_tags_kept', models.BooleanField(default=False)),
                ('papers', models.JSONField(blank=True, default=list)),
                ('quantity_accepted', bihuan.kernel.fields.FixedField(blank=True, editable=False, null=True)),
                ('amount_accepted', bihuan.kernel.fields.FixedField(blank=True, editable=False, null=True)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='objection', to='service.case')),
                ('cost', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service.qualitycost')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('settlement', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.order')),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=30)),
                ('actor', models.CharField(max_length=40)),
                ('actor_name', models.CharField(max_length=150)),
                ('data', models.JSONField(default=dict)),
                ('field_class', models.CharField(default='public', max_length=12)),
                ('objection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='service.objection')),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('quantity_accepted', bihuan.kernel.fields.FixedField()),
                ('amount', bihuan.kernel.fields.FixedField()),
                ('text', models.CharField(blank=True, max_length=1000)),
                ('proposer_name', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
                ('objection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='service.objection')),
                ('proposer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150)),
                ('party', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='service.objectionoffer')),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=150)),
                ('signed_sha256', models.CharField(blank=True, max_length=64)),
                ('signed_name', models.CharField(blank=True, max_length=200)),
                ('signed_type', models.CharField(blank=True, max_length=80)),
                ('signed_on', models.DateField(null=True)),
                ('superseded_at', models.DateTimeField(null=True)),
                ('objection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='service.objection')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='service.objectionoffer')),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionRemedy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remedy', models.CharField(max_length=20)),
                ('quantity', bihuan.kernel.fields.FixedField(null=True)),
                ('amount', bihuan.kernel.fields.FixedField()),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remedies', to='service.objectionoffer')),
            ],
        ),
        migrations.CreateModel(
            name='ObjectionSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60)),
                ('place', models.CharField(max_length=200)),
                ('taken_on', models.DateField()),
                ('ours_present', models.CharField(max_length=200)),
                ('theirs_present', models.CharField(max_length=200)),
                ('retained_number', models.CharField(max_length=60)),
                ('is_sealed', models.BooleanField()),
                ('countersigned_by_us', models.CharField(blank=True, max_length=100)),
                ('countersigned_by_them', models.CharField(blank=True, max_length=100)),
                ('laboratory', models.CharField(blank=True, max_length=120)),
                ('is_referee', models.BooleanField(default=False)),
                ('result', models.CharField(blank=True, max_length=500)),
                ('is_conforming', models.BooleanField(null=True)),
                ('result_on', models.DateField(null=True)),
                ('objection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='service.objection')),
            ],
        ),
        migrations.AddIndex(
            model_name='objection',
            index=models.Index(fields=['opened_at', 'id'], name='objection_opened'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('quantity_claimed__isnull', True), ('quantity_claimed__gt', 0), _connector='OR'), name='objection_claims_something'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('amount_claimed__isnull', True), ('amount_claimed__gte', 0), _connector='OR'), name='objection_amount_claimed'),
        ),
        migrations.AddIndex(
            model_name='objectionevent',
            index=models.Index(fields=['objection', 'id'], name='objection_event_of'),
        ),
        migrations.AddConstraint(
            model_name='objectionoffer',
            constraint=models.UniqueConstraint(fields=('objection', 'version'), name='objection_offer_version'),
        ),
        migrations.AddConstraint(
            model_name='objectionoffer',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('quantity_accepted__gte', 0)), name='objection_offer_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='objectionapproval',
            constraint=models.UniqueConstraint(fields=('offer', 'user'), name='objection_approved_once'),
        ),
        migrations.AddConstraint(
            model_name='objectionagreement',
            constraint=models.UniqueConstraint(fields=('objection', 'version'), name='objection_agreement_version'),
        ),
        migrations.AddConstraint(
            model_name='objectionagreement',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('objection',), name='objection_one_agreement'),
        ),
        migrations.AddConstraint(
            model_name='objectionagreement',
            constraint=models.CheckConstraint(condition=models.Q(('signed_on__isnull', True), models.Q(('signed_sha256', ''), _negated=True), _connector='OR'), name='objection_signed_copy'),
        ),
        migrations.AddConstraint(
            model_name='objectionremedy',
            constraint=models.UniqueConstraint(fields=('offer', 'remedy'), name='objection_remedy_once'),
        ),
        migrations.AddConstraint(
            model_name='objectionremedy',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='objection_remedy_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='objectionsample',
            constraint=models.UniqueConstraint(fields=('objection', 'number'), name='objection_sample_number'),
        ),
        migrations.AddConstraint(
            model_name='objectionsample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_conforming__isnull', True), ('result_on__isnull', True)), models.Q(('is_conforming__isnull', False), ('result_on__isnull', False)), _connector='OR'), name='objection_result_says_how'),
        ),
    ]

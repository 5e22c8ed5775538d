"""
The program: what this project ships.

Which model versions there are, which of them serve and who gets how much of the traffic, each stack says in its
`Pulumi.<stack>.yaml`. What a version is, its manifest and its lock say.
"""

import pulumi
import pulumi_aws as aws

from sluice import (
    AccessLogArgs,
    CheckpointStore,
    DashboardSettings,
    EndpointDashboard,
    EndpointRole,
    EndpointRoleArgs,
    EndpointSettings,
    GuardSettings,
    LogStore,
    LogStoreArgs,
    ModelEndpoint,
    ModelVersion,
    ModelVersionArgs,
    ReevaluationSettings,
    RollbackGuard,
    RolloutJournal,
    RolloutJournalArgs,
    ScheduledEvaluation,
    StoreSettings,
    VersionsSettings,
    read_settings,
    read_versions,
)

settings = read_settings(EndpointSettings, "endpoint")
declared = read_settings(VersionsSettings, "versions")
versions = read_versions(declared, settings)
warm = [version for version in versions if version.warm]

files = [version.stored() for version in versions if version.is_file]
kept = read_settings(StoreSettings, "store")
logs = LogStore("logs", LogStoreArgs(force_destroy=kept.force_destroy))
store = CheckpointStore("models", kept.keeping(files, AccessLogArgs(bucket=logs.bucket_name)))
role = EndpointRole(
    "digits",
    EndpointRoleArgs(
        endpoint="digits",
        artifact_urls=[url for version in warm for url in version.artifact_urls(store)],
        images=[image for version in warm for image in version.images],
        key_arn=store.key_arn,
        alarms=settings.deployment_alarms(),
        network=declared.network,
    ),
)
group = aws.sagemaker.ModelPackageGroup("digits", model_package_group_name=f"digits-{pulumi.get_stack()}")
models = {
    version.label: ModelVersion(
        version.name,
        ModelVersionArgs(
            manifest=str(version.manifest),
            model_package_group_name=group.model_package_group_name,
            model_data_url=version.model_data_url(store),
            container_urls=version.container_urls(store),
            execution_role_arn=role.role_arn if version.warm else None,
            release=version.release,
            incumbent=version.incumbent,
            evidence=declared.evidence,
            warm=version.warm,
            network=declared.network,
            network_isolation=declared.network_isolation,
            registry_access=declared.registry_access,
            report_url=store.report_urls[version.label] if version.is_file else None,
            content_types=["application/json"],
            response_types=["application/json"],
            approval_status=version.approval_status,
            approval_description=version.approval,
        ),
    )
    for version in versions
}

journal = RolloutJournal("rollouts", read_settings(RolloutJournalArgs, "journal"))
pinned = {version.label: models[version.label].pinned for version in warm}
guard, watched = None, None
if len(settings.variants) > 1:
    watched = read_settings(GuardSettings, "guard").guarding("digits", settings, pinned, journal)
    guard = RollbackGuard("digits", watched)
shadowed = {version.label: version.shadowed() for version in versions}
disk_key = store.key_arn if settings.has_instances else None
served = settings.serving(pinned, journal, shadowed, volume_kms_key_arn=disk_key, log_kms_key_arn=logs.key_arn)
# The alarms are there before an update that heeds them.
endpoint = ModelEndpoint("digits", served, pulumi.ResourceOptions(depends_on=[guard] if guard else []))
usual_errors = guard.baseline_error_rate if guard else None
page = read_settings(DashboardSettings, "dashboard").showing("digits", settings, pinned, watched, usual_errors)
dashboard = EndpointDashboard("digits", page)

if pulumi.Config().get("reevaluation") is not None:
    manifests = {version.label: str(version.manifest) for version in versions}
    people = guard.topic_arn if guard else None
    again = read_settings(ReevaluationSettings, "reevaluation").evaluating(
        "digits", settings, manifests, store, network=declared.network, topic_arn=people
    )
    ScheduledEvaluation("digits", again)

pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("journal", journal.table_name)
pulumi.export("dashboard", dashboard.dashboard_url)
pulumi.export("traffic", settings.traffic)
pulumi.export("versions", endpoint.versions)

"""Where jobs that watch models say how their containers are connected."""

from kit import is_given
from rule import Resource


def network_settings(resource: Resource) -> list[str]:
    """
    Returns the paths of a resource's network settings.

    A schedule that names a job definition has none of its own: the definition says it.
    """
    if not resource.type.endswith("MonitoringSchedule"):
        return ["networkConfig"]
    schedule = resource.props.get("monitoringScheduleConfig")
    named = isinstance(schedule, dict) and is_given(schedule.get("monitoringJobDefinitionName"))
    return [] if named else ["monitoringScheduleConfig.monitoringJobDefinition.networkConfig"]

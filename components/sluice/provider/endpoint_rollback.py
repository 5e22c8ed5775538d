"""What to say when SageMaker went back to the former configuration by itself."""

from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.provider.custom_type import Values
from sluice.provider.endpoint_alarms import alarm_names, unseen
from sluice.provider.endpoint_states import reason
from sluice.provider.work import Work


def went_back(work: Work, inputs: Values, described: Values) -> SluiceError:
    """
    Returns the error of an update that SageMaker reverted: why, and which alarms say so.

    The endpoint serves what it served before; its configuration and the refused one both stay.
    """
    name, asked = inputs["name"], inputs["endpointConfigName"]
    fix = unseen(inputs, reason(described)) or "put right what the alarms saw, or take the change back"
    return SluiceError(
        f"SageMaker did not keep the endpoint {name} on {asked}: it is {described['EndpointStatus']} and serves "
        f"{described['EndpointConfigName']} again ({reason(described)}). {_alarms(work, inputs)}"
        f"Both configurations are kept; {fix}, then run again"
    )


def _alarms(work: Work, inputs: Values) -> str:
    names = alarm_names(inputs)
    if not names:
        return "No alarms watch its deployments. "
    try:
        answer = work.client("cloudwatch", inputs["region"]).describe_alarms(AlarmNames=names, StateValue="ALARM")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        fix = "; allow whoever deploys cloudwatch:DescribeAlarms" if code.startswith("AccessDenied") else ""
        return f"Its alarms ({', '.join(names)}) cannot be read: {code}{fix}. "
    found = [f"{alarm['AlarmName']} ({alarm.get('StateReason', 'no reason')})" for alarm in answer["MetricAlarms"]]
    return f"In ALARM: {'; '.join(found)}. " if found else f"None of its alarms ({', '.join(names)}) is in ALARM now. "

"""The custom resource behind `LiveEndpoint`: an endpoint as it is, not as it was last asked to be."""

import contextlib
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from sluice.errors import SluiceError
from sluice.provider import endpoint_rules, endpoint_standby, rollout_inputs, scalable_targets, standby_cost
from sluice.provider.account import check_account
from sluice.provider.custom_type import CustomType, Failure, NotReady, Values
from sluice.provider.endpoint_alarms import telling_of_unseen_alarms, unseen
from sluice.provider.endpoint_gates import Gates, standing_rollback
from sluice.provider.endpoint_record import Record, retire
from sluice.provider.endpoint_rollback import went_back
from sluice.provider.endpoint_states import describe, is_busy, mixed, out_of_service, reason, rested
from sluice.provider.endpoint_traffic import changes, live_counts, live_weights
from sluice.provider.moment import moment
from sluice.provider.naming import from_api, to_api
from sluice.provider.work import Deadline, Work

_USUAL_SECONDS = 3600.0
_DECLARED = rollout_inputs.INPUTS | {
    "baseline",
    "hourlyPrices",
    "instanceTypes",
    "minCounts",
    "standbyHours",
    "versions",
}
"""What AWS does not know, and what is compared with what was declared before."""
_IDENTITY = ("sluice:project", "sluice:stack", "sluice:component", "sluice:name")


class LiveEndpoint(CustomType):
    """
    An endpoint of SageMaker.

    A shift of traffic is a call that takes seconds; a new configuration keeps weights and counts, is waited for, and is
    an error when SageMaker went back. What is read is what is live.
    """

    token = "sluice:index:LiveEndpoint"
    required = frozenset({"name", "endpointConfigName", "weights", "region"})
    optional = _DECLARED | {"accountId", "counts", "deploymentConfig", "tags"}
    defaults: ClassVar[Mapping[str, Any]] = {"standbyHours": endpoint_standby.USUAL_HOURS}
    guards = frozenset({"accountId"})
    untold = _DECLARED
    mutable = _DECLARED | {"endpointConfigName", "weights", "counts", "deploymentConfig", "tags"}
    fixed_name = "name"
    decided = frozenset({"arn", "status", "drained", "loadSeconds"})
    stable = frozenset({"arn"})

    def check_more(self, inputs: Values, old: Values) -> Iterator[Failure]:
        yield from endpoint_rules.failures(inputs, old)
        yield from rollout_inputs.failures(inputs)

    def refuse(self, work: Work, old: Values, new: Values) -> Iterator[Failure]:
        if work.recorded.get("drained"):
            present = moment(work, work.recorded["region"])
            yield from endpoint_standby.failures(work.recorded, old, new, present)
        if work.preview:
            for text in standby_cost.told(old, new):
                work.warn(text)
            yield from self._judged(work, old, new)

    def refuse_creation(self, work: Work, inputs: Values) -> Iterator[Failure]:
        yield from self._judged(work, {}, inputs)

    def _judged(self, work: Work, old: Values, new: Values) -> Iterator[Failure]:
        if not rollout_inputs.is_journaled(new):
            return
        gates = _gates(work, old, new)
        ruling = gates.rule()
        yield from ruling.failures
        ruling.tell(work)
        moved = gates.moved_by_others()
        if work.preview and moved is not None and ruling.held is None:
            work.warn(moved)

    def remark(self, work: Work, inputs: Values) -> None:
        # Only a remark: what cannot be read keeps nobody from seeing that nothing changes.
        with contextlib.suppress(SluiceError, ClientError, BotoCoreError):
            told = standing_rollback(Gates(work, inputs, inputs, None)) if rollout_inputs.is_journaled(inputs) else None
            if told is not None:
                work.warn(told)

    def create(self, work: Work, inputs: Values, timeout: float) -> tuple[str, Values]:
        sagemaker, name = work.client("sagemaker", inputs["region"]), inputs["name"]
        check_account(work.client, inputs)
        deadline = Deadline(_patience(inputs, timeout))
        record = _record(work, {}, inputs)
        if record is not None:
            record.check()
        try:
            with telling_of_unseen_alarms(inputs):
                sagemaker.create_endpoint(**_request(inputs), Tags=_tags(inputs.get("tags")))
        except ClientError as error:
            if "already existing" not in error.response["Error"]["Message"]:
                raise
            # A run before this one may have been ended after its request and before its record.
            _check_ours(sagemaker, name, inputs)
            return name, self._recorded(record, self._bring(work, inputs, deadline))
        described = rested(work, sagemaker, name, deadline)
        if described is None:
            raise SluiceError(f"the endpoint {name} was deleted while it was being made; run again")
        if described["EndpointStatus"] != "InService":
            why = [f"SageMaker could not make {name}: {reason(described)}", unseen(inputs, reason(described))]
            raise NotReady(name, _kept(work, described), list(filter(None, why)))
        return name, self._recorded(record, self._shift(work, sagemaker, inputs, described, deadline))

    def _recorded(self, record: Record | None, outputs: Values) -> Values:
        if record is not None:
            record.begin()
        return outputs

    def read(self, work: Work, identity: str, inputs: Values) -> Values | None:
        region = inputs.get("region") or work.region
        if not region:
            raise SluiceError(f"nothing says in which region the endpoint {identity} is; set AWS_REGION")
        described = describe(work.client("sagemaker", region), identity)
        if described is None or described["EndpointStatus"] == "Deleting":
            return None
        # Until it serves, nothing of it is live.
        if described["EndpointStatus"] in ("Creating", "Failed"):
            return {**inputs, **_kept(work, described)}
        counts = live_counts(described)
        tags = work.client("sagemaker", region).list_tags(ResourceArn=described["EndpointArn"])["Tags"]
        declared = inputs.get("counts", {}) if inputs else counts
        found = {
            "name": identity,
            "region": region,
            "endpointConfigName": described["EndpointConfigName"],
            "weights": live_weights(described),
            "counts": {slot: count for slot, count in counts.items() if slot in declared},
            "deploymentConfig": from_api(described.get("LastDeploymentConfig")),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
        }
        told = {key: value for key, value in found.items() if value not in (None, {})}
        return {**told, **_decided(work, region, described)}

    def update(self, work: Work, identity: str, old: Values, new: Values, timeout: float) -> Values:
        check_account(work.client, new)
        outputs = self._move_on(work, identity, old, new, Deadline(_patience(new, timeout)))
        _retag(work.client("sagemaker", new["region"]), outputs["arn"], old.get("tags") or {}, new.get("tags") or {})
        return outputs

    def _move_on(self, work: Work, identity: str, old: Values, new: Values, deadline: Deadline) -> Values:
        record = _record(work, old, new)
        if record is None:
            return self._bring(work, new, deadline)
        weights = record.begin().weights
        try:
            outputs = self._bring(work, {**new, "weights": weights}, deadline)
            back = record.overtaken(weights)
            return outputs if back is None else self._bring(work, {**new, "weights": back}, deadline)
        except SluiceError as error:
            record.failed(describe(work.client("sagemaker", new["region"]), identity), str(error))
            raise

    def delete(self, work: Work, identity: str, outputs: Values, timeout: float) -> None:
        sagemaker = work.client("sagemaker", outputs["region"])
        deadline = Deadline(timeout or _USUAL_SECONDS)
        while rested(work, sagemaker, identity, deadline) is not None:
            try:
                sagemaker.delete_endpoint(EndpointName=identity)
            except ClientError as error:
                if not is_busy(error) and not error.response["Error"]["Message"].startswith("Could not find"):
                    raise
        if rollout_inputs.is_journaled(outputs):
            retire(Gates(work, outputs, {}, None))

    def _bring(self, work: Work, inputs: Values, deadline: Deadline) -> Values:
        """Brings an endpoint that is there to what is declared, from wherever a run before this one has left it."""
        sagemaker, name = work.client("sagemaker", inputs["region"]), inputs["name"]
        while True:
            described = rested(work, sagemaker, name, deadline)
            if described is None:
                raise SluiceError(f"the endpoint {name} is not there any more; run: pulumi refresh, then up makes it")
            status = described["EndpointStatus"]
            if status == "UpdateRollbackFailed":
                raise mixed(name, described)
            try:
                if status == "Failed":
                    return self._again(work, sagemaker, inputs, described, deadline)
                if described["EndpointConfigName"] != inputs["endpointConfigName"]:
                    described = self._move(work, sagemaker, inputs, described, deadline)
                elif status == "OutOfService":
                    raise out_of_service(name, described)
                return self._shift(work, sagemaker, inputs, described, deadline)
            except ClientError as error:
                # Autoscaling, or AWS itself, was quicker.
                if not is_busy(error) or not deadline.wait(work):
                    raise

    def _again(self, work: Work, sagemaker: Any, inputs: Values, failed: Values, deadline: Deadline) -> Values:
        """Deletes an endpoint that failed, which is all that can be done with it, and makes it anew."""
        work.tell(f"endpoint {inputs['name']} had failed ({reason(failed)}); it is made anew")
        self.delete(work, inputs["name"], inputs, deadline.seconds)
        return self.create(work, inputs, deadline.seconds)[1]

    def _move(self, work: Work, sagemaker: Any, inputs: Values, before: Values, deadline: Deadline) -> Values:
        """Moves an endpoint to its new configuration; live weights, counts and autoscaling stay as they are."""
        name, asked, begun = inputs["name"], inputs["endpointConfigName"], time.monotonic()
        scaling = work.client("application-autoscaling", inputs["region"])
        slots = scalable_targets.changing_slots(sagemaker, before["EndpointConfigName"], asked)
        taken_out = scalable_targets.deregister(scaling, name, slots)
        described: Values | None = before
        try:
            with telling_of_unseen_alarms(inputs):
                sagemaker.update_endpoint(**_request(inputs), RetainAllVariantProperties=True)
            described = rested(work, sagemaker, name, deadline)
        finally:
            there = live_weights(described or {})
            scalable_targets.register(scaling, [target for target in taken_out if target.slot in there])
        if described is None:
            raise SluiceError(f"the endpoint {name} was deleted while it was being updated; run: pulumi refresh")
        if described["EndpointStatus"] == "UpdateRollbackFailed":
            raise mixed(name, described)
        if described["EndpointConfigName"] != asked or described["EndpointStatus"] != "InService":
            raise went_back(work, inputs, described)
        work.recorded["loadSeconds"] = round(time.monotonic() - begun)
        return described

    def _shift(self, work: Work, sagemaker: Any, inputs: Values, described: Values, deadline: Deadline) -> Values:
        """Gives each variant its share and its instances, where it has others."""
        asked = changes(described, inputs["weights"], inputs.get("counts") or {})
        if not asked:
            return _decided(work, inputs["region"], described)
        name = inputs["name"]
        sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=asked)
        after = rested(work, sagemaker, name, deadline)
        if after is None or after["EndpointStatus"] != "InService":
            raise SluiceError(f"the endpoint {name} did not take its weights: {reason(after or {})}")
        left = changes(after, inputs["weights"], inputs.get("counts") or {})
        if left:
            slots = ", ".join(str(it["VariantName"]) for it in left)
            raise SluiceError(
                f"SageMaker accepted the weights of {name}, and {slots} has others now; run: pulumi refresh"
            )
        return _decided(work, inputs["region"], after, live_weights(described))


def _gates(work: Work, old: Values, new: Values) -> Gates:
    described = describe(work.client("sagemaker", new["region"]), new["name"])
    serves = described is not None and described["EndpointStatus"] not in ("Creating", "Failed", "Deleting")
    return Gates(work, new, old, described if serves else None)


def _record(work: Work, old: Values, new: Values) -> Record | None:
    """Returns what writes the journal of an endpoint, if it has one."""
    return Record(_gates(work, old, new), uuid.uuid4().hex) if rollout_inputs.is_journaled(new) else None


def _request(inputs: Values) -> Values:
    request = {"EndpointName": inputs["name"], "EndpointConfigName": inputs["endpointConfigName"]}
    if inputs.get("deploymentConfig"):
        request["DeploymentConfig"] = to_api(inputs["deploymentConfig"])
    return request


def _patience(inputs: Values, timeout: float) -> float:
    """Returns how long to wait, in seconds: as told, or an hour beyond what the deployment may take."""
    if timeout:
        return timeout
    policy = (inputs.get("deploymentConfig") or {}).get("blueGreenUpdatePolicy") or {}
    return _USUAL_SECONDS + float(policy.get("maximumExecutionTimeoutInSeconds") or 0)


def _kept(work: Work, described: Values) -> Values:
    """Returns the outputs of an endpoint of which nothing is live."""
    return {
        "arn": described["EndpointArn"],
        "status": described["EndpointStatus"],
        "drained": work.recorded.get("drained") or {},
        "loadSeconds": work.recorded.get("loadSeconds", 0),
    }


def _decided(work: Work, region: str, described: Values, until_now: Values | None = None) -> Values:
    """Returns the outputs of an endpoint that serves; `until_now` are the weights that it had before a shift."""
    weights = live_weights(described)
    drained = {}
    if work.recorded:
        present = moment(work, region, described)
        drained = endpoint_standby.drained(work.recorded, weights, present, until_now or {})
    return {**_kept(work, described), "drained": drained}


def _tags(tags: Values | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def _retag(sagemaker: Any, arn: str, old: Values, new: Values) -> None:
    if gone := sorted(old.keys() - new.keys()):
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=gone)
    if added := {key: value for key, value in new.items() if old.get(key) != value}:
        sagemaker.add_tags(ResourceArn=arn, Tags=_tags(added))


def _check_ours(sagemaker: Any, name: str, inputs: Values) -> None:
    """Raises SluiceError unless an endpoint that is there already was made for this very resource."""
    described, declared = describe(sagemaker, name), inputs.get("tags") or {}
    tags: list[dict[str, str]] = []
    if described is not None:
        tags = sagemaker.list_tags(ResourceArn=described["EndpointArn"])["Tags"]
    found = {tag["Key"]: tag["Value"] for tag in tags}
    if any(key not in declared or found.get(key) != declared[key] for key in _IDENTITY):
        raise SluiceError(
            f"there is an endpoint {name} already, and its tags are not this stack's; import it, or choose another name"
        )

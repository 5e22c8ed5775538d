"""CloudWatch Logs: log groups."""

from collections.abc import Iterator

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

# From the documentation of PutRetentionPolicy; 0 is for ever.
_RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180),
    *(365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class LogGroup(ResourceType):
    """A log group: how long it keeps its events, and the key that encrypts them."""

    token = "aws:cloudwatch/logGroup:LogGroup"
    service = "logs"
    create_operation, read_operation, delete_operation = "CreateLogGroup", "DescribeLogGroups", "DeleteLogGroup"
    autonamed, name_length = "name", 512
    names = {"name": "logGroupName"}
    extra_inputs = frozenset({"retentionInDays"})
    refused = frozenset({"logGroupClass", "deletionProtectionEnabled"})
    mutable = ResourceType.mutable | {"retentionInDays", "kmsKeyId"}
    tagging = Tagging(
        member="tags",
        key="",
        target="resourceArn",
        lists="ListTagsForResource",
        adds="TagResource",
        removes="UntagResource",
        removed="tagKeys",
    )

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        days = inputs.get("retentionInDays")
        if isinstance(days, int | float) and days not in _RETENTIONS:
            yield "retentionInDays", f"is {days:g}; allowed: {', '.join(map(str, _RETENTIONS))}"

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        aws.call(self.service, self.create_operation, **self.request(inputs))
        self._retain(aws, inputs["name"], inputs)
        return inputs["name"], self.read_existing(aws, inputs["name"])

    def read(self, aws: Clients, identity: str) -> Values | None:
        groups = aws.call(self.service, self.read_operation, logGroupNamePrefix=identity)["logGroups"]
        group = next((group for group in groups if group["logGroupName"] == identity), None)
        if group is None:
            return None
        outputs = {
            "name": identity,
            "arn": group["arn"].removesuffix(":*"),
            "retentionInDays": group.get("retentionInDays", 0),
            "kmsKeyId": group.get("kmsKeyId"),
        }
        return self.complete(aws, identity, outputs, group)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if old.get("retentionInDays") != new.get("retentionInDays"):
            self._retain(aws, identity, new)
        if old.get("kmsKeyId") != new.get("kmsKeyId"):
            if new.get("kmsKeyId"):
                aws.call(self.service, "AssociateKmsKey", logGroupName=identity, kmsKeyId=new["kmsKeyId"])
            else:
                aws.call(self.service, "DisassociateKmsKey", logGroupName=identity)
        return super().update(aws, identity, old, new, timeout)

    def key(self, identity: str) -> Values:
        return {"logGroupName": identity}

    def tag_target(self, aws: Clients, identity: str) -> str:
        return f"arn:aws:logs:{aws.region}:{aws.account}:log-group:{identity}"

    def _retain(self, aws: Clients, name: str, inputs: Values) -> None:
        days = int(inputs.get("retentionInDays") or 0)
        if days:
            aws.call(self.service, "PutRetentionPolicy", logGroupName=name, retentionInDays=days)
        else:
            aws.find(self.service, "DeleteRetentionPolicy", self.missing, logGroupName=name)

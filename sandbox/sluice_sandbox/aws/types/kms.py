"""KMS: keys and their aliases."""

from collections.abc import Iterator

from sluice_sandbox.aws import policy_documents
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_DEFAULT_WINDOW_DAYS = 30


class Key(ResourceType):
    """A key. Deleting one schedules its deletion, as AWS does."""

    token = "aws:kms/key:Key"
    service = "kms"
    create_operation, read_operation, delete_operation = "CreateKey", "DescribeKey", "ScheduleKeyDeletion"
    result = "KeyMetadata"
    names = {"customerMasterKeySpec": "KeySpec", "bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck"}
    computed = {"arn": "Arn", "keyId": "KeyId"}
    extra_inputs = frozenset({"deletionWindowInDays", "enableKeyRotation", "isEnabled"})
    mutable = ResourceType.mutable | extra_inputs | {"policy", "description"}
    untold = frozenset({"deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"})
    missing = ("NotFoundException",)
    tagging = Tagging(
        key="TagKey",
        value="TagValue",
        target="KeyId",
        lists="ListResourceTags",
        adds="TagResource",
        removes="UntagResource",
    )

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from policy_documents.failures("policy", inputs.get("policy"))
        days = inputs.get("deletionWindowInDays")
        if isinstance(days, int | float) and not 7 <= days <= 30:
            yield "deletionWindowInDays", f"is {days:g}; allowed: 7 to 30"

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        identity = aws.call(self.service, self.create_operation, **self.request(inputs))["KeyMetadata"]["KeyId"]
        self._configure(aws, identity, {}, inputs)
        return identity, {**self.read_existing(aws, identity), **_window(inputs)}

    def read(self, aws: Clients, identity: str) -> Values | None:
        answer = aws.find(self.service, self.read_operation, self.missing, KeyId=identity)
        # A key that waits for its deletion can do nothing any more.
        if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        return super().read(aws, identity)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        self._configure(aws, identity, old, new)
        return {**super().update(aws, identity, old, new, timeout), **_window(new)}

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        days = int(outputs.get("deletionWindowInDays") or _DEFAULT_WINDOW_DAYS)
        if self.read(aws, identity) is not None:
            aws.call(self.service, self.delete_operation, KeyId=identity, PendingWindowInDays=days)

    def key(self, identity: str) -> Values:
        return {"KeyId": identity}

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        kept: Values = {
            key: outputs[key]
            for key in ("arn", "keyId", "description", "keyUsage", "customerMasterKeySpec", "multiRegion")
            if key in outputs
        }
        kept["isEnabled"] = described["Enabled"]
        kept["policy"] = aws.call(self.service, "GetKeyPolicy", KeyId=identity, PolicyName="default")["Policy"]
        rotation = aws.call(self.service, "GetKeyRotationStatus", KeyId=identity)
        kept["enableKeyRotation"] = rotation["KeyRotationEnabled"]
        return super().complete(aws, identity, kept, described)

    def _configure(self, aws: Clients, identity: str, old: Values, new: Values) -> None:
        def differs(key: str) -> bool:
            return old.get(key) != new.get(key) and bool(old or key in new)

        if differs("enableKeyRotation"):
            if new.get("enableKeyRotation"):
                aws.call(self.service, "EnableKeyRotation", KeyId=identity)
            elif old.get("enableKeyRotation"):
                aws.call(self.service, "DisableKeyRotation", KeyId=identity)
        if differs("isEnabled"):
            aws.call(self.service, "DisableKey" if new.get("isEnabled") is False else "EnableKey", KeyId=identity)
        if old and differs("description"):
            aws.call(self.service, "UpdateKeyDescription", KeyId=identity, Description=new.get("description", ""))
        if old and differs("policy") and new.get("policy"):
            aws.call(self.service, "PutKeyPolicy", KeyId=identity, PolicyName="default", Policy=new["policy"])


class Alias(ResourceType):
    """A name for a key, `alias/...`."""

    token = "aws:kms/alias:Alias"
    service = "kms"
    create_operation, read_operation, delete_operation = "CreateAlias", "ListAliases", "DeleteAlias"
    update_operations = ("UpdateAlias",)
    autonamed, name_length = "name", 256
    names = {"name": "AliasName"}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        name = inputs.get("name")
        if isinstance(name, str) and not name.startswith("alias/"):
            yield "name", f"is {name!r}; it must begin with alias/"

    def read(self, aws: Clients, identity: str) -> Values | None:
        aliases = aws.call(self.service, self.read_operation)["Aliases"]
        alias = next((alias for alias in aliases if alias["AliasName"] == identity), None)
        if alias is None:
            return None
        key = alias["TargetKeyId"]
        return {
            "name": identity,
            "arn": alias["AliasArn"],
            "targetKeyId": key,
            "targetKeyArn": f"arn:aws:kms:{aws.region}:{aws.account}:key/{key}",
            "region": aws.region,
        }


def _window(inputs: Values) -> Values:
    # AWS forgets how long a deletion should wait until it is asked for.
    return {"deletionWindowInDays": inputs.get("deletionWindowInDays")}

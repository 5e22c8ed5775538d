"""
Adds to DynamoDB's tables: the encryption changes with an update, on-demand tables have no throughput, a time to live
is switched on and off once, and a list of tags is whole.
"""

from inspect import getsource
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from sluice_sandbox.moto_patches.replacing import replace_methods

_NO_THROUGHPUT = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}

_update_table = DynamoHandler.update_table
_update_time_to_live = DynamoDBBackend.update_time_to_live


def needed() -> bool:
    return "SSESpecification" not in getsource(_update_table)


def apply() -> None:
    replace_methods(DynamoHandler, update_table=update_table, list_tags_of_resource=list_tags_of_resource)
    replace_methods(DynamoDBBackend, update_time_to_live=update_time_to_live)


def update_table(self: Any) -> Any:
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    encryption = self.body.get("SSESpecification")
    if encryption is not None:
        _encrypt(table, encryption)
    if self.body.get("BillingMode") == "PAY_PER_REQUEST":
        table.throughput = dict(_NO_THROUGHPUT)
    return _update_table(self)


def update_time_to_live(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
    present, wanted = self.describe_time_to_live(table_name), bool(ttl_spec.get("Enabled"))
    enabled, attribute = present["TimeToLiveStatus"] == "ENABLED", present.get("AttributeName")
    if enabled and attribute != ttl_spec.get("AttributeName"):
        raise MockValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {attribute}"
        )
    if wanted == enabled:
        raise MockValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    _update_time_to_live(self, table_name, ttl_spec)


def list_tags_of_resource(self: Any) -> ActionResult:
    # moto's pages hold ten, which AWS's do not.
    return ActionResult({"Tags": self.dynamodb_backend.list_tags_of_resource(self.body["ResourceArn"])})


def _encrypt(table: Any, encryption: dict[str, Any]) -> None:
    if not encryption.get("Enabled"):
        table.sse_specification = None
        return
    key = encryption.get("KMSMasterKeyId") or table._get_default_encryption_key(table.account_id, table.region_name)
    table.sse_specification = {**encryption, "KMSMasterKeyId": key}

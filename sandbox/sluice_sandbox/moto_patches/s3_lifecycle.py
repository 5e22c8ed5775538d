"""Adds to S3's lifecycle rules what moto forgets of them: size filters, how many superseded objects to keep."""

from inspect import getsource
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from moto.core.responses import ActionResult
from moto.s3.exceptions import NoSuchLifecycleConfiguration
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from sluice_sandbox.aws.clients import service_model
from sluice_sandbox.moto_patches.replacing import replace_methods

_RULES = "_sluice_lifecycle_rules"
_put = S3Backend.put_bucket_lifecycle
_delete = S3Backend.delete_bucket_lifecycle


def needed() -> bool:
    return "ObjectSizeGreaterThan" not in getsource(FakeBucket.set_lifecycle)


def apply() -> None:
    replace_methods(
        S3Backend, put_bucket_lifecycle=put_bucket_lifecycle, delete_bucket_lifecycle=delete_bucket_lifecycle
    )
    replace_methods(S3Response, get_bucket_lifecycle=get_bucket_lifecycle)


def put_bucket_lifecycle(self: S3Backend, bucket_name: str, rules: list[dict[str, Any]]) -> None:
    # moto judges them; what it makes of them is not looked at again.
    _put(self, bucket_name, rules)
    shape: Any = service_model("s3").shape_for("BucketLifecycleConfiguration")
    document = {"Rule": rules}
    setattr(self.get_bucket(bucket_name), _RULES, _from_xml(shape, document)["Rules"])


def delete_bucket_lifecycle(self: S3Backend, bucket_name: str) -> None:
    _delete(self, bucket_name)
    setattr(self.get_bucket(bucket_name), _RULES, None)


def get_bucket_lifecycle(self: S3Response) -> Any:
    self.data["Action"] = "GetBucketLifecycleConfiguration"
    rules = getattr(self.backend.head_bucket(self.bucket_name), _RULES, None)
    if not rules:
        raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
    return self.serialized(ActionResult({"Rules": rules}))


def _from_xml(shape: Shape, value: Any) -> Any:
    """Returns what a shape's XML, read as dictionaries, says, with members under their names."""
    if isinstance(shape, StructureShape):
        given = value or {}
        return {
            name: _from_xml(member, given[element])
            for name, member in shape.members.items()
            if (element := member.serialization.get("name", name)) in given
        }
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else [value]
        return [_from_xml(shape.member, item) for item in items]
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    return value or ""

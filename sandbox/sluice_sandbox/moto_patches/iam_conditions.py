"""
Adds to policies: a statement whose condition is not met says nothing (moto takes it for a refusal), and requests to the
sandbox count as made over TLS 1.3, so that a policy that demands TLS lets them pass.
"""

from typing import Any

from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from sluice_sandbox.moto_patches.replacing import replace_methods

_TRANSPORT = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
_original = IAMPolicyStatement.is_action_permitted


def needed() -> bool:
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    over_http = IAMPolicyStatement({**refusal, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    return _original(over_http, "s3:GetObject", "anything") is PermissionResult.DENIED


def apply() -> None:
    replace_methods(IAMPolicyStatement, is_action_permitted=is_action_permitted)


def is_action_permitted(self: IAMPolicyStatement, *arguments: Any, **named: Any) -> PermissionResult:
    conditions = self._statement.get("Condition") or {}
    if any(not _met(operator, key, wanted) for operator, keys in conditions.items() for key, wanted in keys.items()):
        return PermissionResult.NEUTRAL
    return _original(self, *arguments, **named)


def _met(operator: str, key: str, wanted: Any) -> bool:
    """Returns whether a condition on the transport is met; of other conditions moto knows more."""
    if key not in _TRANSPORT:
        return True
    actual = _TRANSPORT[key]
    wanted = [str(item).lower() for item in (wanted if isinstance(wanted, list) else [wanted])]
    match operator:
        case "Bool" | "StringEquals" | "NumericEquals":
            return actual in wanted
        case "NumericLessThan":
            return any(float(actual) < float(item) for item in wanted)
    return True

"""
Adds: requests are checked against AWS's own description of them (moto accepts almost anything).

For the JSON and query protocols; S3 has rules of its own, which moto knows.
"""

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from sluice_sandbox.aws.shapes import message, violations

_MARK = "_sluice_validates"
_PROTOCOLS = ("json", "query", "rest-json")


def needed() -> bool:
    return not hasattr(BaseResponse, "validate_parameters")


def apply() -> None:
    original = BaseResponse.call_action
    if hasattr(original, _MARK):
        return

    def call_action(self: BaseResponse) -> Any:
        refusal = _refusal(self)
        return original(self) if refusal is None else refusal

    setattr(call_action, _MARK, True)
    BaseResponse.call_action = call_action  # type: ignore[method-assign]


def _refusal(response: BaseResponse) -> Any:
    """Returns AWS's answer to a malformed request, or None when there is nothing wrong with it."""
    service = get_service_model(response.boto3_service_name)
    action = response._get_action()
    protocol = service.resolved_protocol if hasattr(service, "resolved_protocol") else service.protocol
    if action not in service.operation_names or protocol not in _PROTOCOLS:
        return None
    operation = service.operation_model(action)
    if operation.input_shape is None:
        return None
    request = response.normalized_request
    parsed = PROTOCOL_PARSERS[protocol](operation, map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    found = list(violations(operation.input_shape, parsed))
    if not found:
        return None
    code = "ValidationException" if protocol == "json" else "ValidationError"
    # moto tells from an exception's module whose it is.
    kind = type(code, (ServiceException,), {"code": code, "__module__": f"moto.{response.service_name}.exceptions"})
    status, headers, body = response.serialized(ActionResult(kind(message(found))))
    headers["status"] = str(status)
    return status, headers, body

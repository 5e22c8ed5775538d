"""
What a function's process does: reads the event, calls the handler, writes what it returned.

Run as `python -I bootstrap.py <code> <result>`, the order as JSON on standard input. Time is the sandbox's and passes.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """What Lambda tells a handler of its run."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = order["id"]
        self.invoked_function_arn = order["arn"]
        self.aws_request_id = order["id"]
        self._end = time.time() + float(order["timeout"])

    def get_remaining_time_in_millis(self) -> int:
        """Returns how long the handler may still take."""
        return max(0, int((self._end - time.time()) * 1000))


def main() -> None:
    """Does it."""
    code, result = sys.argv[1:]
    order = json.load(sys.stdin)
    _travel(order["now"])
    sys.path.insert(0, code)
    try:
        module, _, name = os.environ["_HANDLER"].rpartition(".")
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
        told = {"value": handler(json.loads(order["event"]), Context(order)), "error": None}
        text = json.dumps(told)
    except BaseException as error:
        traceback.print_exc()
        text = json.dumps({"value": _described(error, order["id"]), "error": "Unhandled"})
    Path(result).write_text(text, encoding="utf-8")


def _travel(now: float) -> None:
    import time_machine

    if now:
        time_machine.travel(now, tick=True).start()


def _described(error: BaseException, request_id: str) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


if __name__ == "__main__":
    main()

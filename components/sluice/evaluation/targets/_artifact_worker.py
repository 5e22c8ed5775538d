"""
A process that runs the inference code of an unpacked model: `python worker.py MODEL_DIR CONTENT_TYPE ACCEPT`.

Reads a JSON line a question and writes one an answer. Imports nothing of Sluice, and takes Python 3.9: it runs in the
model's own environment. What the model's code prints, and what it reads, goes another way: it cannot garble the lines.
"""

import importlib.util
import inspect
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


def main(folder: str, content_type: str, accept: str) -> None:
    """Loads the model, says so, and answers until there are no questions any more."""
    questions, answers = _own_channels()
    try:
        serve = _serving(folder, content_type, accept)
    except BaseException as error:
        _write(answers, json.dumps(_failure(error)))
        return
    _write(answers, json.dumps({"ready": sys.version.split()[0]}))
    for line in questions:
        try:
            started = time.perf_counter()
            output = serve(json.loads(line)["input"])
            answer = {"output": output, "ms": (time.perf_counter() - started) * 1000}
            text = json.dumps(answer, allow_nan=False)
        except BaseException as error:
            text = json.dumps(_failure(error))
        _write(answers, text)


def _own_channels() -> tuple[TextIO, TextIO]:
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return questions, answers


def _serving(folder: str, content_type: str, accept: str) -> Callable[[Any], Any]:
    """Returns a function from an input to an output, made of the four that SageMaker's containers look for."""
    code = _load(folder)
    for name in ("model_fn", "predict_fn"):
        if not callable(getattr(code, name, None)):
            raise LookupError(f"code/inference.py has no {name}")
    model = code.model_fn(*_fitting(code.model_fn, folder, None))
    read, write = getattr(code, "input_fn", None), getattr(code, "output_fn", None)

    def serve(question: Any) -> Any:
        data = question if read is None else read(_body(question, content_type), content_type)
        found = code.predict_fn(*_fitting(code.predict_fn, data, model, None))
        return _plain(found) if write is None else _parsed(write(found, accept), accept)

    return serve


def _fitting(function: Callable[..., Any], *arguments: Any) -> tuple[Any, ...]:
    # Newer containers pass a context last, to functions that take one.
    try:
        kinds = [it.kind for it in inspect.signature(function).parameters.values() if it.default is it.empty]
    except (TypeError, ValueError):
        return arguments[:-1]
    return arguments[: max(len(arguments) - 1, min(len(kinds), len(arguments)))]


def _load(folder: str) -> Any:
    place = Path(folder) / "code"
    path = place / "inference.py"
    if not path.is_file():
        raise FileNotFoundError("the artifact has no code/inference.py")
    sys.path.insert(0, str(place))
    spec = importlib.util.spec_from_file_location("inference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["inference"] = module
    spec.loader.exec_module(module)
    return module


def _body(question: Any, content_type: str) -> str:
    if isinstance(question, str) and "json" not in content_type:
        return question
    return json.dumps(question)


def _parsed(answer: Any, accept: str) -> Any:
    if isinstance(answer, tuple):
        answer, accept = answer[0], answer[1] if len(answer) > 1 else accept
    if isinstance(answer, (bytes, bytearray)):
        answer = bytes(answer).decode("utf-8")
    return json.loads(answer) if isinstance(answer, str) and "json" in accept else _plain(answer)


def _plain(value: Any) -> Any:
    """Returns what arrays and numbers of numpy hold."""
    if isinstance(value, dict):
        return {str(key): _plain(it) for key, it in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(it) for it in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _failure(error: BaseException) -> dict[str, Any]:
    return {"error": {"kind": type(error).__name__, "message": str(error)}}


def _write(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:4])

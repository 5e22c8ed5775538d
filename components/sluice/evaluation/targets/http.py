"""Any HTTP API that takes and gives JSON."""

import json
import re
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator

from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure, failure_of_status, seconds_of
from sluice.evaluation.secrets import filled
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.manifest.base import ManifestModel, Text

if TYPE_CHECKING:
    import httpx

_HOLE = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_SHOWN = 200
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")]


class Options(ManifestModel):
    """
    One request an example.

    `{{input}}` stands for the example's input, `{{input.question}}` for a part of it (a JMESPath expression, which
    knows `run` too): by itself as it is, within a text as text.
    """

    url: Url
    """Where requests go, with no password in it."""
    method: Literal["POST", "PUT", "PATCH", "GET"] = "POST"
    """Omitted: `POST`."""
    headers: dict[Text, str] = Field(default_factory=dict)
    """`${NAME}` in a value is taken from the environment, and never written down. Omitted: none."""
    body: Any = "{{input}}"
    """What is sent as JSON. Omitted: the input. A GET sends nothing."""
    output: Text | None = None
    """JMESPath of the answer in the response, `choices[0].text`. Omitted: the whole response."""
    tokens_in: Text | None = None
    """JMESPath of the number of input tokens. Omitted: they are not counted."""
    tokens_out: Text | None = None
    """JMESPath of the number of output tokens. Omitted: they are not counted."""

    @field_validator("output", "tokens_in", "tokens_out")
    @classmethod
    def _is_jmespath(cls, expression: str | None) -> str | None:
        if expression is not None:
            _compiled(expression)
        return expression

    @field_validator("body", "url")
    @classmethod
    def _has_jmespath(cls, template: Any) -> Any:
        for hole in _HOLE.findall(json.dumps(template)):
            _compiled(json.loads(f'"{hole}"'))
        return template


class Target(BaseTarget):
    """The API, through one pool of connections."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._context = options, context

    async def __aenter__(self) -> Self:
        """Opens the pool. Raises InvalidInput when a header needs what the environment does not have."""
        import httpx

        headers, self.secrets = filled(self._options.headers, "http.headers")
        limits = httpx.Limits(max_connections=self._context.concurrency)
        self._client = httpx.AsyncClient(headers=headers, timeout=self._context.timeout_seconds, limits=limits)
        self.facts["url"] = self._options.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Makes the request. Raises AskFailed; CredentialsRefused for a 401."""
        response = await self._response({"input": example_input, "run": run})
        if not response.is_success:
            raise _refusal(response)
        found = _content(response)
        counts = [_count(found, it) for it in (self._options.tokens_in, self._options.tokens_out)]
        return Reply(_output(found, self._options.output), *counts)

    async def _response(self, known: dict[str, Any]) -> "httpx.Response":
        import httpx

        body = {} if self._options.method == "GET" else {"json": _fill(self._options.body, known)}
        try:
            return await self._client.request(self._options.method, _address(self._options.url, known), **body)
        except httpx.TimeoutException as error:
            raise AskFailed(Failure.TIMEOUT, f"no answer in time: {type(error).__name__}") from error
        except httpx.TransportError as error:
            raise AskFailed(Failure.CONNECTION, f"{type(error).__name__}: {error}".rstrip(": ")) from error


def _refusal(response: "httpx.Response") -> Exception:
    status = response.status_code
    if status == 401:
        return CredentialsRefused("the API says that it does not know who asks (401); set the credentials, and go on")
    message = f"HTTP {status}: {response.text[:_SHOWN]}".rstrip(": ")
    return AskFailed(failure_of_status(status), message, retry_after=seconds_of(response.headers.get("retry-after")))


def _content(response: "httpx.Response") -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return response.text


def _output(found: Any, expression: str | None) -> Any:
    output = found if expression is None else _compiled(expression).search(found)
    if output is None and expression is not None:
        shown = json.dumps(found)[:_SHOWN]
        raise AskFailed(Failure.OUTPUT, f"the response has no {expression}: {shown}")
    return output


def _count(found: Any, expression: str | None) -> int | None:
    value = None if expression is None else _compiled(expression).search(found)
    return value if isinstance(value, int) else None


def _fill(template: Any, known: dict[str, Any]) -> Any:
    """Returns a template with its holes filled."""
    if isinstance(template, dict):
        return {key: _fill(value, known) for key, value in template.items()}
    if isinstance(template, list):
        return [_fill(value, known) for value in template]
    if not isinstance(template, str):
        return template
    if whole := _HOLE.fullmatch(template.strip()):
        return _compiled(whole[1]).search(known)
    return _HOLE.sub(lambda match: _text(_compiled(match[1]).search(known)), template)


def _address(template: str, known: dict[str, Any]) -> str:
    from urllib.parse import quote

    return _HOLE.sub(lambda match: quote(_text(_compiled(match[1]).search(known)), safe=""), template)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _compiled(expression: str) -> Any:
    import jmespath

    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"has the expression {expression!r}, which is no JMESPath: {reason}") from None

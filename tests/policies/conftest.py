"""Programs under the policy pack."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.types import all_types
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.engine.result import Result
from sluice_sandbox.harness import Sandbox

PACK = Path(__file__).parents[2] / "policies"
RULES = sorted(file.stem for file in (PACK / "rules").glob("[!_]*.py"))
Judge = Callable[[Callable[[], Any]], Result]


class Foreseen(sdk.Provider):
    """Previews a resource of any type: all that was asked for, and a bucket's name if nobody gave one."""

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        assert request.preview
        return sdk.CreateResponse("", {"bucket": PropertyValue.computed(), **request.properties})


class AnyAws(AwsProvider):
    """The sandbox's AWS provider, which of a type or a property that it does not have previews what was asked for."""

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        if urns.type_of(request.urn) in all_types():
            checked = await super().check(request)
            if not checked.failures:
                return checked
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        if urns.type_of(request.urn) in all_types():
            return await super().create(request)
        return await Foreseen().create(request)


_load = cache(Pack.load)


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack is loaded once for all tests of a process: there are hundreds, and it does not change between them."""
    monkeypatch.setattr(Pack, "load", _load)


@pytest.fixture
def judge(sandbox: Sandbox, loaded_once: None) -> Judge:
    """Previews a program under the pack."""

    def preview(program: Callable[[], Any]) -> Result:
        served = {"aws": lambda: AnyAws(_nowhere), "sluice": Foreseen}
        return sandbox.stack(lambda: _declare(program), providers=served, policy_packs=[PACK]).preview()

    return preview


def _declare(program: Callable[[], Any]) -> None:
    program()


def _nowhere() -> str:
    raise AssertionError("a preview of these programs asks nothing of AWS")

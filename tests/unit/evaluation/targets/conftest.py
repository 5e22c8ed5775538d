"""Fixtures of the targets' tests."""

from collections.abc import Iterator

import pytest

from tests.unit.evaluation.targets.api_server import Api, serving


@pytest.fixture
def api() -> Iterator[Api]:
    """A server of our own that speaks the APIs of OpenAI and Anthropic."""
    with serving() as it:
        yield it

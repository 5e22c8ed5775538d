"""
States of lakeFS repositories: a commit, by the digest of what is in it.

A commit's own id covers its message and time too. What it holds is its metarange, which lakeFS names by content.
"""

import os
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sluice.manifest.canonical import digest
from sluice.manifest.data import LakefsData
from sluice.manifest.pins import Pin
from sluice.sources import Context
from sluice.sources._patience import within
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow

_SOURCE = "lakeFS"
_KEY, _SECRET = "LAKECTL_CREDENTIALS_ACCESS_KEY_ID", "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY"


def resolve(reference: LakefsData, context: Context) -> Pin:
    """Returns the commit that a branch, a tag or a commit's id means now."""
    if find_spec("lakefs") is None:
        raise NotInstalled(_SOURCE, "lakefs")
    endpoint = reference.endpoint or os.environ.get("LAKECTL_SERVER_ENDPOINT_URL", "")
    where = _shown(endpoint)
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise SourceError(
            f"{_SOURCE}: no server; set endpoint or LAKECTL_SERVER_ENDPOINT_URL to its http(s):// address"
        )
    if not (os.environ.get(_KEY) and os.environ.get(_SECRET)):
        raise CredentialRefused(_SOURCE, where, f"there is none: set {_KEY} and {_SECRET}")
    commit = within(context.timeout, _SOURCE, where, lambda: _commit(reference, endpoint, where, context.timeout))
    facts = {
        "commit": commit.id,
        "ref": reference.ref,
        "message": commit.message.partition("\n")[0],
        "committer": commit.committer,
    }
    return Pin(
        source="lakefs",
        reference=f"{reference.repo}/{reference.ref}",
        immutable=f"{reference.repo}@{commit.id}",
        digest=digest({"metarange": commit.meta_range_id}),
        facts={key: value for key, value in facts.items() if value and (key == "commit" or value != commit.id)},
    )


def pinned(reference: LakefsData, pin: Pin) -> LakefsData:
    """Returns the reference to the commit that was found."""
    return reference.model_copy(update={"ref": pin.facts["commit"]})


def _commit(reference: LakefsData, endpoint: str, where: str, timeout: float) -> Any:
    from lakefs_sdk.api.commits_api import CommitsApi
    from lakefs_sdk.api_client import ApiClient
    from lakefs_sdk.configuration import Configuration
    from lakefs_sdk.exceptions import ApiException
    from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, TimeoutError

    settings = Configuration(
        host=f"{endpoint.rstrip('/')}/api/v1", username=os.environ[_KEY], password=os.environ[_SECRET]
    )
    settings.retries = 0  # type: ignore[assignment]
    try:
        with ApiClient(settings) as client:
            return CommitsApi(client).get_commit(reference.repo, reference.ref, _request_timeout=timeout)
    except ApiException as error:
        if error.status in (401, 403):
            raise CredentialRefused(_SOURCE, where, f"set {_KEY} and {_SECRET} to one that may read it") from None
        if error.status == 404:
            raise NoSuchVersion(_SOURCE, where, f"ref {reference.ref} of a repository {reference.repo}") from None
        raise SourceDown(_SOURCE, where, f"HTTP status {error.status}") from None
    except HTTPError as error:
        # Also of no retries does urllib3 say that they are used up; why it would have retried is inside.
        reason = error.reason if isinstance(error, MaxRetryError) else error
        # A NewConnectionError is a TimeoutError too.
        if isinstance(reason, NewConnectionError):
            raise SourceDown(_SOURCE, where, "no connection") from None
        if isinstance(reason, TimeoutError):
            raise SourceSlow(_SOURCE, where, timeout) from None
        raise SourceDown(_SOURCE, where, type(reason).__name__) from None


def _shown(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

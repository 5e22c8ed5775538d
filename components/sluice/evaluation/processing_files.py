"""What goes into a Processing job by S3, and what comes back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sluice.errors import InvalidInput, Problem, SluiceError


def fitting(root: Path, names: Sequence[str]) -> dict[str, Path]:
    """
    Returns a project's files by their names from its root.

    Raises InvalidInput with all those that are not there, are no files, or are outside of the project.
    """
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()) or Path(name).is_absolute():
            problems.append(Problem(name, f"is outside of {root}; name a file of the project"))
        elif not path.is_file():
            problems.append(Problem(name, f"is no file of {root}; make it first"))
        else:
            found[Path(name).as_posix()] = path
    if problems or not found:
        raise InvalidInput("the job's files", problems or [Problem("", "are none; name what the command needs")])
    return found


def upload(s3: Any, files: Mapping[str, Path], place: str, kms_key: str | None) -> None:
    """Puts files below an `s3://` address, by their names. Raises SluiceError."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = _split(place)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
    for name, path in files.items():
        try:
            s3.upload_file(str(path), bucket, f"{prefix}/{name}", ExtraArgs=encrypted)
        except (ClientError, BotoCoreError, S3UploadFailedError) as error:
            raise SluiceError(f"{path} cannot be put to {place}/{name}: {error}") from None


def download(s3: Any, place: str, into: Path) -> tuple[Path, ...]:
    """
    Returns what is below an `s3://` address, fetched into a folder; files of before are replaced, each at once.

    Raises SluiceError, also for a name that would lead out of the folder.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = _split(place)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
        keys = [it["Key"] for page in pages for it in page.get("Contents", []) if not it["Key"].endswith("/")]
        return tuple(_fetched(s3, bucket, key, key.removeprefix(f"{prefix}/"), into) for key in sorted(keys))
    except (ClientError, BotoCoreError) as error:
        raise SluiceError(f"what the job wrote cannot be fetched from {place}: {error}") from None


def _fetched(s3: Any, bucket: str, key: str, name: str, into: Path) -> Path:
    path = into / name
    if not path.resolve().is_relative_to(into.resolve()):
        raise SluiceError(f"s3://{bucket}/{key} has a name that leads out of {into}; nobody but the job writes there")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        s3.download_file(bucket, key, str(partial))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _split(place: str) -> tuple[str, str]:
    parts = urlsplit(place)
    return parts.netloc, parts.path.strip("/")

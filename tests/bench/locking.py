"""How long it takes to lock versions whose weights are in S3, one after the other and side by side."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

from ruamel.yaml import YAML

from sluice.locking import lock
from sluice.manifest.load import load
from sluice.sources import Context
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.session import ACCESS_KEY, SECRET_KEY, client
from tests.bench.versions import DIGEST, MANIFEST

REGION, BUCKET = "eu-west-1", "bench-models"


def seconds_to_lock(folder: Path, count: int, jobs: tuple[int, ...]) -> dict[int, float]:
    """Returns how long so many manifests take, for each number of them that is locked at a time."""
    home = folder / "aws"
    aws = supervisor.start(home)
    environment = {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
    }
    try:
        manifests = _made(folder, aws.endpoint, count)
        with mock.patch.dict(os.environ, environment):
            lock(load(manifests[0]), Context(folder))
            return {number: _seconds(manifests, folder, number) for number in jobs}
    finally:
        supervisor.stop(home)


def _made(folder: Path, endpoint: str, count: int) -> list[Path]:
    s3 = client("s3", REGION, endpoint)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    paths = []
    for number in range(count):
        s3.put_object(Bucket=BUCKET, Key=f"{number}/model.tar.gz", Body=b"weights", ChecksumAlgorithm="SHA256")
        model = {"artifact": {"uri": f"s3://{BUCKET}/{number}/model.tar.gz", "image": f"bench@{DIGEST}"}}
        path = folder / f"s3-{number}.model.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump({**MANIFEST, "version": str(number), "model": model}, file)
        paths.append(path)
    return paths


def _seconds(manifests: list[Path], folder: Path, jobs: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda path: lock(load(path), Context(folder)), manifests))
    return time.perf_counter() - started

"""What a model loads neither expires nor goes to cold storage."""

from collections.abc import Iterator, Sequence

from aging import aging_rules, artifact_urls, prefix_of
from buckets import buckets
from kit import of_type
from rule import Concern, Finding, Resource, Settings, StackRule

MODEL = "aws:sagemaker/model:Model"


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    urls = [it for model in of_type(stack, MODEL) for it in artifact_urls(model)]
    for bucket in buckets(stack):
        name = bucket.resource.props.get("bucket")
        keys = [url.removeprefix(f"s3://{name}/") for url in urls if url.startswith(f"s3://{name}/")]
        for setting, path, rule in aging_rules(bucket):
            hit = next((key for key in keys if key.startswith(prefix_of(rule))), None)
            if hit is not None:
                yield Finding(setting, path, f"about {hit}, which a model of this stack loads")


RULE = StackRule(
    id="live-artifacts-stay",
    concern=Concern.RETENTION,
    types=("aws:s3/*", MODEL),
    reason="An instance that is added at night loads the artifact then, or does not start.",
    fix="leave what serves or stands by out of lifecycle rules, as CheckpointStore does",
    check=check,
)

"""The last versions of a model are ready to be served again."""

from collections import Counter
from collections.abc import Iterator, Sequence

from kit import COUNT, of_type, tags_of
from rule import UNKNOWN, Concern, Finding, Resource, Settings, StackRule
from versions_seen import PACKAGE, fact, is_candidate, model_of

MODEL, TAG = "aws:sagemaker/model:Model", "sluice:version"


def check(stack: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    labels = [UNKNOWN if it.props.get("tags") is UNKNOWN else tags_of(it).get(TAG) for it in of_type(stack, MODEL)]
    if UNKNOWN in labels:
        return
    warm = Counter(map(model_of, labels))
    packages = [it for it in of_type(stack, PACKAGE) if is_candidate(it) and it.props.get("sourceUri") is None]
    declared = Counter(model_of(fact(it, "version")) for it in packages)
    for package in packages:
        model = model_of(fact(package, "version"))
        wanted = min(settings["versions"], declared[model])
        if model is not None and warm[model] < wanted:
            yield Finding(package, "warm versions", f"{warm[model]} of {wanted}")
            declared[model] = 0  # said once of a model


RULE = StackRule(
    id="kept-versions",
    concern=Concern.RETENTION,
    types=(PACKAGE, MODEL),
    reason="Going back to a version that SageMaker has is a change of configuration; to any other one, it is a "
    "release.",
    fix="set keepWarm of the versions, and warm of ModelVersion",
    settings={"versions": {**COUNT, "default": 2, "description": "How many versions of a model."}},
    check=check,
)

"""Arguments: schema and validator at once."""

from typing import Any

import pulumi
import pytest

from sluice import ArgsModel, CheckpointStoreArgs, InvalidInput, StorageClass, VersionRole


class SlotArgs(ArgsModel):
    """One slot."""

    image: pulumi.Input[str]
    model_data_url: pulumi.Input[str]
    instance_type: str
    instance_count: int | None = None
    environment: dict[str, pulumi.Input[str]] | None = None


class FleetArgs(ArgsModel):
    """Slots, and who gets how much."""

    variants: dict[str, SlotArgs]
    traffic: dict[str, int]


BLUE = {"image": "i@sha256:0", "modelDataUrl": "s3://b/k", "instanceType": "ml.m5.large"}


def refused(given: Any) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        FleetArgs.parse("Fleet 'search'", given)
    return str(error.value).splitlines()


def test_both_spellings_of_a_key_are_understood() -> None:
    """Programs write snake case, configuration files camel case; they mean the same."""
    snake = {"image": "i@sha256:0", "model_data_url": "s3://b/k", "instance_type": "ml.m5.large"}
    first, second = (
        FleetArgs.parse("x", {"variants": {"blue": blue}, "traffic": {"blue": 100}}) for blue in (BLUE, snake)
    )
    assert first == second
    assert first.variants["blue"].instance_type == "ml.m5.large"


def test_arguments_that_are_made_already_are_taken_as_they_are() -> None:
    """Parsing an instance returns it."""
    args = FleetArgs(variants={"blue": SlotArgs.model_validate(BLUE)}, traffic={"blue": 100})
    assert FleetArgs.parse("x", args) is args


def test_all_problems_are_told_together() -> None:
    """Each line has the key path, what was found, and what is allowed; the head counts them."""
    given = {"variants": {"blue": {**BLUE, "instanceCount": "two"}, "green": {**BLUE, "image": 3}}, "traffic": [1]}
    assert refused(given) == [
        "Fleet 'search': 3 problems",
        "  variants.blue.instanceCount is 'two'; allowed: a valid integer, unable to parse string as an integer",
        "  variants.green.image is 3; expected a text; write it in quotes",
        "  traffic is [1]; allowed: a valid dictionary",
    ]


def test_an_unknown_key_is_told_with_the_known_ones() -> None:
    """At whatever depth it is, the keys that are known there are listed."""
    given = {"variants": {"blue": {**BLUE, "instances": 2}}, "traffic": {"blue": 100}}
    assert refused(given) == [
        "Fleet 'search': 1 problem",
        (
            "  variants.blue.instances is not known here; known are: "
            "environment, image, instanceCount, instanceType, modelDataUrl"
        ),
    ]
    misspelt = {"variants": {"blue": {**BLUE, "instanceCuont": 2}}, "traffic": {"blue": 100}}
    assert "did you mean 'instanceCount'? known are: " in refused(misspelt)[1]
    with pytest.raises(InvalidInput) as error:
        CheckpointStoreArgs.parse("s", {"versions": [{"name": "v", "prefix": "v/", "artifact": {"url": "x"}}], "a": 1})
    assert [str(problem) for problem in error.value.problems] == [
        "versions[0].artifact.path is missing",
        "versions[0].artifact.sha256 is missing",
        "versions[0].artifact.url is not known here; known are: buildCommand, path, sha256",
        (
            "a is not known here; known are: abortUploadsAfterDays, accessLog, forceDestroy, kmsKeyArn, retention, "
            "tags, versions"
        ),
    ]


def test_a_choice_is_told_with_the_choices() -> None:
    """A value that is none of them is answered with all of them."""
    given = {"versions": [{"name": "v", "prefix": "v/", "role": "king"}]}
    with pytest.raises(InvalidInput, match=r"versions\[0\].role is 'king'; allowed are: 'serving', 'standby' or"):
        CheckpointStoreArgs.parse("s", given)


def test_choices_are_read_by_their_values() -> None:
    """What a configuration file says becomes the choice."""
    read = CheckpointStoreArgs.parse(
        "s",
        {
            "versions": [{"name": "v", "prefix": "v/", "role": "rollbackTarget"}],
            "retention": {"coldStorageClass": "DEEP_ARCHIVE"},
        },
    )
    assert read.versions[0].role is VersionRole.ROLLBACK_TARGET
    assert read.retention is not None
    assert read.retention.cold_storage_class is StorageClass.DEEP_ARCHIVE


@pytest.mark.parametrize("given", [None, [], "variants", 3])
def test_what_is_no_map_is_refused(given: Any) -> None:
    """Something else altogether is named for what it is."""
    head, line = refused(given)
    assert (head, line.strip().startswith(f"is {given!r}; allowed:")) == ("Fleet 'search': 1 problem", True)


def test_a_constructor_refuses_as_parsing_does() -> None:
    """Who writes `FleetArgs(...)` in a program reads our words, not a validator's."""
    with pytest.raises(InvalidInput) as error:
        FleetArgs(variants={"blue": BLUE}, traffic={"blue": "most"})
    assert str(error.value) == (
        "FleetArgs: 1 problem\n  traffic.blue is 'most'; allowed: a valid integer, unable to parse string as an integer"
    )


def test_arguments_cannot_be_changed() -> None:
    """A component's arguments stay what was validated."""
    args = SlotArgs.model_validate(BLUE)
    with pytest.raises(ValueError, match="frozen"):
        args.instance_type = "ml.m5.xlarge"  # type: ignore[misc]

"""Cases of the policies on evidence, rollout, rollback, ownership and life."""

from datetime import timedelta
from typing import Any

from clock import today
from rule import UNKNOWN
from tests.policies.cases import Cases, Given, but
from tests.policies.good import KEY, TAGS, VERSION, variant

_SOON = (today() + timedelta(days=30)).isoformat()
_PAST = (today() - timedelta(days=1)).isoformat()
_NEXT = (
    "sluice:index:ModelPackage",
    {"sourceUri": "openai gpt-4.1-2025-04-14", "metadata": {**VERSION, "sluice:version": "chat@2"}},
)
_OTHER = "sha256:" + "0" * 64


def _metadata(version: str = "v1", **facts: Any) -> Given:
    return but({version: {f"metadata.sluice:{key.replace('_', '-')}": value for key, value in facts.items()}})


def _lacking(fact: str, version: str = "v1") -> tuple[Given, list[str]]:
    return _metadata(version, **{fact: None}), [f"metadata.sluice:{fact} is missing"]


def _rollout(**changes: Any) -> Given:
    return but(endpoint={f"rollout.{key}": value for key, value in changes.items()})


CASES = {
    "evaluated-versions": Cases(
        passing={
            "a version that was rejected": but(
                v2={
                    "approvalStatus": "Rejected",
                    "metadata.sluice:report": None,
                    "metadata.sluice:report-subject": None,
                }
            ),
            "not known yet": but(v1={"metadata": UNKNOWN}),
        },
        failing={
            "no report": _lacking("report"),
            "a report about nobody knows what": _lacking("report-subject"),
            "another version's": (
                _metadata(report_subject=_OTHER),
                [f"metadata.sluice:report-subject is '{_OTHER}', and the version is"],
            ),
        },
    ),
    "criteria-first": Cases(
        failing={
            "nothing agreed": _lacking("contract"),
            "agreed nobody knows when": _lacking("contract-agreed"),
            "agreed afterwards": (
                _metadata(report_begun="2026-11-01T00:00:00+00:00"),
                ["metadata.sluice:report-begun is 2026-11-01 00:00, before its contract"],
            ),
        }
    ),
    "enough-examples": Cases(
        passing={"as many as agreed": _metadata(report_examples="300")},
        failing={
            "fewer than agreed": (
                _metadata(report_examples="299"),
                ["metadata.sluice:report-examples is 299; it takes 300"],
            ),
            "a contract that asks for few": (
                _metadata(report_examples="20", contract_examples="10"),
                ["metadata.sluice:report-examples is 20; it takes 100"],
            ),
            "nobody knows how many": _lacking("report-examples"),
        },
    ),
    "pinned-data": Cases(
        failing={
            "nothing": (_metadata(data=None), ["metadata.sluice:data is missing"]),
            "a name": (_metadata(data="s3://data/latest"), ["metadata.sluice:data is 's3://data/latest'"]),
        }
    ),
    "pinned-api-models": Cases(
        passing={
            name: but(api={"sourceUri": uri})
            for name, uri in {
                "Bedrock": "bedrock anthropic.claude-sonnet-4-20250514-v1:0",
                "Anthropic": "anthropic claude-sonnet-4-20250514",
                "an old one of OpenAI": "openai gpt-4-0613",
            }.items()
        },
        failing={
            "an alias": (but(api={"sourceUri": "openai gpt-4o"}), ["sourceUri is 'openai gpt-4o'"]),
            "the latest": (
                but(api={"sourceUri": "openai chatgpt-4o-latest-2024-08-06"}),
                ["sourceUri is 'openai chatgpt-4o-latest-2024-08-06'"],
            ),
        },
    ),
    "no-retired-models": Cases(
        failing={
            "retired": (
                but(
                    {
                        "api": {"metadata.sluice:retires": _PAST},
                        # So that its end is no surprise: only that it is used is.
                    },
                    {"next": _NEXT},
                ),
                [f"metadata.sluice:retires is {_PAST}, which is past"],
            )
        }
    ),
    "recorded-lineage": Cases(
        failing={fact: _lacking(fact) for fact in ("licence", "weights-from", "data-from", "evaluation-set-digest")}
    ),
    "enforced-gates": Cases(
        failing={
            "none": (but(endpoint={"rollout": None}), ["rollout is missing"]),
            "that only tell": (_rollout(enforced=False), ["rollout.enforced is false"]),
        }
    ),
    "gradual-ladders": Cases(
        passing={"the ladder of who declares none": _rollout(ladder=None)},
        failing={
            "all at once": (
                but(endpoint={"rollout.ladder": [100], "weights": {"blue": 100, "green": 0}}),
                ["rollout.ladder[0] is 100 %"],
            ),
            "a large step": (_rollout(ladder=[5, 100]), ["rollout.ladder[1] is 100 %, after 5 %"]),
        },
    ),
    "rungs-only": Cases(
        passing={
            "the candidate has taken over": but(endpoint={"weights": {"blue": 0, "green": 100}}),
            "who declares no ladder": but(endpoint={"rollout.ladder": None, "weights": {"blue": 75, "green": 25}}),
        },
        failing={
            "between two rungs": (
                but(endpoint={"weights": {"blue": 80, "green": 20}}),
                ["weights.green is 20 %; the ladder is 1, 5, 10, 25, 50, 100"],
            )
        },
    ),
    "named-approvers": Cases(
        passing={"named": but(endpoint={"force": "the alarm was false"})},
        failing={
            "anybody": (
                but(endpoint={"force": "the alarm was false", "rollout.mayForce": []}),
                ["rollout.mayForce is missing, and force is set"],
            )
        },
    ),
    "enough-soak": Cases(
        passing={"the soak of who declares none": _rollout(soakHours=None, soakHoursAt=None, shadowDays=None)},
        failing={
            "an hour": (_rollout(soakHours=1), ["rollout.soakHours is 1 h; it takes 24"]),
            "an hour on one rung": (_rollout(soakHoursAt={"50": 1}), ["rollout.soakHoursAt.50 is 1 h; it takes 24"]),
            "no shadow": (_rollout(shadowDays=0), ["rollout.shadowDays is 0; it takes 7"]),
        },
    ),
    "declared-freezes": Cases(failing={"none": (_rollout(freezes=None), ["rollout.freezes is missing"])}),
    "single-deployer": Cases(
        failing={
            "by hand too": (
                but(more={"hand": ("aws:sagemaker/endpoint:Endpoint", {"name": "digits-prod", "tags": TAGS})}),
                ["name is 'digits-prod', which sluice:index:LiveEndpoint 'endpoint' has too"],
            )
        },
        passing={},
    ),
    "guarded-endpoints": Cases(
        passing={
            "metric math": but(
                {
                    "alarm-ModelLatency": {
                        "metricName": None,
                        "dimensions": None,
                        "metricQueries": [
                            {
                                "id": "m",
                                "metric": {"metricName": "ModelLatency", "dimensions": {"EndpointName": "digits-prod"}},
                            }
                        ],
                    }
                }
            )
        },
        failing={
            "no alarm on quality": (
                but({"alarm-HallucinationRate": None}),
                ["alarm on quality is missing: none is on *allucination* or *uality*"],
            ),
            "another endpoint's": (
                but({"alarm-ModelLatency": {"dimensions.EndpointName": "other"}}),
                ["alarm on latency is missing: none is on ModelLatency or OverheadLatency"],
            ),
        },
    ),
    "acting-alarms": Cases(
        passing={"actions that are not known yet": but({"alarm-ModelLatency": {"alarmActions": UNKNOWN}})},
        failing={
            "nothing to do": (but({"alarm-ModelLatency": {"alarmActions": []}}), ["alarmActions is missing"]),
            "turned off": (but({"alarm-ModelLatency": {"actionsEnabled": False}}), ["actionsEnabled is false"]),
            "missing data": (but({"alarm-ModelLatency": {"treatMissingData": None}}), ["treatMissingData is missing"]),
        },
    ),
    "kept-standby": Cases(
        passing={"the standby of who declares none": but(endpoint={"standbyHours": None})},
        failing={"a day": (but(endpoint={"standbyHours": 24}), ["standbyHours is 24"])},
    ),
    "several-instances": Cases(
        failing={
            "a variant": (
                but(configuration={"productionVariants.1.initialInstanceCount": 1}),
                ["productionVariants[1].initialInstanceCount is 1"],
            ),
            "the least of a slot": (but(endpoint={"minCounts": {"blue": 1}}), ["minCounts.blue is 1"]),
            "what autoscaling keeps": (but(scaling={"minCapacity": 1}), ["minCapacity is 1"]),
        },
        passing={
            "of another service": but(scaling={"serviceNamespace": "ecs", "minCapacity": 1}),
            "serverless": but(
                configuration={
                    "productionVariants": [
                        variant(
                            "blue", "model-1", instanceType=None, initialInstanceCount=None, serverlessConfig={"a": 1}
                        )
                    ],
                    "kmsKeyArn": KEY,
                }
            ),
        },
    ),
    "accountable-versions": Cases(failing={fact: _lacking(fact) for fact in ("owner", "contact")}),
    "watched-endpoints": Cases(
        passing={"a body that is not known yet": but(dashboard={"dashboardBody": UNKNOWN})},
        failing={
            "none": (but(dashboard=None), ["dashboard is missing"]),
            "another endpoint's": (but(dashboard={"dashboardBody": "{}"}), ["dashboard is missing"]),
        },
    ),
    "reevaluated-endpoints": Cases(
        passing={
            "a schedule that starts it": but(
                {"again": None},
                {"nightly": ("aws:scheduler/schedule:Schedule", {"target": {"input": '{"endpoint": "digits-prod"}'}})},
            )
        },
        failing={"none": (but(again=None), ["schedule of its evaluation is missing"])},
    ),
    "known-end-of-life": Cases(failing={"not planned": _lacking("end-of-life")}),
    "successor-in-time": Cases(
        passing={"a successor": _metadata(end_of_life=_SOON)},
        failing={
            "none": (
                but(
                    v1={"metadata.sluice:end-of-life": _SOON},
                    v2={"approvalStatus": "Rejected"},
                ),
                [f"metadata.sluice:end-of-life is {_SOON}, in 30 days, without successor"],
            ),
            "of a model that is retired": (
                but(api={"metadata.sluice:retires": _SOON}),
                [f"metadata.sluice:end-of-life is {_SOON}, in 30 days, without successor"],
            ),
        },
    ),
    "kept-versions": Cases(
        passing={"the only version": but({"v2": None, "model-2": None})},
        failing={"only what serves": (but({"model-2": None}), ["warm versions is 1 of 2"])},
    ),
}

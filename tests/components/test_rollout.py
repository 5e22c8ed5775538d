"""Rises of traffic that have to pass the gates, and the journal of them, from the first deployment to the last rung."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.provider.live_endpoint import LiveEndpoint
from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement, Served
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.users import Users
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy
from tests.components.serving import Serving
from tests.support.movements import TABLE, with_table

TERMS: dict[str, Any] = {"soak_hours": 24, "shadow_days": 0, "min_requests": 500}
NORMAL = {"blue": 9000, "green": 1000}


class Rollout(Serving):
    """An endpoint with a journal; blue serves, and green may rise."""

    def __init__(self, deploy: Deploy, client: ClientOf, aws: Aws) -> None:
        super().__init__(deploy, client, aws)
        self.journal = DynamoJournal(with_table(client("dynamodb")), TABLE)
        self.users = Users(aws, self.cloudwatch, "search")
        self.args |= {
            "weights": {"blue": 90, "green": 10},
            "baseline": "blue",
            "journal": TABLE,
            "rollout": TERMS,
            "version_digests": {"blue": "sha256:old", "green": "sha256:new"},
        }

    def history(self) -> History:
        return self.journal.read("search")

    def kinds(self) -> list[str]:
        return [str(it.kind) for it in self.history().movements]

    def refused(self, **changes: Any) -> str:
        """Returns why a preview refuses, and the update too; traffic stays as it is."""
        self.args |= changes
        live, told = self.live(), str(self.stack.preview().errors())
        assert "problem" in told, told
        assert "refused" in self.fails()
        assert self.live() == live
        return told

    def roll_back(self, reason: str = "alarm search-green-errors") -> str:
        """Does what the guard does: journal first, then weights. Returns the rollback's id."""
        history = self.history()
        last = history.last
        assert last is not None
        made = Movement(
            endpoint="search",
            sequence=history.next_sequence,
            at=self.users.now(),
            actor="guard",
            kind=Kind.ROLLBACK,
            versions=last.versions,
            before=last.after,
            after={"blue": 100, "green": 0},  # type: ignore[dict-item]
            baseline="blue",
            reason=reason,
            token="event-1",
            rollback="rb-1",
        )
        self.journal.append(made)
        self.move({"blue": 100, "green": 0})
        return "rb-1"

    def move(self, weights: dict[str, float]) -> None:
        """Moves traffic past Pulumi."""
        asked = [{"VariantName": slot, "DesiredWeight": float(weight)} for slot, weight in weights.items()]
        self.sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=asked)
        self.described()


@pytest.fixture
def rollout(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> Rollout:
    """An endpoint with 90 and 10 percent, recorded, whose clock stands."""
    made = Rollout(deploy, client, sandbox_aws)
    made.up()
    sandbox_aws.stop_clock()
    return made


def test_the_first_deployment_passes_and_is_recorded(rollout: Rollout) -> None:
    """There is nobody who was served better before."""
    (first,) = rollout.history().movements
    assert first.kind is Kind.DEPLOY
    assert {slot: float(share) for slot, share in first.after.items()} == {"blue": 90, "green": 10}
    assert first.versions == {"blue": Served("sha256:old", "digits@1"), "green": Served("sha256:new", "digits@2")}
    assert first.actor.startswith(("user/", "assumed-role/"))
    assert "first deployment" in first.reason
    assert rollout.is_settled()
    assert len(rollout.history()) == 1


def test_a_rung_that_has_soaked_well_is_climbed(rollout: Rollout) -> None:
    """The rise is applied, and recorded with what every gate said."""
    rollout.users.ask(25, NORMAL)
    rollout.up(weights={"blue": 75, "green": 25})
    assert rollout.live() == {"blue": (75, 1), "green": (25, 1)}
    rise = rollout.history().movements[-1]
    assert rise.kind is Kind.RISE
    assert rise.reason == "green 10 → 25 allowed"
    assert rise.evidence["green.soaked"] == "pass: soaked 25 of 24 h"
    assert "not worse by more than" in str(rise.evidence["green.cohorts_not_worse"])
    assert rollout.is_settled()


def test_a_refusal_names_every_unmet_gate_with_its_figures(rollout: Rollout) -> None:
    """At preview and in the update; nothing moves and nothing is recorded."""
    rollout.users.ask(3.2, {"blue": 90_000, "green": 10_000}, errors={"green": 0.03, "blue": 0.008})
    told = rollout.refused(weights={"blue": 50, "green": 50})
    assert "green 10 → 50 refused" in told
    assert "50 % skips 25 %" in told
    assert "soaked 3.2 of 24 h" in told
    assert "errors 3.0 % against 0.8 %" in told
    assert "worse with 99 % confidence" in told
    assert rollout.kinds() == ["deploy"]


def test_a_slow_candidate_stays(rollout: Rollout) -> None:
    """Its 95th percentile is held against the baseline's, in milliseconds."""
    rollout.users.ask(25, NORMAL, latency_ms={"green": 31.0})
    assert "p95 31 ms against 20 ms, 1.55 times, allowed 1.25" in rollout.refused(weights={"blue": 75, "green": 25})


def test_no_metrics_are_no_pass(rollout: Rollout) -> None:
    """Time alone does not do it."""
    rollout.aws.advance(25 * 3600)
    told = rollout.refused(weights={"blue": 75, "green": 25})
    assert "there are no metrics of this stage" in told


def test_metrics_that_are_delayed_are_waited_for(rollout: Rollout) -> None:
    """What came last may have been bad, and is not there yet."""
    rollout.users.ask(24, NORMAL)
    rollout.aws.advance(6 * 3600)
    assert "they are delayed: wait and run again" in rollout.refused(weights={"blue": 75, "green": 25})


def test_an_alarm_that_rings_keeps_traffic_down(rollout: Rollout) -> None:
    """Whichever alarm is named, by its name; one that there is not is no pass either."""
    rollout.users.ask(25, NORMAL)
    rollout.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    assert "in ALARM: errors" in rollout.refused(weights={"blue": 75, "green": 25}, alarms=["errors"])
    assert "states of the alarms could not be read" in rollout.refused(alarms=["nobody"])


def test_a_fall_is_always_allowed_at_once(rollout: Rollout) -> None:
    """Whatever gates would say; it is recorded."""
    rollout.up(weights={"blue": 100, "green": 0})
    assert rollout.kinds() == ["deploy", "fall"]


def test_a_force_passes_soft_gates_once_and_is_recorded(rollout: Rollout) -> None:
    """With who and why; the next movement needs a reason of its own, and a rung is skipped by no force."""
    assert "skips 25 %" in rollout.refused(weights={"blue": 50, "green": 50}, force="launch day")
    rollout.up(weights={"blue": 75, "green": 25})
    forced = rollout.history().movements[-1]
    assert (forced.kind, forced.forced) == (Kind.RISE, "launch day")
    assert "launch day" in forced.reason
    assert rollout.is_settled()
    assert "its force was used" in rollout.refused(weights={"blue": 50, "green": 50})
    rollout.up(force="the same, an hour later")
    assert rollout.live()["green"] == (50, 1)


def test_who_may_not_force_is_told_who_may(rollout: Rollout) -> None:
    """By the names that the journal knows."""
    terms = {**TERMS, "may_force": ["assumed-role/oncall"]}
    told = rollout.refused(weights={"blue": 75, "green": 25}, force="because", rollout=terms)
    assert "may not force; who may: assumed-role/oncall" in told


def test_where_gates_are_not_enforced_they_are_only_told(rollout: Rollout) -> None:
    """Development: what they said is in the journal all the same."""
    rollout.up(weights={"blue": 50, "green": 50}, rollout={**TERMS, "enforced": False})
    assert "gates are not enforced here" in rollout.history().movements[-1].reason


def test_a_candidate_does_not_become_the_baseline_by_being_called_so(rollout: Rollout) -> None:
    """Its rise is judged against who was the baseline until then."""
    told = rollout.refused(weights={"blue": 0, "green": 100}, baseline="green")
    assert "green 10 → 100 refused" in told


def test_a_candidate_does_not_become_the_baseline_before_it_has_all_the_traffic(rollout: Rollout) -> None:
    """Otherwise it would rise from there without any gate."""
    told = rollout.refused(baseline="green")
    assert "baseline green refused: it has 10 % of the traffic" in told
    assert "declare baseline: blue" in told
    assert rollout.kinds() == ["deploy"]
    rollout.up(rollout={**TERMS, "enforced": False})
    assert rollout.kinds() == ["deploy", "promote"]


def test_a_rise_that_makes_the_baseline_is_told_to_be_unwatched(rollout: Rollout) -> None:
    """It is judged as every rise; whoever leaves the baseline out may not know."""
    rollout.users.ask(25, NORMAL)
    changed = {"weights": {"blue": 0, "green": 100}, "rollout": {**TERMS, "ladder": [10, 100]}}
    said = str(rollout.up(**changed, baseline="green").diagnostics)
    assert "green becomes the baseline as it rises" in said
    assert rollout.kinds() == ["deploy", "promote"]
    assert rollout.history().movements[-1].evidence["green.soaked"] == "pass: soaked 25 of 24 h"


def test_what_somebody_moved_by_hand_is_seen(rollout: Rollout) -> None:
    """The gates say so; once it is declared it is recorded, and its soak begins."""
    rollout.users.ask(25, NORMAL)
    rollout.move({"blue": 80, "green": 20})
    rollout.args |= {"weights": {"blue": 75, "green": 25}}
    preview = rollout.stack.preview()
    assert "20 % is live and the journal has 10 %: changed by hand" in str(preview.errors())
    assert "live is blue 80, green 20, and the state has blue 90, green 10: others moved" in str(preview.diagnostics)
    rollout.up(weights={"blue": 80, "green": 20})
    assert rollout.kinds() == ["deploy", "observed"]
    assert "others moved" not in str(rollout.stack.preview().diagnostics)
    assert "soaked 0 of 24 h" in rollout.refused(weights={"blue": 75, "green": 25})


def test_a_journal_that_comes_later_begins_with_what_is_live(rollout: Rollout) -> None:
    """An endpoint is not judged by what nobody recorded."""
    rollout.up(journal=None, rollout=None, weights={"blue": 99, "green": 1})
    rollout.up(journal=with_other_table(rollout), rollout=TERMS, version_digests=rollout.args["version_digests"])
    other = DynamoJournal(rollout.journal._client, "other")
    assert [str(it.kind) for it in other.read("search").movements] == ["observed"]
    assert "soaked 0 of 24 h" in rollout.refused(weights={"blue": 95, "green": 5})


def with_other_table(rollout: Rollout) -> str:
    dynamodb = rollout.journal._client
    described = dynamodb.describe_table(TableName=TABLE)["Table"]
    dynamodb.create_table(
        TableName="other",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
    )
    return "other"


def test_an_endpoint_that_is_gone_comes_back_as_it_was(rollout: Rollout) -> None:
    """Disaster recovery: the journal knows what served. More for a candidate than it had is a rise like any other."""
    rollout.sagemaker.delete_endpoint(EndpointName="search")
    rollout.stack.refresh()
    rollout.args |= {"weights": {"blue": 75, "green": 25}}
    assert "green 10 → 25 refused" in str(rollout.stack.preview().errors())
    rollout.up(weights={"blue": 90, "green": 10})
    assert rollout.live() == {"blue": (90, 1), "green": (10, 1)}


def test_a_missing_journal_stops_a_movement(rollout: Rollout) -> None:
    """The message names the table and what to do; traffic stays."""
    rollout.journal._client.delete_table(TableName=TABLE)
    rollout.args |= {"weights": {"blue": 100, "green": 0}}
    told = str(rollout.stack.preview().errors())
    assert f"there is no journal {TABLE} here; deploy the component RolloutJournal" in told
    assert rollout.live()["green"] == (10, 1)


def test_a_declaration_without_a_journal_is_refused(rollout: Rollout) -> None:
    """Terms, forces and acknowledgements are nothing without a record."""
    told = rollout.fails(journal=None, force="x")
    assert "needs a journal" in told


def test_a_movement_that_was_cut_off_is_finished(rollout: Rollout, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was judged and recorded: the next run carries it out, without another entry."""
    rollout.users.ask(25, NORMAL)

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as cut:
        cut.setattr(LiveEndpoint, "_bring", die)
        with pytest.raises(UpdateFailed, match="killed"):
            rollout.up(weights={"blue": 75, "green": 25})
    assert rollout.kinds() == ["deploy", "rise"]
    assert rollout.live()["green"] == (10, 1)
    rollout.up()
    assert rollout.live()["green"] == (25, 1)
    assert rollout.kinds() == ["deploy", "rise"]


def test_a_rollback_stays_whatever_else_is_deployed(rollout: Rollout) -> None:
    """The old declaration, with an unrelated change, leaves traffic where the rollback put it, and says so."""
    rollout.users.ask(2, NORMAL)
    rollout.roll_back()
    result = rollout.up(tags={**rollout.args["tags"], "team": "search"})
    assert rollout.live() == {"blue": (100, 1), "green": (0, 1)}
    told = " ".join(it.message for it in result.diagnostics)
    assert "traffic stays at blue 100, green 0: guard rolled back" in told
    unchanged = rollout.stack.up()
    assert not unchanged.changed
    assert [it.message for it in unchanged.diagnostics] == [told]
    assert "acknowledge rb-1" in told
    assert rollout.kinds() == ["deploy", "rollback"]


def test_a_version_that_was_rolled_back_does_not_rise(rollout: Rollout) -> None:
    """Not by a new declaration and not by a force, until its rollback is acknowledged; then by one rung."""
    rollout.users.ask(25, NORMAL)
    rollout.roll_back()
    told = rollout.refused(weights={"blue": 99, "green": 1}, force="I know better")
    assert "this version was rolled back" in told
    assert "rb-1: alarm search-green-errors" in told
    told = rollout.refused(acknowledge="rb-7")
    assert "is 'rb-7', which is no rollback of search; those that are open: rb-1" in told
    rollout.up(acknowledge="rb-1", acknowledge_reason="the threshold was wrong", force=None)
    assert rollout.kinds() == ["deploy", "rollback", "acknowledge", "rise"]
    assert rollout.history().movements[2].reason == "the threshold was wrong"
    assert rollout.live()["green"] == (1, 1)


def test_another_version_may_rise_after_a_rollback(rollout: Rollout) -> None:
    """The latch is the version's, not the slot's; a refresh tells that the slot is free."""
    rollout.roll_back()
    rollout.stack.refresh()
    rollout.up(
        weights={"blue": 100, "green": 0},
        versions={"blue": "digits@1", "green": "digits@3"},
        standby_hours=0,
        version_digests={"blue": "sha256:old", "green": "sha256:third"},
    )
    rollout.up(weights={"blue": 99, "green": 1})
    assert rollout.kinds() == ["deploy", "rollback", "deploy", "rise"]


def test_a_deleted_endpoints_journal_goes_after_its_days(rollout: Rollout) -> None:
    """Retention is configurable, and begins when the endpoint is gone."""
    rollout.up(journal_retention_days=30)
    rollout.stack.destroy()
    rollout.aws.advance(31 * 86400)
    items = rollout.journal._client.scan(TableName=TABLE)["Items"]
    assert all("expires" in it for it in items)


def test_a_candidate_that_nobody_asked_is_not_judged_well(rollout: Rollout) -> None:
    """No request is no evidence."""
    rollout.users.ask(25, {"blue": 9000})
    assert "green has answered no request in this stage" in rollout.refused(weights={"blue": 75, "green": 25})


def test_of_two_deployments_at_a_time_one_is_judged_by_the_others(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read the same journal; who writes second finds a stage that has just begun."""
    rollout.users.ask(25, NORMAL)
    other = DynamoJournal(rollout.journal._client, TABLE)
    append, raced = DynamoJournal.append, []

    def late(self: DynamoJournal, made: Movement) -> Movement:
        if not raced and made.kind is Kind.RISE:
            raced.append(made)
            append(other, replace(made, token="the other deployment"))
        return append(self, made)

    monkeypatch.setattr(DynamoJournal, "append", late)
    rollout.args |= {"weights": {"blue": 75, "green": 25}}
    rollout.stack.up()
    monkeypatch.undo()
    assert rollout.kinds() == ["deploy", "rise"], "one entry, the other's"
    rollout.users.ask(1, {"blue": 7500, "green": 2500})
    assert "soaked 1 of 24 h" in rollout.refused(weights={"blue": 50, "green": 50})


def test_a_journal_of_a_newer_sluice_stops_a_movement(rollout: Rollout) -> None:
    """Whoever knows less does not judge by it."""
    rollout.journal._client.update_item(
        TableName=TABLE,
        Key={"endpoint": {"S": "search"}, "sequence": {"N": "1"}},
        UpdateExpression="SET #schema = :newer",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":newer": {"N": "99"}},
    )
    rollout.args |= {"weights": {"blue": 100, "green": 0}}
    assert "has schema 99, and this Sluice reads up to 1; upgrade Sluice" in str(rollout.stack.preview().errors())
    assert rollout.live()["green"] == (10, 1)


def test_a_stage_in_a_freeze_waits(rollout: Rollout) -> None:
    """On the wall of its time zone; a fall does not wait."""
    rollout.users.ask(25, NORMAL)
    year = rollout.users.now().year
    freezes = {"always": {"time_zone": "Europe/Berlin", "windows": [f"{year}-01-01 - {year + 2}-01-01"]}}
    told = rollout.refused(weights={"blue": 75, "green": 25}, rollout={**TERMS, "freezes": freezes})
    assert "green 10 → 25 refused: frozen by always until" in told
    rollout.up(weights={"blue": 95, "green": 5})


def test_a_rollback_meanwhile_has_the_last_word(rollout: Rollout, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is recorded while a rise is on its way is not overruled by it."""
    rollout.users.ask(25, NORMAL)
    bring, met = LiveEndpoint._bring, []

    def meet(self: LiveEndpoint, *arguments: Any) -> Any:
        if not met:
            met.append(rollout.roll_back())
        return bring(self, *arguments)

    monkeypatch.setattr(LiveEndpoint, "_bring", meet)
    result = rollout.up(weights={"blue": 75, "green": 25})
    assert rollout.live() == {"blue": (100, 1), "green": (0, 1)}
    assert "while this went on (alarm search-green-errors)" in " ".join(it.message for it in result.diagnostics)
    assert rollout.kinds() == ["deploy", "rise", "rollback"]


def test_a_rollback_that_waits_for_the_endpoint_is_not_by_hand(rollout: Rollout) -> None:
    """It is recorded before it is live: whatever is deployed meanwhile carries it out."""
    rollout.roll_back()
    rollout.move({"blue": 90, "green": 10})
    rollout.up(tags={**rollout.args["tags"], "team": "search"})
    assert rollout.live() == {"blue": (100, 1), "green": (0, 1)}
    assert rollout.kinds() == ["deploy", "rollback"]

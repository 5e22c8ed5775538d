"""The page as people read it."""

import re
import subprocess
import sys
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sluice.review.cost import Cost
from sluice.review.declared import Declared
from sluice.review.markdown import LIMIT, MARKER, markdown
from tests.unit.review.samples import movement, reviewed, said, step, urn

RISE = movement({"blue": 90, "green": 10}, {"blue": 75, "green": 25})
HOSTILE = (
    "</details></td>|`` ``` ```` <script>alert(1)</script> [x](http://e) ![i](http://e)\n\n# Owned\n@everyone #1\x1b[0m"
)


def _bucket(name: str, **inputs: Any) -> dict[str, Any]:
    urn_ = urn("aws:s3/bucket:Bucket", name)
    return {"op": "create", "urn": urn_, "newState": {"urn": urn_, "type": "aws:s3/bucket:Bucket", "inputs": inputs}}


def _rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


def _own_tags(html: str) -> list[str]:
    """Returns the tags that no code is around."""
    return re.findall(r"<(/?[a-zA-Z][a-zA-Z0-9]*)", re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL))


def test_the_verdict_is_first() -> None:
    """After the mark by which the comment is found again."""
    text = markdown(reviewed(RISE, diagnostics=[said("error", "one\nweights green 10 → 25 refused: soaked 0 of 24 h")]))
    first, heading, _, reason = text.splitlines()[:4]
    assert first == MARKER
    assert heading == "## ❌ prod must not be deployed"
    assert "green 10 → 25 refused: soaked 0 of 24 h" in reason


def test_sections_follow_in_the_order_of_questions() -> None:
    """The resources are last, and folded."""
    text = markdown(reviewed(RISE))
    titles = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert titles == ["Traffic", "Gates", "Policies", "Cost", "Resources"]
    assert "<details><summary>1 update</summary>" in text
    assert text.endswith("</details>\n")
    assert "-    weights.green: 10\n+    weights.green: 25\n" in text
    assert "| `green` | `digits@2` | 10 % | 25 % ▲ | `█████░░░░░░░░░░░░░░░` |" in text


def test_no_changes_are_said() -> None:
    """In the verdict, and for traffic, gates and resources."""
    text = markdown(reviewed(movement({"blue": 100}, {"blue": 100})))
    assert "## ➖ prod changes nothing\n\nNo resource, no traffic and no setting changes.\n" in text
    assert "No traffic moves." in text
    assert "None changes." in text
    assert "<details>" not in text


def test_what_was_not_asked_is_not_called_kept() -> None:
    """Neither policies nor prices."""
    text = markdown(reviewed(RISE, policyViolations=None))
    assert "No policy was asked" in text
    assert "All policies hold" not in text
    assert "Not known: no policy pack" in text


def test_policies_that_a_failed_preview_did_not_reach_are_not_called_kept() -> None:
    """A preview that ends early never looks at the stack as a whole."""
    text = markdown(reviewed(RISE, diagnostics=[said("error", "broken")]))
    assert "policies over the whole stack may not have been asked" in text
    assert "All policies hold" not in text


def test_a_preview_that_only_policies_object_to_has_reached_its_end() -> None:
    """So nothing is said to be left out."""
    objection = {"policy": "kept-logs", "level": "mandatory", "message": "Logs are kept.", "urn": "a::b::c::logs"}
    text = markdown(reviewed(RISE, policyViolations=[objection], result="failed"))
    assert "Logs are kept." in text
    assert "ended early" not in text


def test_cost_is_told_with_its_difference() -> None:
    """Lines of the same kind are one row."""
    lines = [("Key", 1.0), ("Key", 1.0), ("1 x ml.m5.large for blue", 93.6)]
    text = markdown(reviewed(RISE, cost=Cost("USD", "2026-08-01", "eu-west-1", 95.6, 2.0, lines, ["ml.new"])))
    assert "93.60 USD a month more: 95.60 after, 2.00 before." in text
    assert "| `Key` | 2 | 2.00 |" in text
    assert "not in the sum: `ml.new`" in text


@pytest.mark.parametrize("count", [3_000, 30_000])
def test_a_long_diff_is_cut_and_says_so(count: int) -> None:
    """All else is there, and no block of code or fold stays open."""
    text = markdown(reviewed(RISE, *(_bucket(f"bucket-{index}", tags={"a": "b" * 99}) for index in range(count))))
    assert len(text) < LIMIT
    assert re.search(r"[\d,]+ of [\d,]+ lines are left out, for a comment is limited", text)
    assert text.count("```") == 2
    assert text.endswith("</details>\n")
    assert "### Cost" in text


def test_sections_that_do_not_fit_are_named() -> None:
    """The page stays below its limit whatever is in it."""
    long = {f"key{index}": "x" * 500 for index in range(100)}
    many = [
        {"policy": f"policy-{index}", "level": "advisory", "message": "m" * 5_000, "urn": "a::b::c::d"}
        for index in range(500)
    ]
    found = reviewed(RISE, base=Declared(long), now=Declared({}), policyViolations=many)
    text = markdown(found, limit=5_000)
    assert len(text) < 5_000
    assert "Left out, for a comment holds 5,000 characters: settings, policies" in text
    assert "green (digits@2) rises from 10 % to 25 %" in text
    assert len(markdown(found)) < LIMIT


def test_a_limit_that_holds_nothing_is_refused() -> None:
    """The verdict would not fit."""
    with pytest.raises(ValueError, match="allowed 4000 or more"):
        markdown(reviewed(RISE), limit=100)


def test_hostile_text_stays_text() -> None:
    """Wherever it comes from: no tag, link, picture, heading or fold of anybody else's is on the page."""
    endpoint = movement({"blue": 90, HOSTILE: 10}, {"blue": 75, HOSTILE: 25})
    for state in ("oldState", "newState"):
        endpoint[state]["inputs"] = {**endpoint[state]["inputs"], "name": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    found = reviewed(
        endpoint,
        _bucket(HOSTILE, **{HOSTILE: HOSTILE}),
        {**_bucket("odd"), "op": HOSTILE},
        base=Declared({HOSTILE: HOSTILE}),
        now=Declared({}, problems=(HOSTILE,)),
        cost=Cost(HOSTILE, HOSTILE, HOSTILE, 1.0, None, [(HOSTILE, 1.0)], [HOSTILE]),
        diagnostics=[said(severity, HOSTILE) for severity in ("info", "warning", "error")],
        policyViolations=[{"policy": HOSTILE, "level": HOSTILE, "message": HOSTILE, "urn": HOSTILE}],
    )
    text = markdown(found)
    assert "\x1b" not in text
    html = _rendered(text)
    tags = _own_tags(html)
    own = {"h2", "h3", "h4", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre"}
    assert {tag.strip("/") for tag in tags} <= own | {"strong"}
    assert tags.count("details") == tags.count("/details") == 1
    headings = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", html)
    assert headings[0] == "❌ prod must not be deployed"
    assert headings[1:] == ["Traffic", "Gates", "Settings of the stack", "Policies", "Cost", "Resources"]
    assert all(len(re.findall("<td", row)) in (0, 3, 5) for row in html.split("<tr>"))


@pytest.mark.parametrize("start", ["# a", "- a", "+ a", "1. a", "1) a", "> a", "=== a", "| a", "~~~ a"])
def test_nothing_begins_a_block_of_its_own(start: str) -> None:
    """A message may begin with what Markdown takes for a heading, a list or a quotation."""
    found = reviewed(RISE, diagnostics=[said("error", start, "")])
    html = _rendered(markdown(found))
    assert f"<li>{start.replace('>', '&gt;')}</li>" in html


def test_secrets_are_not_on_the_page() -> None:
    """Not even as they are encrypted."""
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "hush"}
    text = markdown(reviewed(_bucket("one", password=secret), step("same", None, None)))
    assert "hush" not in text
    assert '+     password: "[secret]"' in text


def test_the_page_takes_nothing_heavy() -> None:
    """It is made in a job that has the core alone: neither Pulumi nor statistics are loaded."""
    heavy = ("numpy", "scipy", "pyarrow", "pulumi", "pulumi_aws", "moto", "sluice_sandbox")
    script = f"import sys, sluice.review.markdown; print([it for it in {heavy} if it in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Where the evidence of a version is, beside its manifest."""

from pathlib import Path


def report_path(manifest: Path) -> Path:
    """Returns where a version's report is unless its manifest says otherwise: `v2.report.json`."""
    return manifest.with_name(f"{stem_of(manifest)}.report.json")


def scores_path(report: Path, part: str) -> Path:
    """Returns where the scores are that a report was made of: `v2.scores.parquet`, `v2.adversarial.scores.parquet`."""
    stem = report.name.removesuffix(".json").removesuffix(".report")
    return report.with_name(f"{stem}.scores.parquet" if part == "set" else f"{stem}.{part}.scores.parquet")


def stem_of(manifest: Path) -> str:
    """Returns the part of a manifest's name that its other files share: `v2`."""
    return manifest.name.removesuffix(".yaml").removesuffix(".model")

"""
Evaluates the example's versions on the holdout, and writes a report about exactly what their locks say.

    python stacks/models/digits/evaluate.py

Asks the packed inference code, as the serving container does. The same artifact gives the same report, byte for byte.
"""

import importlib.util
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from train import BUILD, HERE, Images, Labels, digest_of, split

from sluice.manifest import lock


def main() -> None:
    """Writes `<version>.report.json` beside each manifest, and says how good the version is."""
    _, (images, digits) = split()
    for manifest in sorted(HERE.glob("*.model.yaml")):
        locked = lock.read(manifest)
        name = manifest.name.removesuffix(".model.yaml")
        report = {
            "version": locked.label,
            "subject_digest": locked.subject_digest,
            "set": {"name": "digits-holdout", "digest": digest_of(images, digits), "examples": len(digits)},
            **scores(answers(BUILD / name / "model.tar.gz", images), digits),
        }
        path = manifest.with_name(f"{name}.report.json")
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"{locked.label}: accuracy {report['accuracy']} on {len(digits)} images, {path.name}\n")


def answers(archive: Path, images: Images) -> Labels:
    """Returns the digits that a packed model sees in images."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        spec = importlib.util.spec_from_file_location("packed", Path(folder) / "code" / "inference.py")
        assert spec is not None
        assert spec.loader is not None
        code: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(code)
        seen: Labels = code.predict_fn(images, code.model_fn(folder))
    return seen


def scores(seen: Labels, digits: Labels) -> dict[str, Any]:
    """Returns the share of right answers, rounded to what as many examples can tell, in all and for each digit."""
    right = seen == digits
    by_digit = {str(digit): round(float(right[digits == digit].mean()), 4) for digit in range(10)}
    return {"accuracy": round(float(right.mean()), 4), "accuracy_by_digit": by_digit}


if __name__ == "__main__":
    main()

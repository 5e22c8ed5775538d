"""
Trains the example's models on scikit-learn's digits, packs them as SageMaker wants them, and writes what was held out.

    python stacks/models/digits/train.py

Whoever runs this, wherever, gets the same bytes: pixels are whole numbers, so sums are exact; the archive has no times
and owners, and is stored, not compressed, because compressors differ between machines.
"""

import hashlib
import io
import json
import struct
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sluice.evaluation.sets import Datasheet, Example, write_set

HERE = Path(__file__).parent
BUILD = HERE / "build"
SHEET = Datasheet(
    name="digits-holdout",
    version="2",
    description="360 images of handwritten digits, 8 by 8 pixels from 0 to 16, held out of training, by digit.",
    source="scikit-learn's digits, from the UCI repository's Optical Recognition of Handwritten Digits (1998)",
    license="CC BY 4.0",
    collected="1998",
    intended_use="To evaluate the example's versions. Not for training.",
)
_BLOCK = 65535

Images: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[np.int64]
Trained: TypeAlias = tuple[KNeighborsClassifier, dict[str, Any]]
"""A model, and what it knows: the kind of model that it is, and arrays by name."""


def main() -> None:
    """Writes `build/<version>/model.tar.gz` for each version, and the set; says how good each is, and which."""
    (train_x, train_y), (test_x, test_y) = split()
    holdout = write_set(HERE / "holdout.jsonl", SHEET, questions(test_x, test_y))
    sys.stdout.write(f"training data {digest_of(train_x, train_y)}, holdout {holdout.digest}\n")
    for version, train in {"v1": nearest_centroid, "v2": nearest_neighbours, "v3": black_and_white}.items():
        model, weights = train(train_x, train_y)
        accuracy = (model.predict(test_x) == test_y).mean()
        archive = pack(weights)
        path = BUILD / version / "model.tar.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive)
        digest = hashlib.sha256(archive).hexdigest()
        sys.stdout.write(f"digits-{version}: accuracy {accuracy:.3f} on {len(test_y)} images, sha256 {digest}\n")


def split() -> tuple[tuple[Images, Labels], tuple[Images, Labels]]:
    """Returns the images and digits to train on, and those held out."""
    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data, digits.target, test_size=0.2, random_state=0, stratify=digits.target
    )
    return (train_x, train_y), (test_x, test_y)


def questions(images: Images, digits: Labels) -> Iterator[Example]:
    """Yields each image as a request, with the answer that is right; its slice is its digit."""
    for number, (image, digit) in enumerate(zip(images.astype(int).tolist(), digits.tolist(), strict=True)):
        yield Example(
            id=f"image-{number:03}",
            input={"images": [image]},
            reference={"digits": [digit]},
            slices={"digit": str(digit)},
        )


def digest_of(images: Images, labels: Labels) -> str:
    """Returns the digest of a set: one byte a pixel, 64 pixels an image, then one byte a digit."""
    return f"sha256:{hashlib.sha256(images.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()).hexdigest()}"


def nearest_centroid(images: Images, labels: Labels) -> Trained:
    """v1: each digit is its mean image."""
    # The exact mean, rounded once, and not the sum in whatever order a library adds.
    sums = np.stack([images[labels == digit].astype(np.int64).sum(axis=0) for digit in range(10)])
    points, digits = sums / np.bincount(labels)[:, None], np.arange(10)
    model = KNeighborsClassifier(n_neighbors=1).fit(points, digits)
    return model, {"kind": "nearest-centroid", "points": points, "labels": digits}


def nearest_neighbours(images: Images, labels: Labels) -> Trained:
    """v2: an image is what most of the three images most like it are."""
    model = KNeighborsClassifier(n_neighbors=3).fit(images, labels)
    return model, {"kind": "nearest-neighbours", "points": images.astype(np.uint8), "labels": labels.astype(np.int64)}


def black_and_white(images: Images, labels: Labels) -> Trained:
    """v3: the same, but learned from images without grey, as if from a cheaper scanner."""
    return nearest_neighbours(np.where(images > 4, 16.0, 0.0), labels)


def pack(weights: dict[str, Any]) -> bytes:
    """Returns `model.tar.gz`: the weights at the top, the inference code under `code/`."""
    kind = weights["kind"]
    files = {
        "model.json": json.dumps({"kind": kind}, sort_keys=True).encode(),
        "code/inference.py": (HERE / "inference.py").read_bytes(),
    }
    for name, array in weights.items():
        if name != "kind":
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            files[f"{name}.npy"] = buffer.getvalue()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(files[name]), 0o644
            tar.addfile(header, io.BytesIO(files[name]))
    return stored_gzip(packed.getvalue())


def stored_gzip(content: bytes) -> bytes:
    """Returns content as gzip without compression (RFC 1951, section 3.2.4; RFC 1952)."""
    blocks = [content[start : start + _BLOCK] for start in range(0, len(content), _BLOCK)] or [b""]
    body = b"".join(
        struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for index, block in enumerate(blocks)
    )
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return header + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


if __name__ == "__main__":
    main()

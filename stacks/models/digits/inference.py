"""
What the serving container runs: the four functions that SageMaker's Python containers look for.

Knows both kinds of model that `train.py` makes, and needs nothing but numpy.
"""

import json
from pathlib import Path

import numpy as np


def model_fn(model_dir):
    """Returns the weights: arrays by name, and the kind of model that they are."""
    folder = Path(model_dir)
    weights = {file.stem: np.load(file) for file in folder.glob("*.npy")}
    return {"kind": json.loads((folder / "model.json").read_text(encoding="utf-8"))["kind"], **weights}


def input_fn(body, content_type):
    """Returns images as rows of 64 pixels from 0 to 16. Raises ValueError for anything else."""
    if content_type != "application/json":
        raise ValueError(f"the content type is {content_type!r}; expected application/json")
    images = np.asarray(json.loads(body)["images"], dtype=np.float64)
    if images.ndim != 2 or images.shape[1] != 64:
        raise ValueError(f"images have the shape {images.shape}; expected rows of 64 pixels")
    return images


def predict_fn(images, model):
    """Returns a digit for each image."""
    points = model["points"].astype(np.float64)
    distances = ((images[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    if model["kind"] == "nearest-centroid":
        return model["labels"][distances.argmin(axis=1)]
    nearest = model["labels"][np.argsort(distances, axis=1, kind="stable")[:, :3]]
    return np.array([np.bincount(votes, minlength=10).argmax() for votes in nearest])


def output_fn(digits, accept):
    """Returns the answer as JSON."""
    return json.dumps({"digits": digits.tolist()})

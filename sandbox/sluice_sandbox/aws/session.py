"""Clients for the sandbox's AWS, which know nothing of the user's own accounts."""

import os
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

ACCOUNT = "123456789012"
ACCESS_KEY = "AKIASANDBOXSANDBOX00"
SECRET_KEY = "sandbox"


def session(region: str) -> boto3.Session:
    """Returns a session that reads no profile, no credentials and no configuration of the user's."""
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "region": ("region", None, region, None),
        }
    )
    core.register_component("data_loader", loader())
    core.set_credentials(ACCESS_KEY, SECRET_KEY)
    return boto3.Session(botocore_session=core, region_name=region)


@lru_cache(maxsize=1)
def loader() -> Loader:
    """Returns the one reader of AWS's descriptions of its services; reading one takes longer than most requests."""
    found: Loader = botocore.session.Session().get_component("data_loader")
    return found


def config() -> Config:
    """Returns the settings of clients of a server on this machine, which answers at once or not at all."""
    return Config(
        retries={"mode": "standard", "max_attempts": 2},
        connect_timeout=2,
        read_timeout=60,
        s3={"addressing_style": "path"},
    )


def client(service: Any, region: str, endpoint: str) -> Any:
    """Returns a client of one service at the sandbox's address."""
    return session(region).client(service, endpoint_url=endpoint, config=config())

"""
The sandbox for the Pulumi CLI.

The CLI looks for plugins in its home. One of the sandbox's own has an `aws` plugin that is the sandbox's provider;
never the user's home, where it would stand in for the real one.
"""

import sys
from importlib.metadata import version
from pathlib import Path
from shlex import quote

from sluice_sandbox.aws.session import ACCESS_KEY, SECRET_KEY
from sluice_sandbox.engine.secrets import PASSPHRASE_FILE, Keys, user_passphrase
from sluice_sandbox.errors import NotWritable
from sluice_sandbox.local import LocalSandbox


def exports(sandbox: LocalSandbox) -> dict[str, str]:
    """Makes the home, starts the sandbox's AWS, and returns the environment that leads the CLI there."""
    place = sandbox.place("any")
    place.prepare()
    home = sandbox.home / "pulumi"
    aws = sandbox.aws()
    _install_plugin(home, sandbox.aws_home)
    environment = {
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{sandbox.backend}",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # For Sluice's own plugin, and for whatever else looks at AWS from the same shell.
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    if user_passphrase() is None:
        kept = sandbox.home / "passphrase"
        Keys(kept).ensure()
        environment[PASSPHRASE_FILE] = str(kept)
    return environment


def _install_plugin(home: Path, aws_home: Path) -> None:
    folder = home / "plugins" / f"resource-aws-v{version('pulumi_aws')}"
    plugin = folder / "pulumi-resource-aws"
    script = (
        f'#!/bin/sh\nexec {quote(sys.executable)} -m sluice_sandbox.aws.plugin --aws-home {quote(str(aws_home))} "$@"\n'
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        plugin.write_text(script, encoding="utf-8")
        plugin.chmod(0o755)
    except OSError as error:
        raise NotWritable(f"{plugin}: cannot be written ({error.strerror}); make the folder writable") from error

"""The plugin `sluice`."""

from sluice.provider.host import main

main()

"""The evaluation of a version: contract, runner, report and comparison. Knows neither Pulumi nor the sandbox."""

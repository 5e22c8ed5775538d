"""Providers of models: what is known of what they serve (`models.yaml`), and what they list themselves."""

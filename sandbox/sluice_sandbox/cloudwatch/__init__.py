"""What CloudWatch computes: statistics, metric math, the states of alarms and what they say. No moto here."""

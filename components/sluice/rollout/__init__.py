"""How a candidate climbs: ladder, cohort statistics, gates and journal. Pure but for the journal's adapter."""

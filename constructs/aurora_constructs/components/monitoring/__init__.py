"""Recording rules, alerts and the dashboard of an environment."""

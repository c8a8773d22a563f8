"""What MLflow's migration needs before MLflow itself is synced."""

"""What an edge's proxies need before they start: their settings and their network policies."""

"""Data only: the values that pass between the stages. Nothing here reads, writes or starts anything."""

"""Data with the columns and ranges of the California housing data set, made from a seed: for tests and trials.

The values follow simple rules of our own, so a model can learn from them; they describe no real place.
"""

import csv
import io

import numpy as np

from aurora_programs.trainer.columns import FEATURES, TARGET


def sample(rows: int, seed: int, *, richer: float = 1.0) -> str:
    """Give a CSV with as many rows; `richer` multiplies the incomes, so that inputs can drift."""
    random = np.random.default_rng(seed)
    income = random.lognormal(1.2, 0.45, rows) * richer
    age = random.integers(1, 53, rows).astype(float)
    rooms = random.normal(5.4, 1.0, rows).clip(1, 20)
    bedrooms = (rooms * random.normal(0.2, 0.02, rows)).clip(0.5, 6)
    population = random.lognormal(7, 0.7, rows).round().clip(3, 35000)
    occupants = random.normal(3, 0.7, rows).clip(0.7, 15)
    latitude, longitude = random.uniform(32.5, 42, rows), random.uniform(-124.3, -114.3, rows)
    coast = np.exp(-np.abs(longitude + 0.8 * latitude + 90) / 2)
    value = 0.42 * income + 0.008 * age + 0.9 * coast - 0.15 * (occupants - 3) + random.normal(0, 0.2, rows)
    columns = (income, age, rooms, bedrooms, population, occupants, latitude, longitude, value.clip(0.15, 5))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*FEATURES, TARGET))
    writer.writerows(zip(*(np.round(column, 4).tolist() for column in columns), strict=True))
    return text.getvalue()

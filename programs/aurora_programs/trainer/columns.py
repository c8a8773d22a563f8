"""The columns of the California housing data set.

Source: scikit-learn, `sklearn.datasets.fetch_california_housing` (feature names and target name).
"""

FEATURES = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")
TARGET = "MedHouseVal"
"""The median value of a house in units of 100,000 dollars."""

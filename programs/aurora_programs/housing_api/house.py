"""What clients send: one house, or the block of houses that the data set has in a row."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


def _number(least: float, most: float, text: str) -> object:
    return Field(strict=True, allow_inf_nan=False, ge=least, le=most, description=text)


class House(BaseModel):
    """The features of a block, by the names of the data set, within bounds that hold every row of California."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    MedInc: Annotated[float, _number(0, 100, "median income in 10,000 dollars")]
    HouseAge: Annotated[float, _number(0, 200, "median age in years")]
    AveRooms: Annotated[float, _number(0, 500, "rooms a household")]
    AveBedrms: Annotated[float, _number(0, 100, "bedrooms a household")]
    Population: Annotated[float, _number(0, 100_000, "people in the block")]
    AveOccup: Annotated[float, _number(0, 5_000, "people a household")]
    Latitude: Annotated[float, _number(32, 43, "degrees north")]
    Longitude: Annotated[float, _number(-125, -114, "degrees east")]

"""A route that only reads and checks a row: what FastAPI and uvicorn cost before a model is asked."""

import sys

import uvicorn
from fastapi import FastAPI

from aurora_programs.housing_api.house import House

app = FastAPI(openapi_url=None)


@app.get("/ready")
async def ready() -> dict[str, str]:
    """Answer."""
    return {"status": "ready"}


@app.post("/predict")
async def predict(row: House) -> dict[str, float | str]:
    """Answer with a number, as the runtime does."""
    return {"prediction": row.MedInc, "model": "none", "model_version": "none"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False)

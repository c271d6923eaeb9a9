"""Where the data of a checkout lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NLU = ROOT / "data" / "rasa" / "nlu"
SENTIMENT = ROOT / "data" / "sentiment"
DOMAIN = ROOT / "domain.yml"
CATALOGUE = ROOT / "data" / "catalog" / "products.yml"

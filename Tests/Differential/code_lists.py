"""The code lists that the shipped schemas refer to, as `hanbridge schema validate` takes them."""
from city import ROOT

OPTIONS = [word for name in ("wards", "agencies") for word in ("--codelist", f"{name}@1={ROOT}/Schemas/codelists/{name}/schema.json")]

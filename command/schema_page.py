"""The JSON Schema of source manifests, for editors: `uv run python -m command.schema_page` writes it anew."""

import json
from pathlib import Path

from peoplefeed.sources.manifest import SourceManifest

PAGE = Path(__file__).parents[1] / "docs" / "source-manifest.schema.json"


def schema_page() -> str:
    """Return the schema as it belongs into docs/."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | SourceManifest.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema."""
    PAGE.write_text(schema_page(), encoding="utf-8")


if __name__ == "__main__":
    main()

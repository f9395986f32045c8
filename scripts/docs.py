"""Write the parts of docs/operate that are made from the code: `make docs`; a test says when to."""

from __future__ import annotations

import sys
from pathlib import Path

from fonoteka.settings import Settings

OPERATE = Path(__file__).parent.parent / "docs" / "operate"

SETTINGS_HEAD = """# Settings

Made by `make docs` from `settings.py`. A setting is read from `fonoteka.toml` in the data folder
(`http = "0.0.0.0:8080"`), then from the environment, then from the command line where there is an option
for it; the later wins. An unknown name in the file is an error.

| in `fonoteka.toml` | environment | default | what for |
| --- | --- | --- | --- |
"""


def settings_page() -> str:
    """docs/operate/settings.md as it should be."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default == "" else f"`{field.default}`"
        rows.append(f"| `{name}` | `FONOTEKA_{name.upper()}` | {default} | {field.description} |")
    return SETTINGS_HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (OPERATE / "settings.md").write_text(settings_page(), "utf-8")
    sys.stdout.write("docs/operate/settings.md is written\n")

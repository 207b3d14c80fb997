"""What a bundle is made of, as CycloneDX: `python packaging/sbom.py TARGET [--full]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bundle_parts as parts
import licences


def write(target: Path, *, full: bool) -> None:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    import desktop_app

    bom = Bom()
    bom.metadata.component = Component(
        name="regard",
        version=desktop_app.__version__,
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id="AGPL-3.0-or-later")],
    )
    for row in licences.collect(parts.bundled(full)):
        name, version, address = (str(row[field]) for field in ("name", "version", "address"))
        references = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(address))] if address else []
        bom.components.add(
            Component(
                name=name,
                version=version or None,
                type=ComponentType.LIBRARY,
                purl=PackageURL("pypi", name=parts.plain(name), version=version) if version else None,
                licenses=[DisjunctiveLicense(name=str(row["licence"]) or "unknown")],
                external_references=references,
            )
        )
    target.write_text(JsonV1Dot6(bom).output_as_string(indent=1), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(parts.ROOT))
    write(options.target, full=options.full)
    return 0


if __name__ == "__main__":
    sys.exit(main())

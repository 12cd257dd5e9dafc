"""The chain of hashes over a statement's lines: changing, adding or dropping a line breaks it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import LineOut, Traced

START = "0" * 64


def trace_digest(traces: Iterable[Traced]) -> str:
    """Return the digest of the source rows of a line, in the order in which they were applied."""
    return hashlib.sha256(trace_text(traces).encode()).hexdigest()


def trace_text(traces: Iterable[Traced]) -> str:
    """Return what that digest is taken of."""
    return "".join([f"{key}|{amount!s}|{rate!s}|{value!s}\n" for key, amount, rate, value in traces])


def line_hash(previous: str, content: Mapping[str, Any]) -> str:
    """Return the hash of a line that follows ``previous``."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def line_content(
    line: LineOut, *, payee: int, period: str, version: str, digest: str, currency: str = ""
) -> dict[str, Any]:
    """Return what the hash of a line covers; the currency is said when it is not the company's."""
    content: dict[str, Any] = {
        "payee": payee,
        "period": period,
        "window": line.window,
        "component": line.component,
        "kind": line.kind,
        "version": version,
        "basis": text(line.basis),
        "raw": text(line.raw),
        "rounded": text(line.rounded),
        "steps": list(line.steps),
        "trace": digest,
    }
    return {**content, "currency": currency} if currency else content


def document_hash(document: Mapping[str, Any]) -> str:
    """Return the hash by which a plan version is known."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()

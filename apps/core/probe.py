"""``python -m apps.core.probe URL``: exit 0 when the address answers 200. For health checks in containers."""

import sys
import urllib.error
import urllib.request


def main(address: str) -> int:
    """Return 0 for an answer of 200, else 1."""
    request = urllib.request.Request(address, headers={"X-Forwarded-Proto": "https"})  # noqa: S310  # our own address
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  # our own address
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

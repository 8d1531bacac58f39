"""``python -m outreach.web``: serves the pages; ``outreach serve`` starts it with everything set."""

from __future__ import annotations

import sys

from outreach.web.serving import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

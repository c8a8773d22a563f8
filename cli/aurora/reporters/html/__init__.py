"""The HTML pages: self-contained files that open with no network. `page` renders; each other module is one page."""

"""Sphinx's settings for the site. `make docs` builds it; the source folder is the project's root.

So every link between documents, notebooks, chapters and results works on GitHub and in the site.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab import __version__  # noqa: E402

project = "Transport Lab"
author = "Transport Lab maintainers"
copyright = "Transport Lab maintainers, MIT licence"  # noqa: A001 - Sphinx's name
release = version = __version__
language = "en"

root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/*/*.md",
    "notebooks/*.ipynb",
    "notebooks/*.md",
    "course/**README.md",
    "course/class/*.md",
    "results/README.md",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
exclude_patterns = [
    "**.ko.md",  # a page's Korean version takes the page's place in the Korean site
    "**.ko.ipynb",
    "docs/upstream",
    ".*",
    "**/node_modules",
    "**/__pycache__",
    "build",
    "dist",
    "lab",
    "tests",
    "transports",
    "web",
]

extensions = ["myst_nb", "docs.extension"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 4
myst_linkify_fuzzy_links = False
nb_execution_mode = "off"
# A committed output may have widgets: the site shows what needs no script.
nb_mime_priority_overrides = [("html", "image/png", 0), ("html", "text/html", 10)]
nb_merge_streams = True


html_theme = "furo"
html_title = "Transport Lab"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "language.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
templates_path = ["templates"]
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a widget has a text beside it
]

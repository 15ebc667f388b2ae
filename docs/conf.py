"""How Sphinx builds the documentation: `python -m sphinx -W -n docs docs/_build/html`."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "negotiation"
author = "the negotiation contributors"
release = metadata.version("negotiation")
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "directives"]
exclude_patterns = ["_build", "generated"]
default_role = "code"
nitpicky = True
nitpick_ignore = [  # what other projects document
    ("py:class", "contextlib.AbstractContextManager"),
    ("py:class", "hypothesis._settings.settings"),
    ("py:class", "hypothesis.strategies.SearchStrategy"),
    ("py:class", "random.Random"),
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_type_aliases = {name: name for name in ("AnyEvent", "Event", "Json", "Source")}
napoleon_use_ivar = True
maximum_signature_line_length = 90
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "negotiation"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False

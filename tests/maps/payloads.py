"""Texts that try to come to life in HTML, scripts, templates or spreadsheets, as a name in an imported file might."""

from __future__ import annotations

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "${window.pwned=1}",
    "`;window.pwned=1;`",
    "\\`+(window.pwned=1)+\\`",
    '"><img src=x onerror=window.pwned=1>',
    "'><svg onload=window.pwned=1>",
    "\u2028window.pwned=1\u2029//",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e",
    "{{7*7}}{% include 'map_page.js' %}",
    "{0.__class__}{stamp}%(x)s",
    "<!--<script>",
    '<a href="https://example.com/">link</a>',
    "</style><style>*{display:none}</style>",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    '"},window.pwned=1,{"',
    '<base href="https://example.com/">',
    "</textarea></title></noscript><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "<meta http-equiv=refresh content='0;url=https://example.com/'>",
    "\x00<scr\x00ipt>window.pwned=1</script>\u202e",
    "&#36;{window.pwned=1}&#96;",
    "L.AwesomeMarkers.icon() bootstrap jQuery.get",
    "jQuery('<b>')+$('<b>')https://example.com",
)

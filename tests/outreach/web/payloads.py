"""Sixty texts that try to come to life on a page, as a name or a note might hold them."""

from __future__ import annotations

from tests.maps.payloads import PAYLOADS as ON_MAPS

MORE = (
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<body onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<video><source onerror=window.pwned=1>",
    "<object data=javascript:window.pwned=1>",
    "<embed src=javascript:window.pwned=1>",
    "<math><mtext></mtext><script>window.pwned=1</script></math>",
    "<a href=javascript:window.pwned=1>x</a>",
    "' onmouseover='window.pwned=1",
    '" autofocus onfocus="window.pwned=1',
    "x onmouseover=window.pwned=1",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title='</noscript><script>window.pwned=1</script>'>",
    "<xmp><script>window.pwned=1</script></xmp>",
    "<style>@import 'https://example.com/x.css';</style>",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<form action=https://example.com/><input name=token>",
    "<button formaction=javascript:window.pwned=1>x</button>",
    "${`${window.pwned=1}`}",
    "#{window.pwned=1}",
    "<%= window.pwned=1 %>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "{% raw %}<script>window.pwned=1</script>{% endraw %}",
    "\\x3cscript\\x3ewindow.pwned=1\\x3c/script\\x3e",
    "\u2028</script><script>window.pwned=1</script>",
    "＜script＞window.pwned=1＜/script＞",
    "%3Cscript%3Ewindow.pwned%3D1%3C/script%3E",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "]]><script>window.pwned=1</script>",
    "-->\n<script>window.pwned=1</script>",
    "data:text/html,<script>parent.pwned=1</script>",
)

PAYLOADS = tuple(payload.replace("\x00", "") for payload in (*ON_MAPS, *MORE))
assert len(PAYLOADS) == 60

"""Puts the page together. usage: page.py VERSION VERIFY.html VERIFY.css VERIFY.js MODULE.wasm OUT.html

Script and style stand in the page, and only these may run: their hashes are in its policy."""
import base64, hashlib, sys

version, html, css, js, module, out = sys.argv[1:]


def text(path):
	with open(path, encoding='utf-8') as f:
		return f.read()


def policy(of):
	return "'sha256-%s'" % base64.b64encode(hashlib.sha256(of.encode()).digest()).decode()


style, script = text(css), '\n' + text(js)
assert '</script' not in script and '<!--' not in script and '</style' not in style
with open(module, 'rb') as f:
	code = base64.b64encode(f.read()).decode()
page = text(html)
for name, value in (('SCRIPT_HASH', policy(script)), ('STYLE_HASH', policy(style)), ('STYLE', style),
                    ('VERSION', version), ('MODULE', code), ('SCRIPT', script)):
	assert page.count('@%s@' % name) == 1, name
	page = page.replace('@%s@' % name, value)
with open(out, 'w', encoding='utf-8', newline='\n') as f:
	f.write(page)

'use strict';
/*
 * The page around the module. The module (src/verify/wasm.c) says what `rescind-verify` says; the page
 * gives it a file and two texts, answers its one question, "does this Ed25519 signature hold?",
 * with WebCrypto, and shows what it said. Nothing is sent anywhere: the page may not (see its
 * Content-Security-Policy) and has no address to send it to.
 */

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const QUESTIONS_MAX = 4096;
const WRONG = 0, HOLDS = 1, UNCHECKED = 2;

/* ---- signatures ---- */

const fromHex = (text) => Uint8Array.from(text.match(/../g), (two) => parseInt(two, 16));

/* RFC 8032, 7.1, test 2. */
const known = {
	key: fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
	message: fromHex('72'),
	signature: fromHex('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
		'085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'),
};

async function browserSays(question) {
	const key = await crypto.subtle.importKey('raw', question.key, 'Ed25519', false, ['verify']);
	return crypto.subtle.verify('Ed25519', key, question.signature, question.message);
}

/* It must find the known signature good, and a changed one bad. */
async function browserCan() {
	try {
		const changed = { ...known, message: fromHex('73') };
		return await browserSays(known) === true && await browserSays(changed) === false;
	} catch {
		return false;
	}
}

async function judge(question, can) {
	if (!can)
		return UNCHECKED;
	try {
		return await browserSays(question) === true ? HOLDS : WRONG;
	} catch {
		return WRONG; /* the key is no point of the curve */
	}
}

const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const sameQuestion = (a, b) => same(a.signature, b.signature) && same(a.key, b.key) &&
	same(a.message, b.message);

/* ---- the module ---- */

function run(module, bytes, key, order, signature) {
	let memory;
	const copy = (at, length) => new Uint8Array(memory.buffer, at, length).slice();
	const imports = {
		page: {
			signature: (signatureAt, keyAt, messageAt, length) => signature({
				signature: copy(signatureAt >>> 0, 64),
				key: copy(keyAt >>> 0, 32),
				message: copy(messageAt >>> 0, length >>> 0),
			}),
		},
	};
	const calls = new WebAssembly.Instance(module, imports).exports;
	memory = calls.memory;
	const give = (data) => {
		const at = calls.room(data.length) >>> 0;
		if (at === 0)
			throw new Error('out of memory');
		new Uint8Array(memory.buffer, at, data.length).set(data);
		return at;
	};
	const text = (words) => give(new TextEncoder().encode(words + '\0'));
	const file = give(bytes);
	const at = calls.answer(file, bytes.length, text(key), text(order)) >>> 0;
	if (at === 0)
		throw new Error('out of memory');
	const all = new Uint8Array(memory.buffer);
	return JSON.parse(new TextDecoder().decode(all.slice(at, all.indexOf(0, at))));
}

/*
 * The module cannot wait for WebCrypto. So it is run once with every signature taken as good, only to
 * hear which ones it asks for; that answer is thrown away. These are checked, and it is run again.
 * Only an answer for which every signature had been checked before is shown.
 */
async function check(module, bytes, key, order) {
	const can = await browserCan(), judged = [];
	for (;;) {
		const asked = [];
		const answer = run(module, bytes, key, order, (question) => {
			const found = judged.find((one) => sameQuestion(one, question));
			if (found)
				return found.says;
			if (!asked.some((one) => sameQuestion(one, question)))
				asked.push(question);
			if (judged.length + asked.length > QUESTIONS_MAX)
				throw new Error('more than ' + QUESTIONS_MAX + ' signatures');
			return HOLDS;
		});
		if (asked.length === 0)
			return { answer, can, signatures: judged.length };
		for (const question of asked) {
			question.says = await judge(question, can);
			judged.push(question);
		}
	}
}

/* ---- the page ---- */

const part = (id) => document.getElementById(id);

/* Text of others, without what hides or turns it. */
const plain = (text) => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
	(c) => '\\u{' + c.codePointAt(0).toString(16) + '}');

function element(name, text, className) {
	const e = document.createElement(name);
	e.textContent = plain(text);
	if (className)
		e.className = className;
	return e;
}

function showVerdict(word, className, words) {
	const verdict = part('verdict');
	verdict.replaceChildren(element('strong', word), element('span', words));
	verdict.className = className;
}

function showList(title, list) {
	const rows = document.createElement('ul');
	for (const words of list.length > 0 ? list : ['nothing'])
		rows.append(element('li', words));
	part('lists').append(element('h2', title), rows);
}

function showChecks(checks) {
	for (const one of checks) {
		const row = document.createElement('tr');
		row.append(element('td', one.ok ? 'ok' : 'NOT OK', one.ok ? 'good' : 'bad'),
			element('td', one.name), element('td', one.detail));
		part('checks').append(row);
	}
}

function clear() {
	part('checks').replaceChildren();
	part('lists').replaceChildren();
	part('found').hidden = true;
	showVerdict('', '', '');
}

function show(name, key, order, { answer, can, signatures }) {
	const pinned = key ? 'held against the key ' + key : 'no key was given, so nothing is believed';
	const demand = order ? ', for the demand ' + order : '';
	if (answer.error)
		return showVerdict('Not checked', 'open', answer.error);
	if (!can && signatures > 0)
		showVerdict('Not decided', 'open', name + ': this browser cannot check Ed25519 ' +
			'signatures. Take a newer one, or rescind-verify.');
	else
		showVerdict(answer.valid ? 'valid' : 'NOT VALID', answer.valid ? 'good' : 'bad',
			name + ', ' + pinned + demand);
	showChecks(answer.checks);
	showList('Signed by others', answer.signed_by_others);
	showList('Asserted by the operator', answer.asserted);
	showList('Not covered', answer.not_covered);
	part('found').hidden = false;
}

let file = null, latest = 0, module = null;

function bytesOfModule() {
	const text = atob(part('module').textContent.trim());
	return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

async function look() {
	const mine = ++latest, key = part('key').value.trim(), order = part('order').value.trim();
	clear();
	if (!file)
		return;
	const name = file.name;
	if (file.size > FILE_BYTES_MAX)
		return showVerdict('NOT VALID', 'bad', name + ' has more than 64 MB: it is no certificate');
	showVerdict('Checking', 'open', name);
	try {
		const bytes = new Uint8Array(await file.arrayBuffer());
		module = module || await WebAssembly.compile(bytesOfModule());
		const result = await check(module, bytes, key, order);
		if (mine === latest) {
			clear();
			show(name, key, order, result);
		}
	} catch (error) {
		if (mine === latest)
			showVerdict('Not checked', 'open', name + ': ' + error.message);
	}
	if (mine === latest)
		document.body.dataset.done = String(Number(document.body.dataset.done || 0) + 1);
}

function takeFile(list) {
	file = list.length > 0 ? list[0] : null;
	look();
}

/* So that a file which is chosen again, maybe with other bytes, is looked at again. */
part('file').addEventListener('click', (event) => { event.target.value = ''; });
part('file').addEventListener('change', (event) => takeFile(event.target.files));
part('key').addEventListener('input', look);
part('order').addEventListener('input', look);
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
	event.preventDefault();
	part('file').files = event.dataTransfer.files;
	takeFile(event.dataTransfer.files);
});

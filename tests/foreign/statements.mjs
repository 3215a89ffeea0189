// Statements read by others: sigstore's own verifier over our envelopes, each wrapped as a bundle of
// version 0.3 with a plain public key. usage: statements.mjs VKEY OTHER-VKEY FILE..: a line for each check.
// It asks for a certificate, a log entry and a time stamp unless the thresholds are 0, as here: what it
// says is that the bundle is one, that the envelope in it is one, and that the signature is by this key.
import { readFileSync } from 'node:fs'
import { createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'

const load = createRequire(process.env.NODE_MODULES + '/')
const { bundleFromJSON } = load('@sigstore/bundle')
const { Verifier, toSignedEntity, toTrustMaterial } = load('@sigstore/verify')

const said = (name, good, why = '') => console.log(good ? `ok ${name}` : `not ok ${name}: ${why}`)

// SubjectPublicKeyInfo of an Ed25519 key is these 12 bytes and the key.
function spkiOf(vkey) {
	const key = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64')
	if (key.length !== 33 || key[0] !== 1) throw new Error('no Ed25519 vkey')
	const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)])
	return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ format: 'der', type: 'spki' })
}

// What it says of an envelope: nothing is good.
function against(envelope, vkey) {
	const hint = 'log'
	const bundle = {
		mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
		verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
		dsseEnvelope: envelope,
	}
	const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] }
	try {
		const trust = toTrustMaterial(none, { [hint]: { rawBytes: spkiOf(vkey) } })
		const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
		verifier.verify(toSignedEntity(bundleFromJSON(bundle)))
		return ''
	} catch (e) {
		if (!['VerificationError', 'ValidationError', 'PolicyError'].includes(e.constructor.name)) throw e
		return e.message || e.constructor.name
	}
}

const flipped = (text, i) => {
	const bytes = Buffer.from(text, 'base64')
	bytes[Math.floor((bytes.length - 1) * i / 11)] ^= 1
	return bytes.toString('base64')
}
function* changed(envelope) {
	const [signature] = envelope.signatures
	for (let i = 0; i < 12; i++) {
		yield [`payload ${i}`, { ...envelope, payload: flipped(envelope.payload, i) }]
		yield [`signature ${i}`, { ...envelope, signatures: [{ ...signature, sig: flipped(signature.sig, i) }] }]
	}
	yield ['type', { ...envelope, payloadType: envelope.payloadType + ' ' }]
	yield ['none', { ...envelope, signatures: [] }]
	yield ['two', { ...envelope, signatures: [signature, signature] }]
}

const [vkey, otherVkey, ...files] = process.argv.slice(2)
for (const file of files) {
	const envelope = JSON.parse(readFileSync(file, 'utf8'))
	const why = against(envelope, vkey)
	said(`@sigstore/verify verifies ${file} as a bundle`, why === '', why)
	said('and not by another key', against(envelope, otherVkey) !== '')
	const taken = [...changed(envelope)].filter(([, other]) => against(other, vkey) === '').map(([what]) => what)
	said('nor what was changed in it', taken.length === 0, taken)
}

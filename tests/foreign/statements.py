# Statements read by others: securesystemslib checks the envelope, in_toto_attestation reads the statement.
# usage: statements.py VKEY OTHER-VKEY FILE..: a line for each check, as tests/lib.sh says it
import base64, copy, json, sys

from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

TYPE = 'application/vnd.in-toto+json'
REFUSED = (VerificationError, ValueError, KeyError)


def said(name, good, why=''):
    print('ok ' + name if good else 'not ok %s: %s' % (name, why))


def key_of(vkey, keyid):
    public = base64.b64decode(vkey.split('+', 2)[2])
    assert public[0] == 1 and len(public) == 33
    return SSlibKey(keyid, 'ed25519', 'ed25519', {'public': public[1:].hex()})


# What this library says of an envelope (its from_dict writes into what it is given).
def holds(envelope, vkey):
    keyid = envelope['signatures'][0]['keyid'] if envelope['signatures'] else 'none'
    try:
        Envelope.from_dict(copy.deepcopy(envelope)).verify([key_of(vkey, keyid)], 1)
    except REFUSED:
        return False
    return True


# Copies that differ in one bit of the body, of the signature, in the type; or have no signature.
def changed(envelope):
    for path in (['payload'], ['signatures', 0, 'sig']):
        for i in range(12):
            other = copy.deepcopy(envelope)
            at = other
            for step in path[:-1]:
                at = at[step]
            data = bytearray(base64.b64decode(at[path[-1]]))
            data[(len(data) - 1) * i // 11] ^= 1
            at[path[-1]] = base64.b64encode(data).decode()
            yield '%s, byte %d of 12' % (path[-1], i), other
    yield 'type', dict(envelope, payloadType=TYPE + ' ')
    yield 'none', dict(envelope, signatures=[])


def statement(envelope):
    s = Statement.copy_from_pb(json_format.Parse(base64.b64decode(envelope['payload']), statement_pb2.Statement()))
    s.validate()
    for subject in s.pb.subject:
        ResourceDescriptor.copy_from_pb(subject).validate()
        for algorithm, digest in subject.digest.items():
            assert len(bytes.fromhex(digest)) * 8 == int(algorithm.removeprefix('sha')), algorithm
            assert digest == digest.lower()
    assert s.pb.predicate_type.startswith('urn:rescind:'), s.pb.predicate_type
    return s


def look(name, vkey, other_vkey):
    envelope = json.load(open(name))
    said('securesystemslib verifies ' + name, holds(envelope, vkey))
    said('and not by another key', not holds(envelope, other_vkey))
    taken = [what for what, other in changed(envelope) if holds(other, vkey)]
    said('nor what was changed in it', not taken, taken)
    said('its type is that of in-toto', envelope['payloadType'] == TYPE, envelope['payloadType'])
    try:
        s = statement(envelope)
        said('in_toto_attestation reads %s, %d subjects' % (s.pb.predicate_type, len(s.pb.subject)), True)
    except (ValueError, AssertionError, json_format.ParseError) as e:
        said('in_toto_attestation reads ' + name, False, e)


for name in sys.argv[3:]:
    look(name, sys.argv[1], sys.argv[2])

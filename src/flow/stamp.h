/*
 * stamp: a time stamp from an authority on the network (RFC 3161 over HTTP). The authority is
 * sent the SHA-512 of the data and nothing else of it.
 */
#ifndef FLOW_STAMP_H
#define FLOW_STAMP_H

#include "crypto/stamp.h"

enum { FLOW_STAMP_MS = 10 * 1000 }; /* for the whole question */

/* Ask for a stamp of the data; append the token (DER) to `token`, the certificates in it (PEM) to
 * `chain`, and say in *ret what it says. The token's signature holds by its own certificate: whether
 * that leads to somebody believed is asked of stamp_check with roots. Errors: E_USAGE, no URL of http
 * or https; E_IO, nobody answered in time, or with another status than 200; E_DENIED, the authority
 * refused, with its words; E_MISMATCH, a token for other data or another question, or one that does
 * not hold; E_FORMAT, something else than a time stamp; E_RANGE, an answer too large. */
must_use int flow_stamp(const char *url, const void *data, size_t len_bytes, struct buf *token,
			struct buf *chain, struct stamp *ret, struct error *e);

#endif

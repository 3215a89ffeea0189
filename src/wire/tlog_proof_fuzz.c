/* A proof: what is read is written as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "wire/tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(tlog_proof) *p = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (tlog_proof_parse(&p, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, len, &e) < 0 ||
	    tlog_proof_put(b, p->extra, p->index, &p->path, p->note, p->note_len, &e) < 0)
		abort();
	if (b->len != len || memcmp(b->data, bytes, len) != 0)
		abort();
	return 0;
}

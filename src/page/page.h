/*
 * page: a statement as a page for people, made from its bytes alone: it is verified on the way, and
 * says so when it does not hold. A page loads nothing and runs nothing; no text from outside becomes markup.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "base/buf.h"

/* Appended to out. E_FORMAT: the bytes cannot be read as a statement of that kind, and out is as it was. */
must_use int certificate_html(const void *bytes, size_t len_bytes, struct buf *out,
			      struct error *e);
must_use int attestation_html(const void *bytes, size_t len_bytes, struct buf *out,
			      struct error *e);
must_use int receipt_html(const void *bytes, size_t len_bytes, struct buf *out, struct error *e);

#endif

/* Whatever is read, the checks end, and the whole of it is made again as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "proof/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void again(const struct archive *a, const uint8_t *bytes, size_t len)
{
	scoped(archive_draft) *d = NULL;
	struct error e = { 0 };

	if (archive_draft_create(&d, &e) < 0 || archive_put_all(d, a, &e) < 0 ||
	    ustar_end(d->bytes, &e) < 0)
		abort();
	if (d->bytes->len != len || memcmp(d->bytes->data, bytes, len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct archive_pins pins = { 0 };
	scoped(archive) *a = NULL;
	scoped(verdict) *v = NULL;
	struct error e = { 0 };

	if (len > 1 << 20)
		return 0;
	if (archive_read(&a, bytes, len, &e) == 0)
		again(a, bytes, len);
	error_clear(&e);
	if (archive_verify(&v, bytes, len, &pins, &e) < 0 || v->valid)
		abort();
	return 0;
}

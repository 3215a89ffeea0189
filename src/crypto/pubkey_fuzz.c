/* A public key in PEM or DER: what is read is the same when read again; nothing that was made up is a
 * signature by it. */
#include <stdlib.h>

#include "crypto/pubkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct error e = { 0 };
	struct pubkey k, again;

	if (pubkey_parse_pem(&k, bytes, len, &e) < 0 && pubkey_parse(&k, bytes, len, &e) < 0)
		return 0;
	error_clear(&e);
	if (pubkey_parse(&again, k.der, k.len, &e) < 0 || !pubkey_equal(&k, &again))
		abort();
	if (pubkey_check(&k, bytes, len, "message", 7, &e) != E_MISMATCH)
		abort();
	return 0;
}

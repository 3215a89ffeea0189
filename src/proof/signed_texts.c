/* What keys sign beside heads and statements: used by who signs and by who checks. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/certificate.h"

size_t origin_base(const char *origin, uint64_t *ret_number)
{
	const char *tilde = strchr(origin, '~'), *at = tilde ? strchr(tilde, '@') : NULL;
	uint64_t begin;

	*ret_number = tilde ? 0 : 1;
	if (!at || tilde == origin || at != tilde + 2 || tilde[1] < '2' || tilde[1] > '0' + SUCCESSORS_MAX ||
	    number_parse(&begin, at + 1, strlen(at + 1), NULL) < 0)
		return strlen(origin);
	*ret_number = (uint64_t)(tilde[1] - '0');
	return (size_t)(tilde - origin);
}

int origin_put(struct buf *b, const char *origin, uint64_t number, uint64_t begin, struct error *e)
{
	uint64_t n;
	int len = (int)origin_base(origin, &n);

	return number < 2 ? buf_printf(b, e, "%.*s", len, origin) :
			    buf_printf(b, e, "%.*s~%" PRIu64 "@%" PRIu64, len, origin, number, begin);
}

int certificate_approval_text(struct buf *b, const char *origin, const struct approved *what,
			      struct error *e)
{
	uint64_t n;

	return buf_printf(b, e, "rescind/approval/v1\n%.*s\n%s\n%s\n%s\n%s\n",
			  (int)origin_base(origin, &n), origin, hash_hex(&what->demand).s,
			  hash_hex(&what->plan).s, hash_hex(&what->order_leaf).s,
			  hash_hex(&what->plan_leaf).s);
}

int certificate_reproduced_text(struct buf *b, const char *origin, const struct hash *model_leaf,
				struct error *e)
{
	uint64_t n;

	return buf_printf(b, e, "rescind/reproduced/v1\n%.*s\n%s\n", (int)origin_base(origin, &n),
			  origin, hash_hex(model_leaf).s);
}

int successor_text(struct buf *b, const char *origin, uint64_t number, uint64_t before,
		   const struct succeeded *what, struct error *e)
{
	char key[2 * SIGN_PUBLIC_LEN + 1];

	if (buf_printf(b, e, "rescind/successor/v1\n") < 0 || origin_put(b, origin, number - 1, before, e) < 0 ||
	    buf_printf(b, e, "\n") < 0 || origin_put(b, origin, number, what->size, e) < 0)
		return e->code;
	return buf_printf(b, e, "\n%s\n%" PRIu64 "\n%s\n%" PRIu64 "\n%s\n%" PRIu64 "\n%s\n%" PRIu64 "\n%d\n",
			  hex_encode(key, what->key, SIGN_PUBLIC_LEN), what->size,
			  hash_hex(&what->root).s, what->records, hash_hex(&what->records_root).s,
			  what->lost, hash_hex(&what->lost_root).s, what->lost_records, what->keys);
}

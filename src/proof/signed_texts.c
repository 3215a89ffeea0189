/* What the keys of persons sign: used by who signs and by who checks. */
#include "proof/certificate.h"

int certificate_approval_text(struct buf *b, const char *origin, const struct approved *what,
			      struct error *e)
{
	return buf_printf(b, e, "rescind/approval/v1\n%s\n%s\n%s\n%s\n%s\n", origin,
			  hash_hex(&what->demand).s, hash_hex(&what->plan).s,
			  hash_hex(&what->order_leaf).s, hash_hex(&what->plan_leaf).s);
}

int certificate_reproduced_text(struct buf *b, const char *origin, const struct hash *model_leaf,
				struct error *e)
{
	return buf_printf(b, e, "rescind/reproduced/v1\n%s\n%s\n", origin,
			  hash_hex(model_leaf).s);
}

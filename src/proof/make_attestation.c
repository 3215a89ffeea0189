#include "proof/attestation.h"
#include "proof/making.h"

int attestation_make(struct certificate_draft *d, const struct attestation_words *w,
		     const uint8_t seed[SIGN_SEED_LEN], tree_reader *read, void *ctx,
		     struct buf *out, struct error *e)
{
	const struct making_words words = MAKING_WORDS(w);
	struct making m = { d, ATTESTATION_TYPE, &words, read, ctx, .own = NULL };
	struct error own = { 0 };

	if (making_begin(&m, seed, &own) == 0) {
		add_subject(m.subject, "checkpoint", w->digest, &own);
		json_set_number(m.own, "model", w->model, &own);
		set_positions(m.own, "absent", w->absent, &own);
		json_set_new(m.own, "sets", sets_json(d, &own), &own);
		json_set_new(m.own, "containers", containers_json(d, &own), &own);
		(void)!making_end(&m, seed, out, &own);
	}
	making_done(&m);
	return own.code ? error_set(e, own.code, "attestation: %s", own.text) : 0;
}

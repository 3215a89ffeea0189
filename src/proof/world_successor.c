#include "proof/world_successor.h"

#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;

/* So many records that nothing is known of. */
static void add_lost(struct world *w, uint64_t count, enum said said)
{
	json_t *source, *o;

	if (said == NO_BATCH || said == OF_OLDER)
		return;
	source = json_object();
	o = json_object();
	json_set_text(source, "source", "00000000000000aa", &e);
	world_fact(w, "source", source,
		   WORLD_PART("name", "lost-2", "kind", "public", "people", "none", "controller",
			      "nobody"));
	if (said == LATE_BATCH)
		world_fact(w, "grant", json_object(), WORLD_PART("id", "g3"));
	count += said == LONG_BATCH;
	json_set_number(o, "first", w->record_count, &e);
	for (uint64_t i = 0; i < count; i++)
		tree_leaf(&w->records[w->record_count++], &i, sizeof(i));
	json_set_number(o, "last", w->record_count - 1, &e);
	json_set_text(o, "source", "00000000000000aa", &e);
	json_set_text(o, "transfer", "", &e);
	json_set_new(o, "records", world_records(w, w->record_count), &e);
	world_fact(w, "batch", o,
		   WORLD_PART("id", "b9", "source", "lost-2", "transfer", "", "terms", "0", "use",
			      "", "origin", "", "counts", "{}"));
}

/* Lies are in what is signed, or beside it. */
void world_successor(struct world *w, uint8_t old, uint8_t new, uint64_t number, enum said said)
{
	static uint64_t last;
	uint64_t before = number > 2 && last < w->count ? last : 0;
	uint8_t old_seed[SIGN_SEED_LEN], new_seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN],
		signature[SIGN_LEN];
	struct succeeded what = { .size = w->count,
				  .records = w->record_count,
				  .lost = w->count + 7,
				  .lost_records = 3,
				  .keys = true };
	json_t *o = json_object(), *slots = json_pack("[i,i]", said == SLOTS_TURNED ? 10 : 5, 9);
	char hex[2 * SIGN_LEN + 1];
	scoped(buf) *text = NULL;

	memset(old_seed, said == OTHER_SIGNER ? new : old, sizeof(old_seed));
	memset(new_seed, said == OTHER_NEW_KEY ? 77 : new, sizeof(new_seed));
	what.records -= said == OF_OLDER ? 10 : 0;
	tree_root(&what.root, w->leaves, w->count);
	tree_root(&what.records_root, w->records, what.records);
	what.root.b[0] ^= said == OTHER_ROOT;
	if (said == NOT_MORE_LOST)
		what.lost = what.size;
	check_ok(sign_public(what.key, new_seed, &e));
	check_ok(buf_create(&text, 512, &e));
	check_ok(successor_text(text, said == OTHER_ORIGIN ? "example.com/log" : w->origin,
				number + (said == OTHER_NUMBER), before, &what, &e));
	check_ok(sign_make(signature, old_seed, text->data, text->len, &e));
	memset(old_seed, old, sizeof(old_seed));
	check_ok(sign_public(key, old_seed, &e));
	json_set_number(o, "before", said == OTHER_BEFORE ? (before ? 0 : 5) : before, &e);
	json_set_text(o, "key", hex_encode(hex, key, sizeof(key)), &e);
	json_set_text(o, "signature", hex_encode(hex, signature, sizeof(signature)), &e);
	json_set_hash(o, "root", &what.root, &e);
	json_set_new(o, "records", world_records(w, what.records - (said == OTHER_RECORDS)), &e);
	json_set_number(o, "lost", what.lost + (said == OTHER_LOST), &e);
	what.lost_root.b[3] ^= said == OTHER_LOST_ROOT;
	json_set_hash(o, "lost_root", &what.lost_root, &e);
	json_set_number(o, "lost_records", what.lost_records + (said == OTHER_LOST_RECORDS), &e);
	json_set_bool(o, "keys", said != OTHER_KEYS, &e);
	if (said == SLOT_TEXT)
		json_array_append_new(slots, json_string("10"));
	json_set_new(o, "slots", slots, &e);
	if (said == MEMBER_MORE)
		json_set_text(o, "reason", "fire", &e);
	check_ok(e.code);
	last = w->count;
	world_fact(w, "successor", o, WORLD_PART("reason", "the disk"));
	add_lost(w, what.lost_records, said);
}

#include "repo/by_hand.h"

#include <stdio.h>

#include "base/test.h"
#include "base/text.h"
#include "set/container.h"
#include "wire/json.h"

static struct error e;

void hand_begin(struct by_hand *h)
{
	char path[PATH_LEN_MAX];

	error_clear(&e);
	memset(h, 0, sizeof(*h));
	memset(h->r.tag_key, 7, sizeof(h->r.tag_key));
	h->r.lock_fd = -1;
	h->r.at_utc_ms = (uint64_t)HAND_NOW * 1000;
	snprintf(path, sizeof(path), "%s/catalog.db", test_folder());
	check_ok(catalog_open(&h->r.catalog, path, true, &e));
	check_ok(catalog_begin(h->r.catalog, &e));
}

void hand_commit(struct by_hand *h)
{
	check_ok(catalog_commit(h->r.catalog, &e));
}

void hand_again(struct by_hand *h)
{
	check_ok(catalog_begin(h->r.catalog, &e));
}

void hand_end(struct by_hand *h)
{
	catalog_close(h->r.catalog);
}

uint64_t hand_day(int day)
{
	return day == 0 ? TIME_NONE : (uint64_t)(HAND_NOW + day * 86400L) * 1000;
}

static json_t *body_make(void)
{
	json_t *body = json_object_make(&e);

	check(body != NULL);
	return body;
}

static void set_period(json_t *body, int from, int until)
{
	if (from)
		json_set_number(body, "from", hand_day(from), &e);
	if (until)
		json_set_number(body, "until", hand_day(until), &e);
}

static void set_text(json_t *body, const char *key, const char *value)
{
	if (value)
		json_set_text(body, key, value, &e);
}

/* Puts t under the next id, which it returns; takes body. prefix: its name is that and the id. */
static uint64_t put(struct by_hand *h, struct catalog_thing t, const char *prefix, json_t *body)
{
	scoped_json *taken = body;
	scoped(buf) *text = NULL;
	char name[32];

	check_ok(e.code);
	check_ok(buf_create(&text, 0, &e));
	check_ok(json_put(taken, text, &e));
	check_ok(catalog_next_id(h->r.catalog, t.kind, &t.id, &e));
	t.fact = h->facts++;
	t.body = buf_text(text);
	if (prefix) {
		snprintf(name, sizeof(name), "%s%llu", prefix, (unsigned long long)t.id);
		t.name = name;
	}
	check_ok(catalog_put_thing(h->r.catalog, &t, &e));
	return t.id;
}

uint64_t hand_source(struct by_hand *h, const char *name, const char *kind, const char *people)
{
	json_t *body = body_make();

	set_text(body, "kind", kind);
	set_text(body, "people", people);
	return put(h, (struct catalog_thing){ .kind = THING_SOURCE, .name = name }, NULL, body);
}

void hand_terms(struct by_hand *h, uint64_t source, const char *licence, const char *allow,
		const char *deny, int from, int until)
{
	json_t *body = body_make();

	set_text(body, "licence", licence);
	set_text(body, "allow", allow);
	set_text(body, "deny", deny);
	set_text(body, "basis", "contract");
	set_period(body, from, until);
	put(h, (struct catalog_thing){ .kind = THING_TERMS, .owner = source }, "terms", body);
}

uint64_t hand_transfer(struct by_hand *h, uint64_t source, const char *uses,
		       const char *notified, int date)
{
	json_t *body = body_make();

	set_text(body, "uses", uses);
	set_text(body, "notified", notified);
	if (date)
		json_set_number(body, "date", hand_day(date), &e);
	return put(h, (struct catalog_thing){ .kind = THING_TRANSFER, .owner = source }, "t", body);
}

struct tag hand_subject(const struct by_hand *h, const char *subject)
{
	struct tag t;

	repo_tag(&h->r, &t, TAG_SUBJECT, subject, strlen(subject));
	return t;
}

uint64_t hand_grant(struct by_hand *h, uint64_t source, const char *subject, const char *uses,
		    const char *basis, bool explicit_consent, int from, int until, bool withdrawn)
{
	struct catalog_thing t = { .kind = THING_GRANT, .owner = subject ? 0 : source };
	json_t *body = body_make();

	if (subject)
		t.tag = hand_subject(h, subject);
	set_text(body, "uses", uses);
	set_text(body, "basis", basis);
	json_set_bool(body, "explicit", explicit_consent, &e);
	json_set_bool(body, "withdrawn", withdrawn, &e);
	set_period(body, from, until);
	return put(h, t, "g", body);
}

uint64_t hand_batch(struct by_hand *h, uint64_t source, uint64_t transfer, uint64_t count)
{
	static const struct hash hashes[256];
	json_t *body = body_make();
	uint64_t first = h->positions;

	json_set_number(body, "first", first, &e);
	json_set_number(body, "last", first + count - 1, &e);
	if (transfer)
		json_set_number(body, "transfer", transfer, &e);
	put(h, (struct catalog_thing){ .kind = THING_BATCH, .owner = source }, "b", body);
	while (h->positions < first + count) {
		uint64_t left = first + count - h->positions;
		uint64_t n = left < COUNT_OF(hashes) ? left : COUNT_OF(hashes);

		check_ok(catalog_add_commitments(h->r.catalog, h->positions, hashes, n, &e));
		h->positions += n;
	}
	return first;
}

void hand_tag(struct by_hand *h, uint8_t kind, const char *value, uint64_t pos)
{
	struct tag t;

	repo_tag(&h->r, &t, kind, value, strlen(value));
	check_ok(catalog_add_tag(h->r.catalog, kind, &t, pos, &e));
}

void hand_order(struct by_hand *h, uint64_t source, uint8_t state)
{
	struct catalog_thing t = { .kind = THING_ORDER, .owner = source, .state = state };

	put(h, t, "o", body_make());
}

/* A container that another set has too is put once. */
static void put_container(struct by_hand *h, const struct set *s, uint64_t number,
			  struct hash *ret_name)
{
	static const struct place nowhere;
	static const struct hash no_root;
	struct catalog_container there;
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(container_put(s, number, b, &e));
	container_name(ret_name, number, h->positions, b->data, b->len);
	if (catalog_container(h->r.catalog, ret_name, &there, NULL, &e) == 0)
		return;
	error_clear(&e);
	check_ok(catalog_put_container(h->r.catalog, ret_name, number, b->data, b->len, &no_root, 0,
				       &nowhere, &e));
}

/* The members size, count and containers. */
static void set_positions(struct by_hand *h, json_t *body, const char *positions)
{
	scoped(buf) *hex = NULL;
	scoped(set) *s = NULL;

	check_ok(buf_create(&hex, 0, &e));
	check_ok(set_from_text(&s, positions, SIZE_MAX, &e));
	for (uint64_t i = 0; i < container_count(h->positions); i++) {
		struct hash name;

		put_container(h, s, i, &name);
		check_ok(buf_printf(hex, &e, "%s", hash_hex(&name).s));
	}
	json_set_number(body, "size", h->positions, &e);
	json_set_number(body, "count", set_count(s), &e);
	json_set_text(body, "containers", buf_text(hex), &e);
}

static const char *label(char ret[64], const char *name, uint64_t version)
{
	snprintf(ret, 64, "%s@%llu", name, (unsigned long long)version);
	return ret;
}

uint64_t hand_dataset(struct by_hand *h, const char *name, uint64_t version, const char *positions)
{
	struct catalog_thing t = { .kind = THING_DATASET };
	json_t *body = body_make();
	char text[64];

	t.name = label(text, name, version);
	set_text(body, "name", name);
	json_set_number(body, "version", version, &e);
	set_text(body, "use", "train:IdentityVerification");
	set_positions(h, body, positions);
	put(h, t, NULL, body);
	return h->facts - 1;
}

uint64_t hand_model(struct by_hand *h, const char *name, const char *kind, uint8_t grade,
		    uint8_t state, const uint64_t *inputs, const char *positions)
{
	struct catalog_thing t = { .kind = THING_MODEL, .state = state };
	json_t *body = body_make(), *list = json_array_make(&e);
	char text[64];

	t.name = label(text, name, 1);
	set_text(body, "name", name);
	set_text(body, "kind", kind);
	json_set_number(body, "version", 1, &e);
	json_set_number(body, "grade", grade, &e);
	for (; *inputs != UINT64_MAX; inputs++)
		json_add_new(list, json_integer((json_int_t)*inputs), &e);
	json_set_new(body, "inputs", list, &e);
	set_positions(h, body, positions);
	put(h, t, NULL, body);
	return h->facts - 1;
}

void hand_mark(struct by_hand *h, uint64_t mark, const char *positions)
{
	scoped(set) *s = NULL;

	check_ok(set_from_text(&s, positions, SIZE_MAX, &e));
	check_ok(catalog_mark_put(h->r.catalog, mark, s, &e));
}

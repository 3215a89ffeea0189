#include "proof/archive_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "crypto/stamp_world.h"
#include "proof/signoff.h"
#include "wire/tlog_proof.h"

static struct error e;
static const uint8_t witness_seed[SIGN_SEED_LEN] = { 77 };
const uint8_t story_person[SIGN_SEED_LEN] = { 78 };
enum { WITNESSED_AT = 1767225600 };
struct story story;

/* ---- the story ---- */

/* That the certificate of order i was issued. */
static uint64_t issued(size_t i, const char *type, uint64_t order)
{
	const struct buf *file = story.of[i].certificate;
	json_t *members = json_object_make(&e);
	struct fields *part = NULL;
	uint8_t long_digest[64];
	struct hash short_digest;

	hash_bytes(&short_digest, file->data, file->len);
	hash512_bytes(long_digest, file->data, file->len);
	check_ok(fields_create(&part, &e));
	check_ok(fields_add(part, "sha256", short_digest.b, HASH_LEN, &e));
	check_ok(fields_add(part, "sha512", long_digest, sizeof(long_digest), &e));
	json_set_number(members, "order", order, &e);
	return world_fact(&story.w, type, members, part);
}

static void certify(size_t i)
{
	struct world *w = &story.w;

	story.of[i].certificate = world_certify(w);
	story.of[i].demand = w->demand;
	story.of[i].opened = w->opened;
	story.of[i].first_size = w->count;
	story.of[i].fact = issued(i, "certified", w->opened);
}

static void story_begin(void)
{
	world_begin(&story.w, NO_LIE, "o.example", 1);
	world_build(&story.w);
	story.w.minute = 29539440 - 64; /* issued an hour later: 2026-03-01T11:56, the first stamp is of 12:00 */
	certify(0);
	story.size[1] = story.w.count;
	set_destroy(story.w.positions);
	set_destroy(story.w.kept);
	story.w.step_count = 0;
	world_order(&story.w);
	certify(1);
	story.size[2] = story.w.count;
	story.lie[0] = issued(0, "certified", story.of[1].opened);
	story.lie[1] = issued(0, "refusal", story.of[0].opened);
	story.lie[2] = issued(0, "certified", story.of[0].opened);
	story.size[3] = story.w.count;
}

static void story_end(void)
{
	for (size_t i = 0; i < STORY_ORDERS; i++)
		buf_destroy(story.of[i].certificate);
	world_end(&story.w);
}

static struct buf *fresh(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	return b;
}

static struct note_key witness_key(void)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, witness_seed, &e));
	check_ok(note_key_make(&k, "w.example", NOTE_COSIGNATURE, public_key, &e));
	return k;
}

static void cosign(struct buf *note)
{
	struct note_key k = witness_key();
	scoped(note) *n = NULL;
	scoped(buf) *line = fresh();

	check_ok(note_parse(&n, note->data, note->len, &e));
	check_ok(note_cosign(line, n->text, n->text_len, &k, witness_seed, WITNESSED_AT, &e));
	check_ok(buf_put(note, line->data, line->len, &e));
}

static struct buf *proof(uint64_t n, uint64_t size, const struct hash *leaves, const char *log,
			 bool cosigned)
{
	struct tree_array array = { leaves, size };
	scoped(buf) *note = fresh();
	struct buf *b = fresh();
	struct tree_path path;

	world_head(&story.w, log, leaves, size, note);
	if (cosigned)
		cosign(note);
	/* Under a head that it is not below yet, some path. */
	check_ok(tree_prove(&path, n < size ? n : size - 1, size, tree_array_read, &array, &e));
	check_ok(tlog_proof_put(b, story.w.entries[n], n, &path, note->data, note->len, &e));
	return b;
}

struct buf *story_proof(uint64_t n, uint64_t size, const struct hash *leaves, const char *log)
{
	return proof(n, size, leaves, log, true);
}

static struct buf *certified(size_t order, uint64_t fact, uint64_t old_size, uint64_t size)
{
	struct tree_array array = { story.w.leaves, size };
	struct tree_path growth = { 0 };
	struct buf *b = fresh();

	if (old_size < size)
		check_ok(tree_prove_growth(&growth, old_size, size, tree_array_read, &array, &e));
	check_ok(archive_certified(b, story.of[order].opened, fact, story.w.parts[fact], &growth,
				   &e));
	return b;
}

struct buf *story_certified(size_t order, uint64_t old_size, uint64_t size)
{
	return certified(order, story.of[order].fact, old_size, size);
}

struct buf *story_signoff(size_t order)
{
	const struct buf *statement = story.of[order].certificate;
	struct signoff s = { .capacity = SIGNOFF_VERIFIED,
			     .name = "Ines",
			     .title = "",
			     .organisation = "",
			     .location = "",
			     .contact = "",
			     .words = "",
			     .date_utc_ms = UINT64_C(1900000000000) };
	scoped(buf) *body = fresh(), *message = fresh();
	uint8_t public_key[SIGN_PUBLIC_LEN], signature[SIGN_LEN];
	struct buf *b = fresh();

	check_ok(sign_public(public_key, story_person, &e));
	pubkey_ed25519(&s.key, public_key);
	check_ok(signoff_body(body, &s, statement->data, statement->len, &e));
	check_ok(signoff_message(message, body, &e));
	check_ok(sign_make(signature, story_person, message->data, message->len, &e));
	check_ok(signoff_make(b, body, &s.key, signature, sizeof(signature), &e));
	return b;
}

static struct buf *policy_text(bool quorum)
{
	struct note_key k = witness_key();
	scoped(buf) *vkey = fresh();
	struct buf *b = fresh();

	world_vkey(&story.w, "facts", vkey);
	check_ok(buf_printf(b, &e, "log %s\nwitness w ", buf_text(vkey)));
	check_ok(note_key_put(&k, b, &e));
	check_ok(buf_printf(b, &e, "\nquorum %s\n", quorum ? "w" : "none"));
	return b;
}

struct policy *story_policy(bool quorum)
{
	scoped(buf) *text = policy_text(quorum);
	struct policy *p = NULL;

	check_ok(policy_parse(&p, text->data, text->len, &e));
	return p;
}

/* ---- piles ---- */

enum kind { PLAIN, SUMS, STAMP, FROZEN };
struct piece {
	char name[48], other[48];
	enum kind kind;
	const char *at;
	struct buf *bytes; /* NULL: made when packed */
};
enum { PIECES_MAX = 64 };
struct pile {
	struct piece piece[PIECES_MAX];
	size_t count;
};

static struct piece *add(struct pile *p, enum kind kind, struct buf *bytes, const char *name)
{
	struct piece *x = &p->piece[p->count++];

	check(p->count <= PIECES_MAX);
	snprintf(x->name, sizeof(x->name), "%.47s", name);
	x->kind = kind;
	x->bytes = bytes;
	return x;
}

static struct buf *text_of(const char *text)
{
	struct buf *b = NULL;

	check_ok(buf_from(&b, text, strlen(text), &e));
	return b;
}

static struct buf *copy_of(const struct buf *bytes)
{
	struct buf *b = NULL;

	check_ok(buf_from(&b, bytes->data, bytes->len, &e));
	return b;
}

static const char *in_layer(size_t layer, const char *name)
{
	static char text[64];

	snprintf(text, sizeof(text), "%zu/%s", layer, name);
	return text;
}

static void add_layer(struct pile *p, size_t n)
{
	static const char *const times[] = { "", "20260301120000Z", "20270301120000Z",
					     "20280301120000Z" };
	const struct party *two[] = { &between, &authority };
	uint64_t before = n == 1 ? story.of[0].first_size : story.size[n - 1];

	add(p, PLAIN, story_proof(story.of[0].fact, story.size[n], story.w.leaves, "facts"),
	    in_layer(n, "certified.tlog-proof"));
	add(p, PLAIN, story_certified(0, before, story.size[n]), in_layer(n, "certified.json"));
	add(p, PLAIN, policy_text(false), in_layer(n, "policy"));
	if (n == 1)
		add(p, PLAIN, story_signoff(0), in_layer(n, "signoffs/001.json"));
	add(p, SUMS, NULL, in_layer(n, "SHA512SUMS"));
	add(p, STAMP, NULL, in_layer(n, "001.tsr"))->at = times[n];
	add(p, PLAIN, pem_of(two, 2), in_layer(n, "001.pem"));
}

struct pile *story_pile(size_t layers)
{
	struct pile *p = calloc(1, sizeof(*p));

	check(p != NULL);
	add(p, PLAIN, text_of("# How to check it\n"), "VERIFY.md");
	add(p, PLAIN, text_of("<p>certificate\n"), "certificate.html");
	add(p, PLAIN, copy_of(story.of[0].certificate), "certificate.json");
	add(p, PLAIN, text_of(""), "keys/log.pem");
	pile_put_key(p, 0);
	for (size_t n = 1; n <= layers; n++)
		add_layer(p, n);
	return p;
}

void pile_destroy(struct pile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		buf_destroy(p->piece[i].bytes);
	free(p);
}

static struct piece *find(struct pile *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->piece[i].name, name) == 0)
			return &p->piece[i];
	fail_msg("no file %s in the pile", name);
	return NULL;
}

/* The SHA-512 of the latest list of sums. */
struct packing {
	struct archive_draft *d;
	uint8_t imprint[STAMP_DIGEST_LEN];
	struct buf *tokens[PIECES_MAX];
};

static struct buf *made(struct packing *k, const struct pile *p, size_t i)
{
	const struct piece *x = &p->piece[i];
	struct buf *sums;

	if (x->kind == STAMP) {
		k->tokens[i] = token_made(&(struct saying){ .at = x->at, .imprint = k->imprint });
		return copy_of(k->tokens[i]);
	}
	for (size_t j = 0; x->kind == FROZEN && j < i; j++)
		if (strcmp(p->piece[j].name, x->other) == 0)
			return copy_of(k->tokens[j]);
	sums = copy_of(k->d->sums);
	hash512_bytes(k->imprint, sums->data, sums->len);
	return sums;
}

struct buf *pile_pack(const struct pile *p)
{
	scoped(archive_draft) *d = NULL;
	struct packing k = { 0 };

	check_ok(archive_draft_create(&d, &e));
	k.d = d;
	for (size_t i = 0; i < p->count; i++) {
		const struct piece *x = &p->piece[i];
		scoped(buf) *b = x->kind == PLAIN ? copy_of(x->bytes) : made(&k, p, i);

		check_ok(archive_put(d, x->name, b->data, b->len, &e));
	}
	for (size_t i = 0; i < PIECES_MAX; i++)
		buf_destroy(k.tokens[i]);
	check_ok(ustar_end(d->bytes, &e));
	return copy_of(d->bytes);
}

void pile_seed(const struct buf *b, const char *name)
{
	char path[PATH_LEN_MAX];

	if (!getenv("RESCIND_SEEDS"))
		return;
	check_ok(path_join(path, getenv("RESCIND_SEEDS"), name, &e));
	check_ok(file_write(path, b->data, b->len, 0644, &e));
}

/* ---- editing ---- */

static void set(struct piece *x, struct buf *bytes)
{
	buf_destroy(x->bytes);
	x->bytes = bytes;
	x->kind = PLAIN;
}

void pile_text(struct pile *p, const char *name, const char *text)
{
	set(find(p, name), text_of(text));
}

void pile_bytes(struct pile *p, const char *name, const struct buf *bytes)
{
	set(find(p, name), copy_of(bytes));
}

void pile_fill(struct pile *p, const char *name, size_t len_bytes)
{
	struct buf *b = fresh();

	check_ok(buf_reserve(b, len_bytes, &e));
	memset(b->data, 'x', len_bytes);
	b->len = len_bytes;
	set(find(p, name), b);
}

void pile_add_byte(struct pile *p, const char *name, char c)
{
	check_ok(buf_put(find(p, name)->bytes, &c, 1, &e));
}

static size_t place_of(const struct buf *b, const char *what)
{
	const char *at = strstr(buf_text(b), what);

	check(at != NULL);
	return (size_t)(at - buf_text(b));
}

void pile_replace(struct pile *p, const char *name, const char *what, const char *by)
{
	struct piece *x = find(p, name);
	size_t at = place_of(x->bytes, what);
	struct buf *b = fresh();

	check_ok(buf_put(b, x->bytes->data, at, &e));
	check_ok(buf_put(b, by, strlen(by), &e));
	at += strlen(what);
	check_ok(buf_put(b, x->bytes->data + at, x->bytes->len - at, &e));
	set(x, b);
}

void pile_flip_after(struct pile *p, const char *name, const char *what)
{
	struct piece *x = find(p, name);
	uint8_t *c = x->bytes->data + place_of(x->bytes, what) + strlen(what);

	*c = *c == 'A' ? 'B' : 'A';
}

static void remove_at(struct pile *p, size_t i)
{
	buf_destroy(p->piece[i].bytes);
	memmove(&p->piece[i], &p->piece[i + 1], (p->count - i - 1) * sizeof(*p->piece));
	p->count--;
}

void pile_drop(struct pile *p, const char *name)
{
	remove_at(p, (size_t)(find(p, name) - p->piece));
}

void pile_drop_all(struct pile *p, const char *part)
{
	for (size_t i = p->count; i-- > 0;)
		if (strstr(p->piece[i].name, part))
			remove_at(p, i);
}

void pile_rename_all(struct pile *p, const char *begin, const char *by)
{
	for (size_t i = 0; i < p->count; i++) {
		char rest[48];

		if (strncmp(p->piece[i].name, begin, strlen(begin)) != 0)
			continue;
		snprintf(rest, sizeof(rest), "%s", p->piece[i].name + strlen(begin));
		snprintf(p->piece[i].name, sizeof(p->piece[i].name), "%s%.40s", by, rest);
	}
}

void pile_insert(struct pile *p, const char *before, const char *name, const struct buf *bytes)
{
	size_t at = before ? (size_t)(find(p, before) - p->piece) : p->count;
	struct piece x = { 0 };

	check(p->count < PIECES_MAX);
	memmove(&p->piece[at + 1], &p->piece[at], (p->count - at) * sizeof(*p->piece));
	snprintf(x.name, sizeof(x.name), "%.47s", name);
	x.bytes = copy_of(bytes);
	p->piece[at] = x;
	p->count++;
}

void pile_swap(struct pile *p, const char *a, const char *b)
{
	struct piece *x = find(p, a), *y = find(p, b), was = *x;

	*x = *y;
	*y = was;
}

void pile_put_key(struct pile *p, int which)
{
	uint8_t seed[SIGN_SEED_LEN], public_key[SIGN_PUBLIC_LEN];
	struct buf *pem = fresh();

	memcpy(seed, story.w.seed, sizeof(seed));
	seed[1] ^= (uint8_t)which;
	check_ok(sign_public(public_key, seed, &e));
	check_ok(archive_key(pem, public_key, &e));
	set(find(p, "keys/log.pem"), pem);
}

void pile_layer_again(struct pile *p, size_t layer, size_t order, uint64_t size, uint64_t old_size)
{
	set(find(p, in_layer(layer, "certified.tlog-proof")),
	    story_proof(story.of[order].fact, size, story.w.leaves, "facts"));
	set(find(p, in_layer(layer, "certified.json")), story_certified(order, old_size, size));
}

void pile_layer_of(struct pile *p, size_t layer, uint64_t fact, uint64_t size, uint64_t old_size)
{
	set(find(p, in_layer(layer, "certified.tlog-proof")),
	    story_proof(fact, size, story.w.leaves, "facts"));
	set(find(p, in_layer(layer, "certified.json")), certified(0, fact, old_size, size));
}

void pile_cosigned(struct pile *p, size_t layer, bool is)
{
	set(find(p, in_layer(layer, "certified.tlog-proof")),
	    proof(story.of[0].fact, story.size[layer], story.w.leaves, "facts", is));
}

void pile_stamp_at(struct pile *p, const char *name, const char *at)
{
	find(p, name)->at = at;
}

void pile_freeze_as(struct pile *p, const char *name, const char *other)
{
	struct piece *x = find(p, name);

	x->kind = FROZEN;
	snprintf(x->other, sizeof(x->other), "%.47s", other);
}

/* ---- checking ---- */

const char *story_failed(const struct verdict *v)
{
	static char failed[512];

	failed[0] = 0;
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			snprintf(failed + strlen(failed), sizeof(failed) - strlen(failed), "%s%s",
				 *failed ? " " : "", v->check[i].name);
	check(v->valid == !*failed);
	return failed;
}

struct verdict *story_verdict(const struct buf *b, const struct archive_pins *more)
{
	struct archive_pins pins = more ? *more : (struct archive_pins){ 0 };
	scoped(buf) *vkey = NULL;
	struct verdict *v = NULL;

	check_ok(buf_create(&vkey, 0, &e));
	world_vkey(&story.w, "facts", vkey);
	pins.statement.vkey = buf_text(vkey);
	check_ok(archive_verify(&v, b->data, b->len, &pins, &e));
	return v;
}

void story_holds_but(const struct buf *b, const struct archive_pins *more, const char *failed,
		     const char *what)
{
	scoped(verdict) *v = story_verdict(b, more);

	if (strcmp(story_failed(v), failed) != 0) {
		for (size_t i = 0; i < v->count; i++)
			if (!v->check[i].ok)
				print_message("    %s: %s\n", v->check[i].name, v->check[i].detail);
		fail_msg("%s: refused by [%s], not [%s]", what, story_failed(v), failed);
	}
}

bool story_says(const struct verdict *v, const char *words)
{
	const json_t *one;
	size_t i;

	json_array_foreach(v->witnessed, i, one)
		if (strstr(json_string_value(one), words))
			return true;
	return false;
}

int story_main(const char *area)
{
	int failed;

	stamp_world_begin();
	story_begin();
	failed = test_run_all(area);
	story_end();
	stamp_world_end();
	return failed;
}

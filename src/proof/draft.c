#include "proof/draft.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proof/receipt.h"
#include "set/container.h"

int certificate_draft_create(struct certificate_draft **ret, struct error *e)
{
	scoped(certificate_draft) *d = calloc(1, sizeof(*d));

	if (!d)
		return error_set(e, E_MEMORY, "certificate: out of memory");
	if (arena_create(&d->arena, e) < 0)
		return E_MEMORY;
	*ret = give(d);
	return 0;
}

void certificate_draft_destroy(struct certificate_draft *d)
{
	if (!d)
		return;
	arena_destroy(d->arena);
	free(d);
}

/* ---- facts and fields ---- */

int certificate_show(struct certificate_draft *d, uint64_t n, const void *entry, size_t len_bytes,
		     struct error *e)
{
	struct fact *list = arena_grow(d->arena, d->facts, sizeof(*list), d->fact_count,
				       &d->fact_cap, e);
	const char *text = arena_text(d->arena, entry, len_bytes, e);

	if (!list || !text)
		return E_MEMORY;
	d->facts = list;
	list[d->fact_count++] = (struct fact){ .n = n, .text = text };
	return 0;
}

static int copy_field(struct certificate_draft *d, const struct field *f,
		      const struct tree_path *path, struct opening *o, struct error *e)
{
	struct hash *hashes = arena_alloc(d->arena, path->count * sizeof(*hashes), e);
	const char *value = "", *salt = "";

	o->field = arena_text(d->arena, f->name, strlen(f->name), e);
	if (!o->withheld) {
		value = arena_text(d->arena, buf_text(f->value), f->value->len, e);
		salt = arena_text(d->arena, (const char *)f->salt, SALT_LEN, e);
	}
	if (!hashes || !o->field || !value || !salt)
		return E_MEMORY;
	memcpy(hashes, path->hash, path->count * sizeof(*hashes));
	o->path = hashes;
	o->path_count = path->count;
	o->value = (const uint8_t *)value;
	o->value_len = o->withheld ? 0 : f->value->len;
	o->salt = (const uint8_t *)salt;
	field_commitment(&o->commitment, f);
	return 0;
}

static int prove_field(struct certificate_draft *d, const struct fields *f, struct opening *o,
		       struct error *e)
{
	struct tree_path path;
	int code;

	o->count = f->count;
	code = fields_prove(f, o->index, &path, e);
	return code < 0 ? code : copy_field(d, &f->list[o->index], &path, o, e);
}

static int show_field(struct certificate_draft *d, uint64_t n, const struct fields *f, size_t index,
		      bool withheld, struct error *e)
{
	struct opening *list = arena_grow(d->arena, d->openings, sizeof(*list), d->opening_count,
					  &d->opening_cap, e);
	struct opening o = { .n = n, .index = index, .withheld = withheld };
	int code;

	if (!list)
		return E_MEMORY;
	d->openings = list;
	code = prove_field(d, f, &o, e);
	if (code < 0)
		return code;
	list[d->opening_count++] = o;
	return 0;
}

int certificate_open(struct certificate_draft *d, uint64_t n, const struct fields *f, size_t index,
		     struct error *e)
{
	return show_field(d, n, f, index, false, e);
}

int certificate_withhold(struct certificate_draft *d, uint64_t n, const struct fields *f,
			 size_t index, struct error *e)
{
	return show_field(d, n, f, index, true, e);
}

/* ---- records ---- */

int receipt_record(struct certificate_draft *d, uint64_t pos, const struct hash *commitment,
		   struct error *e)
{
	struct shown_record *list = arena_grow(d->arena, d->records, sizeof(*list), d->record_count,
					       &d->record_cap, e);

	if (!list)
		return E_MEMORY;
	d->records = list;
	list[d->record_count++] = (struct shown_record){ pos, *commitment };
	return 0;
}

int receipt_open(struct certificate_draft *d, uint64_t pos, const struct fields *card, size_t index,
		 struct error *e)
{
	struct opening *list = arena_grow(d->arena, d->record_openings, sizeof(*list),
					  d->record_opening_count, &d->record_opening_cap, e);
	struct opening o = { .n = pos, .index = index };
	int code;

	if (!list)
		return E_MEMORY;
	d->record_openings = list;
	code = prove_field(d, card, &o, e);
	if (code < 0)
		return code;
	list[d->record_opening_count++] = o;
	return 0;
}

/* ---- sets ---- */

int certificate_set(struct certificate_draft *d, uint64_t n, struct error *e)
{
	struct retained *list = arena_grow(d->arena, d->sets, sizeof(*list), d->set_count,
					   &d->set_cap, e);

	if (!list)
		return E_MEMORY;
	d->sets = list;
	for (size_t i = 0; i < d->set_count; i++)
		if (list[i].n == n)
			return error_set(e, E_CONFLICT, "the set of fact %" PRIu64 ", twice", n);
	d->list = NULL;
	d->list_cap = 0;
	list[d->set_count++] = (struct retained){ .n = n };
	return 0;
}

/* Where a container is in the table, or would be. The table has room. */
static size_t place_of(const struct certificate_draft *d, uint64_t number, const struct hash *root)
{
	size_t i = (size_t)(be_get(root->b, 8) ^ number) & (d->table_cap - 1);

	for (; d->table[i] != 0; i = (i + 1) & (d->table_cap - 1)) {
		const struct shown_container *c = &d->containers[d->table[i] - 1];

		if (c->number == number && hash_equal(&c->root, root))
			break;
	}
	return i;
}

static int table_grow(struct certificate_draft *d, struct error *e)
{
	size_t cap = d->table_cap ? 2 * d->table_cap : 64;
	uint64_t *table;

	if (2 * (d->container_count + 1) <= d->table_cap)
		return 0;
	table = arena_alloc(d->arena, cap * sizeof(*table), e);
	if (!table)
		return E_MEMORY;
	d->table = table;
	d->table_cap = cap;
	for (size_t i = 0; i < d->container_count; i++)
		table[place_of(d, d->containers[i].number, &d->containers[i].root)] = i + 1;
	return 0;
}

bool certificate_has_container(const struct certificate_draft *d, uint64_t number,
			       const struct hash *root)
{
	return d->table && d->table[place_of(d, number, root)] != 0;
}

static int add_container(struct certificate_draft *d, const struct shown_container *c,
			 struct error *e)
{
	struct shown_container *list = arena_grow(d->arena, d->containers, sizeof(*list),
						  d->container_count, &d->container_cap, e);
	char *opening = arena_alloc(d->arena, c->opening_len + 1, e);

	if (!list || !opening)
		return E_MEMORY;
	if (c->opening_len)
		memcpy(opening, c->opening, c->opening_len);
	d->containers = list;
	list[d->container_count] = *c;
	list[d->container_count].opening = (const uint8_t *)opening;
	d->container_count++;
	return 0;
}

int certificate_set_container(struct certificate_draft *d, uint64_t number, uint64_t size,
			      const struct hash *root, const void *opening, size_t len_bytes,
			      struct error *e)
{
	const struct shown_container c = { .number = number, .size = container_end(number, size),
					   .root = *root, .opening = opening,
					   .opening_len = len_bytes };
	struct retained *r = d->set_count ? &d->sets[d->set_count - 1] : NULL;
	uint64_t *list;
	size_t place;

	if (!r || number != r->count)
		return error_set(e, E_RANGE, "container %" PRIu64 " is not the next of a set", number);
	list = arena_grow(d->arena, d->list, sizeof(*list), r->count, &d->list_cap, e);
	if (!list || table_grow(d, e) < 0)
		return E_MEMORY;
	place = place_of(d, number, root);
	if (d->table[place] == 0) {
		if (add_container(d, &c, e) < 0)
			return E_MEMORY;
		d->table[place] = d->container_count;
	}
	d->list = list;
	list[r->count++] = d->table[place] - 1;
	r->containers = list;
	return 0;
}

/* ---- in order ---- */

static int by_n(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	return (x->n > y->n) - (x->n < y->n);
}

static int set_by_n(const void *a, const void *b)
{
	const struct retained *x = a, *y = b;

	return (x->n > y->n) - (x->n < y->n);
}

static int by_place(const void *a, const void *b)
{
	const struct opening *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

static int once_facts(struct certificate_draft *d, struct error *e)
{
	size_t count = 0;

	for (size_t i = 0; i < d->fact_count; i++) {
		if (count == 0 || d->facts[count - 1].n != d->facts[i].n)
			d->facts[count++] = d->facts[i];
		else if (strcmp(d->facts[count - 1].text, d->facts[i].text) != 0)
			return error_set(e, E_CONFLICT, "two entries of fact %" PRIu64,
					 d->facts[i].n);
	}
	d->fact_count = count;
	return 0;
}

static int by_pos(const void *a, const void *b)
{
	const struct shown_record *x = a, *y = b;

	return (x->pos > y->pos) - (x->pos < y->pos);
}

static int once_records(struct certificate_draft *d, struct error *e)
{
	size_t count = 0;

	for (size_t i = 0; i < d->record_count; i++) {
		const struct shown_record *r = &d->records[i];

		if (count == 0 || d->records[count - 1].pos != r->pos)
			d->records[count++] = *r;
		else if (!hash_equal(&d->records[count - 1].commitment, &r->commitment))
			return error_set(e, E_CONFLICT, "two commitments of record %" PRIu64,
					 r->pos);
	}
	d->record_count = count;
	return 0;
}

static int once_openings(struct opening *list, size_t *ret_count, struct error *e)
{
	size_t count = 0;

	for (size_t i = 0; i < *ret_count; i++) {
		const struct opening *o = &list[i];

		if (count == 0 || by_place(&list[count - 1], o) != 0)
			list[count++] = *o;
		else if (list[count - 1].withheld != o->withheld)
			return error_set(e, E_CONFLICT, "field %s of fact %" PRIu64
					 " is opened and withheld", o->field, o->n);
	}
	*ret_count = count;
	return 0;
}

static void sort(void *list, size_t count, size_t item_bytes, int (*by)(const void *, const void *))
{
	if (count)
		qsort(list, count, item_bytes, by);
}

int draft_sort(struct certificate_draft *d, struct error *e)
{
	sort(d->facts, d->fact_count, sizeof(*d->facts), by_n);
	sort(d->openings, d->opening_count, sizeof(*d->openings), by_place);
	sort(d->sets, d->set_count, sizeof(*d->sets), set_by_n);
	sort(d->records, d->record_count, sizeof(*d->records), by_pos);
	sort(d->record_openings, d->record_opening_count, sizeof(*d->record_openings), by_place);
	if (once_facts(d, e) < 0 || once_records(d, e) < 0 ||
	    once_openings(d->openings, &d->opening_count, e) < 0)
		return e->code;
	return once_openings(d->record_openings, &d->record_opening_count, e);
}

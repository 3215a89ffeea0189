/* Things, containers, marks and the never-again list. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "catalog/testing.h"
#include "set/container.h"

static struct error e;

static int list_thing(void *ctx, const struct catalog_thing *t, struct error *err)
{
	return buf_printf(ctx, err, "%" PRIu64 " ", t->id);
}

static void expect_things(struct catalog *c, uint64_t owner, const struct tag *t, const char *ids)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	if (t != NULL)
		check_ok(catalog_each_thing_tagged(c, 3, t, list_thing, b, &e));
	else
		check_ok(catalog_each_thing(c, 3, owner, list_thing, b, &e));
	assert_string_equal(buf_text(b), ids);
}

static struct catalog_thing thing_of(uint8_t kind, uint64_t id, const char *name)
{
	return (struct catalog_thing){ .kind = kind, .id = id, .name = name, .owner = id / 2,
				       .fact = UINT64_MAX, .state = 4, .body = "{\"a\":1}" };
}

TEST(things_are_found_by_id_name_owner_and_tag)
{
	static const char *const names[] = { "one", "", "three", "", "five" };
	scoped(arena) *a = NULL;
	struct catalog *c = writing();
	struct catalog_thing t;
	struct tag odd = tag_of(1);
	uint64_t next = 0;

	check_ok(arena_create(&a, &e));
	check_ok(catalog_next_id(c, 3, &next, &e));
	check(next == 1);
	for (uint64_t id = 5; id >= 1; id--) {
		t = thing_of(3, id, names[id - 1]);
		if (id % 2)
			t.tag = odd;
		check_ok(catalog_put_thing(c, &t, &e));
	}
	t = thing_of(4, 1, "one"); /* names are of a kind */
	check_ok(catalog_put_thing(c, &t, &e));
	check_ok(catalog_next_id(c, 3, &next, &e));
	check(next == 6);
	check_ok(catalog_thing(c, a, 3, 5, &t, &e));
	check(t.kind == 3 && t.id == 5 && t.owner == 2 && t.fact == UINT64_MAX && t.state == 4);
	check(strcmp(t.name, "five") == 0 && strcmp(t.body, "{\"a\":1}") == 0);
	assert_memory_equal(&t.tag, &odd, sizeof(odd));
	check_ok(catalog_thing_named(c, a, 3, "three", &t, &e));
	check(t.id == 3);
	check_ok(catalog_thing(c, a, 3, 2, &t, &e));
	check(strcmp(t.name, "") == 0 && t.tag.b[0] + t.tag.b[15] == 0);
	check_code(catalog_thing_named(c, a, 3, "", &t, &e), E_NOT_FOUND);
	check_code(catalog_thing_named(c, a, 3, "ONE", &t, &e), E_NOT_FOUND);
	check_code(catalog_thing(c, a, 3, 6, &t, &e), E_NOT_FOUND);
	expect_things(c, UINT64_MAX, NULL, "1 2 3 4 5 ");
	expect_things(c, 1, NULL, "2 3 ");
	expect_things(c, 0, NULL, "1 ");
	expect_things(c, 0, &odd, "1 3 5 ");
	catalog_close(c);
}

TEST(a_name_belongs_to_one_thing_and_the_other_stays_as_it_was)
{
	scoped(arena) *a = NULL;
	struct catalog *c = writing();
	struct catalog_thing t = thing_of(3, 1, "one"), u = thing_of(3, 2, "one");

	check_ok(arena_create(&a, &e));
	check_ok(catalog_put_thing(c, &t, &e));
	check_code(catalog_put_thing(c, &u, &e), E_CONFLICT);
	u.name = "two";
	check_ok(catalog_put_thing(c, &u, &e));
	u.name = "one";
	check_code(catalog_put_thing(c, &u, &e), E_CONFLICT);
	t.name = "uno"; /* renamed, in place; the old name is free */
	t.body = "";
	check_ok(catalog_put_thing(c, &t, &e));
	check_ok(catalog_put_thing(c, &u, &e));
	check_ok(catalog_thing_named(c, a, 3, "uno", &t, &e));
	check(t.id == 1 && strcmp(t.body, "") == 0);
	t.id = 0;
	check_code(catalog_put_thing(c, &t, &e), E_RANGE);
	t.id = UINT64_MAX;
	check_code(catalog_put_thing(c, &t, &e), E_RANGE);
	catalog_close(c);
}

struct nested {
	struct catalog *c;
	uint64_t met;
};

static int ask_the_same(void *ctx, const struct catalog_thing *t, struct error *err)
{
	struct nested *n = ctx;
	struct buf *b = NULL;

	check_code(catalog_put_thing(n->c, t, err), E_USAGE); /* reading only */
	check_code(catalog_set_number(n->c, "n", 1, err), E_USAGE);
	expect_things(n->c, UINT64_MAX, NULL, "1 2 3 ");
	check_ok(buf_create(&b, 0, &e));
	check_code(catalog_bytes(n->c, "none", b, err), E_NOT_FOUND);
	buf_destroy(b);
	n->met++;
	return 0;
}

TEST(a_callback_may_ask_what_is_being_walked_but_not_write)
{
	struct catalog *c = writing();
	struct nested n = { .c = c };

	for (uint64_t id = 1; id <= 3; id++) {
		struct catalog_thing t = thing_of(3, id, "");

		check_ok(catalog_put_thing(c, &t, &e));
	}
	check_ok(catalog_each_thing(c, 3, UINT64_MAX, ask_the_same, &n, &e));
	check(n.met == 3);
	commit(c);
	check_ok(catalog_each_thing(c, 3, UINT64_MAX, ask_the_same, &n, &e));
	check(n.met == 6);
	begin(c); /* the walk's own view is over */
	catalog_close(c);
}

static int collect_container(void *ctx, const struct hash *name,
			     const struct catalog_container *k, struct error *err)
{
	struct hash *last = ctx;

	(void)err;
	check(hash_compare(last, name) < 0 && k->at.at == k->number + 50);
	*last = *name;
	return 0;
}

TEST(containers_are_stored_once_and_only_their_places_move)
{
	struct hash name = hash_of(3), root = hash_of(1003), last = { { 0 } };
	struct place moved = { 9, 8, 7 };
	scoped(buf) *b = NULL;
	struct catalog *c = writing();
	struct catalog_container k;

	check_ok(buf_create(&b, 0, &e));
	for (uint64_t i = 0; i < 20; i++) {
		struct hash n = hash_of(i), r = hash_of(1000 + i);
		struct place at = { i, i + 50, 8193 };
		uint8_t bytes[CONTAINER_BYTES_MAX];

		memset(bytes, (int)i, sizeof(bytes));
		check_ok(catalog_put_container(c, &n, i, bytes, sizeof(bytes), &r, i * 2, &at, &e));
		check_code(catalog_put_container(c, &n, i, bytes, 5, &r, 0, &at, &e), E_CONFLICT);
	}
	check_ok(catalog_each_container(c, collect_container, &last, &e));
	check_ok(catalog_container(c, &name, &k, NULL, &e));
	check_ok(catalog_container(c, &name, &k, b, &e));
	check(k.number == 3 && k.slot == 6 && hash_equal(&k.root, &root) && k.at.at == 53);
	check(b->len == CONTAINER_BYTES_MAX && b->data[0] == 3 && b->data[8192] == 3);
	check_ok(catalog_move_container(c, &name, &moved, &e));
	check_ok(catalog_container(c, &name, &k, NULL, &e));
	check(same_place(&k.at, &moved) && hash_equal(&k.root, &root) && k.slot == 6);
	name = hash_of(77);
	check_code(catalog_container(c, &name, &k, NULL, &e), E_NOT_FOUND);
	check_code(catalog_move_container(c, &name, &moved, &e), E_NOT_FOUND);
	catalog_close(c);
}

TEST(marks_become_what_was_put_last)
{
	static const char *const marks[] = {
		"1", "0-70000,200000,5000000-5000100", "0-70000,5000000-5000099", "65536,131071",
		"4294967295-4294967297,9223372036854775807", "", "9" };
	struct catalog *c = writing();
	scoped(set) *beyond = set_of("9223372036854775808");
	scoped(set) *other = set_of("4");

	check_ok(catalog_mark_put(c, 2, other, &e));
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		scoped(set) *in = set_of(marks[i]);
		scoped(set) *out = set_of("");

		check_ok(catalog_mark_put(c, 1, in, &e));
		check_ok(catalog_mark_get(c, 1, out, &e));
		expect_set(out, marks[i]);
		check_ok(catalog_mark_get(c, 2, out, &e)); /* adds */
		check(set_has(out, 4));
	}
	check_ok(catalog_mark_get(c, 3, other, &e));
	expect_set(other, "4");
	check_code(catalog_mark_put(c, 1, beyond, &e), E_RANGE);
	catalog_close(c);
}

static uint64_t walked;

static int see_never(void *ctx, const struct tag *t, uint64_t order, struct error *err)
{
	(void)ctx;
	(void)t;
	(void)err;
	walked += order;
	return 0;
}

static int see_number(void *ctx, uint64_t n, struct error *err)
{
	(void)ctx;
	(void)err;
	walked = walked * 10 + n;
	return 0;
}

TEST(the_never_again_list_names_the_order_until_it_is_lifted)
{
	struct catalog *c = writing();
	struct tag t = tag_of(1), u = tag_of(2);
	uint64_t order = 9;

	check_ok(catalog_never(c, &t, &order, &e));
	check(order == 0);
	check_ok(catalog_add_never(c, &t, 12, &e));
	check_ok(catalog_never(c, &t, &order, &e));
	check(order == 12);
	check_ok(catalog_never(c, &u, &order, &e));
	check(order == 0);
	check_ok(catalog_drop_never(c, &t, &e));
	check_ok(catalog_drop_never(c, &t, &e));
	check_ok(catalog_never(c, &t, &order, &e));
	check(order == 0);
	check_code(catalog_add_never(c, &t, 0, &e), E_RANGE);
	error_clear(&e);
	check_ok(catalog_add_never(c, &t, 10, &e));
	check_ok(catalog_add_never(c, &t, 9, &e));
	check_ok(catalog_add_never(c, &u, 8, &e));
	check_ok(catalog_never(c, &t, &order, &e));
	check(order == 10);
	walked = 0;
	check_ok(catalog_each_never(c, see_never, NULL, &e));
	check(walked == 10 + 8);
	catalog_close(c);
}

static int see_thing(void *ctx, const struct catalog_thing *t, struct error *err)
{
	(void)ctx;
	(void)err;
	walked = walked * 100 + t->kind * 10u + t->id;
	return 0;
}

TEST(all_things_and_marks_can_be_walked)
{
	static const uint8_t kinds[] = { 2, 1, 2 };
	static const uint64_t ids[] = { 4, 7, 3 };
	struct catalog *c = writing();
	scoped(set) *some = set_of("1"), *none = set_of("");

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		struct catalog_thing t = { .kind = kinds[i], .id = ids[i], .name = "", .body = "{}" };

		check_ok(catalog_put_thing(c, &t, &e));
	}
	walked = 0;
	check_ok(catalog_each_thing(c, 0, UINT64_MAX, see_thing, NULL, &e));
	check(walked == 172324);
	check_ok(catalog_mark_put(c, 5, some, &e));
	check_ok(catalog_mark_put(c, 3, some, &e));
	check_ok(catalog_mark_put(c, 4, some, &e));
	check_ok(catalog_mark_put(c, 4, none, &e));
	walked = 0;
	check_ok(catalog_each_mark(c, see_number, NULL, &e));
	check(walked == 35);
	check_ok(catalog_add_head(c, 1, 9, "b", 1, &e));
	check_ok(catalog_add_head(c, 1, 2, "a", 1, &e));
	check_ok(catalog_add_head(c, 0, 4, "c", 1, &e));
	walked = 0;
	check_ok(catalog_each_head(c, 1, see_number, NULL, &e));
	check(walked == 29);
	catalog_close(c);
}
TEST_MAIN("catalog-things")

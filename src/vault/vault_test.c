#include "vault/vault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "vault/pack.h"

static struct error e;
static const uint8_t key[SEAL_KEY_LEN] = { 3, 1, 4, 1, 5 };
static char folder[PATH_LEN_MAX];

static struct blobs *store(void)
{
	struct blobs *b = NULL;

	check_ok(path_join(folder, test_folder(), "vault", &e));
	check_ok(blobs_open_folder(&b, folder, 0700, &e));
	return b;
}

static struct vault *on(struct blobs *b)
{
	struct vault *v = NULL;

	check_ok(vault_open(&v, b, &e));
	return v;
}

static struct place add(struct vault *v, uint64_t slot, const void *plain, size_t len)
{
	struct place at;

	check_ok(vault_add(v, OBJECT_BYTES, slot, slot + 1000, key, plain, len, &at, &e));
	return at;
}

static int get(struct vault *v, const struct place *at, uint64_t slot, struct buf *out)
{
	return vault_get(v, at, OBJECT_BYTES, slot, slot + 1000, key, out, &e);
}

static struct buf *some_bytes(size_t len)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, len, &e));
	for (size_t i = 0; i < len; i++)
		b->data[i] = (uint8_t)(i * 7 + i / 251 + i / OBJECT_CHUNK);
	b->len = len;
	return b;
}

static struct buf *empty_buf(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	return b;
}

static void pack_path(char ret[PATH_LEN_MAX], uint64_t pack)
{
	char name[PACK_NAME_LEN + 1];

	pack_name(name, pack);
	check_ok(path_join(ret, folder, name, &e));
}

/* The file of a pack with other bytes. A new handle must be used after it. */
static void put_pack(uint64_t pack, const void *bytes, size_t len)
{
	char path[PATH_LEN_MAX];

	pack_path(path, pack);
	check_ok(file_write(path, bytes, len, 0600, &e));
}

static struct buf *pack_bytes(uint64_t pack)
{
	char path[PATH_LEN_MAX];
	struct buf *b = NULL;

	pack_path(path, pack);
	check_ok(file_read(path, 1 << 26, &b, &e));
	return b;
}

struct scanned {
	struct object_head head[8];
	struct place at[8];
	size_t count;
};

static int note(void *ctx, const struct object_head *h, const struct place *at,
		__attribute__((unused)) struct error *err)
{
	struct scanned *s = ctx;

	if (s->count == COUNT_OF(s->head))
		return 1;
	s->head[s->count] = *h;
	s->at[s->count++] = *at;
	return 0;
}

/* Three objects in pack 1: small, larger than a window of the scan, and empty. */
static void make_three(struct vault *v, struct place at[3])
{
	scoped(buf) *plain = some_bytes(2000000);

	check_ok(vault_begin(v, 1, &e));
	at[0] = add(v, 10, "small", 5);
	at[1] = add(v, 11, plain->data, plain->len);
	at[2] = add(v, 12, "", 0);
	check_ok(vault_finish(v, &e));
}

/* The first test: a process that has passed a fault point reads no wish any more. */
TEST(killed_once_a_pack_is_durable_it_is_whole)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	struct scanned s = { .count = 0 };
	struct place at[3];
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		setenv("RESCIND_FAULT", "vault_pack_written:1", 1);
		make_three(v, at);
		_exit(0);
	}
	check(child > 0 && waitpid(child, &status, 0) == child);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_ok(vault_scan(v, 1, note, &s, &e));
	check(s.count == 3);
}

TEST(objects_of_every_telling_length_come_back)
{
	static const size_t lens[] = { 0, 1, 11000, OBJECT_CHUNK - 1, OBJECT_CHUNK,
				       OBJECT_CHUNK + 1, 2 * OBJECT_CHUNK, 2 * OBJECT_CHUNK + 5 };
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *plain = some_bytes(2 * OBJECT_CHUNK + 5);
	struct place at[COUNT_OF(lens)];

	check_ok(vault_begin(v, 1, &e));
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		at[i] = add(v, i, plain->data, lens[i]);
		check(at[i].len_bytes == object_sealed_len(lens[i]) && at[i].pack == 1);
	}
	check_ok(vault_finish(v, &e));
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		scoped(buf) *out = empty_buf();

		check_ok(buf_put(out, "before", 6, &e));
		check_ok(get(v, &at[i], i, out));
		check(out->len == 6 + lens[i] && memcmp(out->data, "before", 6) == 0);
		check(memcmp(out->data + 6, plain->data, lens[i]) == 0);
	}
}

TEST(an_object_opens_only_as_what_it_is_and_with_its_key)
{
	static const uint8_t wrong[SEAL_KEY_LEN] = { 3, 1, 4, 1, 6 };
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *out = empty_buf();
	struct place at, bad;

	check_ok(vault_begin(v, 1, &e));
	check_ok(vault_add(v, OBJECT_CARD, 5, 9, key, "card", 4, &at, &e));
	check_ok(vault_finish(v, &e));
	check_ok(vault_get(v, &at, OBJECT_CARD, 5, 9, key, out, &e));
	buf_clear(out);
	check_code(vault_get(v, &at, OBJECT_BYTES, 5, 9, key, out, &e), E_MISMATCH);
	check_code(vault_get(v, &at, OBJECT_CARD, 6, 9, key, out, &e), E_MISMATCH);
	check_code(vault_get(v, &at, OBJECT_CARD, 5, 8, key, out, &e), E_MISMATCH);
	check_code(vault_get(v, &at, OBJECT_CARD, 5, 9, wrong, out, &e), E_MISMATCH);
	for (unsigned i = 0; i < 3; i++) {
		bad = at;
		bad.at += i == 0;
		bad.len_bytes -= i == 1;
		bad.len_bytes += i == 2;
		check_code(vault_get(v, &bad, OBJECT_CARD, 5, 9, key, out, &e), E_FORMAT);
	}
	bad = (struct place){ 0, 0, 0 };
	check_code(vault_get(v, &bad, OBJECT_CARD, 5, 9, key, out, &e), E_FORMAT);
	bad = (struct place){ 2, 0, 100 };
	check_code(vault_get(v, &bad, OBJECT_CARD, 5, 9, key, out, &e), E_NOT_FOUND);
	check(out->len == 0);
}

TEST(a_flipped_bit_anywhere_is_refused)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *raw = NULL, *out = empty_buf();
	struct place at;

	check_ok(vault_begin(v, 1, &e));
	at = add(v, 5, "some bytes of a photo", 21);
	check_ok(vault_finish(v, &e));
	raw = pack_bytes(1);
	check(raw->len == at.len_bytes);
	for (size_t bit = 0; bit < raw->len * 8; bit++) {
		int code;

		raw->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		put_pack(1, raw->data, raw->len);
		code = get(v, &at, 5, out);
		check(code == E_MISMATCH || code == E_FORMAT);
		check(out->len == 0);
		raw->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < raw->len; len++) {
		put_pack(1, raw->data, len);
		check_code(get(v, &at, 5, out), E_FORMAT);
	}
	put_pack(1, raw->data, raw->len);
	check_ok(get(v, &at, 5, out));
}

/* The same pack with its plain length in the head stated otherwise. */
static void state_len(struct buf *raw, uint64_t plain_len)
{
	be_set(raw->data + 24, plain_len, 8);
	put_pack(1, raw->data, raw->len);
}

TEST(chunks_reordered_cut_off_or_added_are_refused)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *plain = some_bytes(3 * OBJECT_CHUNK), *raw = NULL, *out = empty_buf();
	uint8_t *first, *second, *keep = malloc(OBJECT_SEALED_CHUNK);
	struct place at, shorter, longer;

	assert_non_null(keep);
	check_ok(vault_begin(v, 1, &e));
	at = add(v, 5, plain->data, plain->len);
	check_ok(vault_finish(v, &e));
	raw = pack_bytes(1);
	first = raw->data + OBJECT_HEAD_LEN;
	second = first + OBJECT_SEALED_CHUNK;

	memcpy(keep, first, OBJECT_SEALED_CHUNK);
	memmove(first, second, OBJECT_SEALED_CHUNK);
	memcpy(second, keep, OBJECT_SEALED_CHUNK);
	put_pack(1, raw->data, raw->len);
	check_code(get(v, &at, 5, out), E_MISMATCH);
	memcpy(first, keep, OBJECT_SEALED_CHUNK); /* one twice */
	put_pack(1, raw->data, raw->len);
	check_code(get(v, &at, 5, out), E_MISMATCH);
	check(out->len == 0);
	free(keep);

	buf_destroy(give(raw));
	check_ok(vault_remove_pack(v, 1, &e));
	check_ok(vault_begin(v, 1, &e));
	at = add(v, 5, plain->data, plain->len);
	check_ok(vault_finish(v, &e));
	raw = pack_bytes(1);
	shorter = longer = at;
	shorter.len_bytes -= OBJECT_SEALED_CHUNK;
	longer.len_bytes += OBJECT_SEALED_CHUNK;
	check_code(get(v, &shorter, 5, out), E_FORMAT);
	state_len(raw, 2 * OBJECT_CHUNK);
	check_code(get(v, &shorter, 5, out), E_MISMATCH);
	check_code(get(v, &at, 5, out), E_FORMAT);
	check_ok(buf_reserve(raw, OBJECT_SEALED_CHUNK, &e));
	check_ok(buf_put(raw, raw->data + raw->len - OBJECT_SEALED_CHUNK, OBJECT_SEALED_CHUNK, &e));
	state_len(raw, 4 * OBJECT_CHUNK);
	check_code(get(v, &longer, 5, out), E_MISMATCH);
	state_len(raw, 3 * OBJECT_CHUNK);
	check_ok(get(v, &at, 5, out));
}

TEST(two_objects_of_one_slot_are_not_interchangeable)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *raw = NULL, *out = empty_buf();
	struct place one, two;

	check_ok(vault_begin(v, 1, &e));
	one = add(v, 5, "one", 3);
	two = add(v, 5, "two", 3);
	check_ok(vault_finish(v, &e));
	raw = pack_bytes(1);
	check(memcmp(raw->data + one.at + 32, raw->data + two.at + 32, 7) != 0);
	memcpy(raw->data + one.at + OBJECT_HEAD_LEN, raw->data + two.at + OBJECT_HEAD_LEN, 3 + 16);
	put_pack(1, raw->data, raw->len);
	check_code(get(v, &one, 5, out), E_MISMATCH);
}

struct seen {
	const uint8_t *want;
	size_t len, calls;
};

static int each_chunk(void *ctx, const void *plain, size_t len, struct error *err)
{
	struct seen *s = ctx;

	if (memcmp(plain, s->want + s->len, len) != 0)
		return error_set(err, E_MISMATCH, "other bytes");
	s->len += len;
	s->calls++;
	return 0;
}

static int stop_at_second(void *ctx, __attribute__((unused)) const void *plain,
			  __attribute__((unused)) size_t len,
			  __attribute__((unused)) struct error *err)
{
	size_t *calls = ctx;

	return ++*calls == 2 ? 42 : 0;
}

TEST(five_mebibytes_stream_in_and_out_in_any_parts)
{
	static const size_t parts[] = { 1 << 20, 1000003, 65536, 5 << 20, 3 << 19 };
	const size_t len = 5 << 20;
	scoped(buf) *plain = some_bytes(len);

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		scoped(blobs) *b = store();
		scoped(vault) *v = on(b);
		scoped(buf) *out = empty_buf();
		struct seen s = { .want = plain->data };
		struct place before, at;
		size_t calls = 0;

		check_ok(vault_begin(v, 1, &e));
		before = add(v, 1, "x", 1);
		check_ok(vault_add_begin(v, OBJECT_BYTES, 2, 1002, key, len, &e));
		for (size_t done = 0; done < len; done += parts[i])
			check_ok(vault_add_part(v, plain->data + done,
						len - done < parts[i] ? len - done : parts[i], &e));
		check_ok(vault_add_end(v, &at, &e));
		check_ok(vault_finish(v, &e));
		check(at.at == before.len_bytes && at.len_bytes == len + 40 + 5 * 16);
		check_ok(vault_each_chunk(v, &at, OBJECT_BYTES, 2, 1002, key, each_chunk, &s, &e));
		check(s.len == len && s.calls == 5);
		check_ok(get(v, &at, 2, out));
		check(out->len == len && memcmp(out->data, plain->data, len) == 0);
		check(vault_each_chunk(v, &at, OBJECT_BYTES, 2, 1002, key, stop_at_second, &calls,
				       &e) == 42);
	}
}

TEST(an_empty_object_is_one_empty_chunk)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	struct seen s = { .want = (const uint8_t *)"" };
	struct place at;

	check_ok(vault_begin(v, 1, &e));
	at = add(v, 2, NULL, 0);
	check_ok(vault_finish(v, &e));
	check(at.len_bytes == 56);
	check_ok(vault_each_chunk(v, &at, OBJECT_BYTES, 2, 1002, key, each_chunk, &s, &e));
	check(s.calls == 1 && s.len == 0);
}

TEST(a_stated_length_is_kept_or_the_pack_is_lost)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	struct place at;
	uint64_t next;

	check_code(vault_add_begin(v, OBJECT_FILE, 1, 1, key, 5, &e), E_CONFLICT);
	check_ok(vault_begin(v, 1, &e));
	check_code(vault_add_begin(v, 0, 1, 1, key, 5, &e), E_RANGE);
	check_code(vault_add_begin(v, OBJECT_KIND_LAST + 1, 1, 1, key, 5, &e), E_RANGE);
	check_code(vault_add_begin(v, OBJECT_FILE, 1, 1, key, OBJECT_LEN_MAX + 1, &e), E_RANGE);
	check_ok(vault_add_begin(v, OBJECT_FILE, 1, 1, key, OBJECT_LEN_MAX, &e));
	vault_drop(v);
	for (int more = 0; more < 2; more++) {
		check_ok(vault_begin(v, 1, &e));
		check_code(vault_begin(v, 2, &e), E_CONFLICT);
		add(v, 1, "whole", 5);
		check_ok(vault_add_begin(v, OBJECT_FILE, 1, 1, key, 5, &e));
		check_code(vault_finish(v, &e), E_CONFLICT);
		check_code(vault_add(v, OBJECT_FILE, 1, 1, key, "x", 1, &at, &e), E_CONFLICT);
		if (more)
			check_code(vault_add_part(v, "123456", 6, &e), E_RANGE);
		else
			check_code(vault_add_end(v, &at, &e), E_RANGE);
		check_code(vault_finish(v, &e), E_CONFLICT);
		vault_drop(v);
	}
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 1);
}

TEST(an_object_too_large_for_memory_is_refused_by_its_head)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *raw = empty_buf(), *out = empty_buf();
	struct object_head h = { .kind = OBJECT_BYTES, .slot = 5, .owner = 1005,
				 .plain_len = OBJECT_GET_MAX + 1 };
	struct place at = { 1, 0, object_sealed_len(OBJECT_GET_MAX + 1) };
	char path[PATH_LEN_MAX];

	check_ok(folder_make((pack_path(path, 1), *strrchr(path, '/') = '\0', path), 0700, &e));
	check_ok(buf_reserve(raw, 2 << 20, &e));
	memset(raw->data, 0, 2 << 20);
	object_head_put(raw->data, &h);
	put_pack(1, raw->data, 2 << 20);
	check_code(get(v, &at, 5, out), E_RANGE);
	h.plain_len = OBJECT_GET_MAX;
	at.len_bytes = object_sealed_len(OBJECT_GET_MAX);
	object_head_put(raw->data, &h);
	put_pack(1, raw->data, 2 << 20);
	check_code(get(v, &at, 5, out), E_MISMATCH);
	h.plain_len = OBJECT_LEN_MAX + 1;
	object_head_put(raw->data, &h);
	put_pack(1, raw->data, 2 << 20);
	check_code(get(v, &at, 5, out), E_FORMAT);
}

TEST(packs_have_numbers_and_an_empty_one_leaves_nothing)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	uint64_t next;

	check_ok(vault_next_pack(v, &next, &e));
	check(next == 1);
	check_ok(vault_begin(v, 7, &e));
	check_ok(vault_finish(v, &e));
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 1);
	check_ok(vault_begin(v, 7, &e));
	add(v, 1, "x", 1);
	check_ok(vault_finish(v, &e));
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 8);
	check_code(vault_begin(v, 7, &e), E_CONFLICT);
	check_code(vault_begin(v, PACK_NUMBER_MAX + 1, &e), E_RANGE);
	check_code(vault_finish(v, &e), E_CONFLICT);
	put_pack(PACK_NUMBER_MAX, "x", 1);
	check_code(vault_next_pack(v, &next, &e), E_RANGE);
	check_ok(vault_remove_pack(v, PACK_NUMBER_MAX, &e));
	check_ok(vault_remove_pack(v, PACK_NUMBER_MAX, &e));
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 8);
}

TEST(a_pack_that_is_dropped_was_never_there)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *plain = some_bytes(3 << 20);
	uint64_t next;

	check_ok(vault_begin(v, 1, &e));
	add(v, 1, plain->data, plain->len);
	vault_drop(v);
	vault_drop(v);
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 1);
	check_ok(vault_begin(v, 1, &e));
	add(v, 1, plain->data, plain->len);
	vault_close(give(v));
	v = on(b);
	check_ok(vault_next_pack(v, &next, &e));
	check(next == 1);
}

TEST(a_scan_finds_every_object_again)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	struct scanned s = { .count = 0 };
	struct place at[3];

	make_three(v, at);
	check_ok(vault_scan(v, 1, note, &s, &e));
	check(s.count == 3);
	for (uint64_t i = 0; i < 3; i++) {
		check(s.head[i].kind == OBJECT_BYTES && s.head[i].slot == 10 + i &&
		      s.head[i].owner == 1010 + i);
		check(s.at[i].pack == 1 && s.at[i].at == at[i].at &&
		      s.at[i].len_bytes == at[i].len_bytes);
	}
	check_code(vault_scan(v, 2, note, &s, &e), E_NOT_FOUND);
	s.count = 8;
	check(vault_scan(v, 1, note, &s, &e) == 1);
}

TEST(a_scan_stops_cleanly_where_a_pack_is_torn_or_rotten)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *raw = NULL;
	struct place at[3];
	size_t cuts[] = { 1, 39, 40, 60, 61, 62, 100, 101, 102, 500000, 0, 0, 0 };

	make_three(v, at);
	raw = pack_bytes(1);
	cuts[10] = (size_t)at[2].at;
	cuts[11] = (size_t)at[2].at + 39;
	cuts[12] = raw->len - 1;
	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		struct scanned s = { .count = 0 };
		size_t whole = cuts[i] >= at[2].at ? 2 : cuts[i] >= at[1].at ? 1 : 0;
		bool between = cuts[i] == at[1].at || cuts[i] == at[2].at;

		put_pack(1, raw->data, cuts[i]);
		check_code(vault_scan(v, 1, note, &s, &e), between ? 0 : E_FORMAT);
		check(s.count == whole);
	}
	for (size_t i = 0; i < 5; i++) {
		struct scanned s = { .count = 0 };

		raw->data[at[2].at + i] ^= 0x20;
		put_pack(1, raw->data, raw->len);
		check_code(vault_scan(v, 1, note, &s, &e), E_FORMAT);
		check(s.count == 2);
		raw->data[at[2].at + i] ^= 0x20;
	}
}

TEST(sealed_objects_move_to_another_pack_without_their_keys)
{
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *out = empty_buf(), *want = some_bytes(2000000);
	struct place at[3], moved[3], bad;

	make_three(v, at);
	check_ok(vault_begin(v, 2, &e));
	bad = at[1];
	bad.len_bytes--;
	check_code(vault_add_sealed(v, &bad, &moved[0], &e), E_FORMAT);
	check_ok(vault_add_sealed(v, &at[2], &moved[2], &e));
	check_ok(vault_add_sealed(v, &at[1], &moved[1], &e));
	add(v, 99, "between", 7);
	check_ok(vault_add_sealed(v, &at[0], &moved[0], &e));
	check_ok(vault_finish(v, &e));
	check_ok(vault_remove_pack(v, 1, &e));
	check_ok(get(v, &moved[1], 11, out));
	check(out->len == want->len && memcmp(out->data, want->data, want->len) == 0);
	buf_clear(out);
	check_ok(get(v, &moved[2], 12, out));
	check(out->len == 0);
	check_ok(get(v, &moved[0], 10, out));
	check(out->len == 5 && memcmp(out->data, "small", 5) == 0);
	check_code(get(v, &at[0], 10, out), E_NOT_FOUND);
}

TEST(an_object_is_opened_as_documented)
{
	static const char object[] =
		"52534f3101000000000000000000000500000000000000090000000000000005"
		"0102030405060700"
		"10ac3868a5a8b03164772734627df2eeabf1ae45fb";
	uint8_t bytes[sizeof(object) / 2], count_up[SEAL_KEY_LEN];
	const struct place at = { 1, 0, sizeof(bytes) };
	scoped(blobs) *b = store();
	scoped(vault) *v = on(b);
	scoped(buf) *out = empty_buf();

	for (uint8_t i = 0; i < SEAL_KEY_LEN; i++)
		count_up[i] = i;
	check_ok(hex_decode(bytes, sizeof(bytes), object, &e));
	check_ok(b->calls->put(b, "pack/000000000001", bytes, sizeof(bytes), &e));
	check_ok(vault_get(v, &at, OBJECT_CARD, 5, 9, count_up, out, &e));
	assert_string_equal(buf_text(out), "hello");
}

TEST(numbers_of_packs_have_one_spelling)
{
	uint64_t n;

	check(pack_number(&n, "pack/000000000012") && n == 12);
	check(!pack_number(&n, "pack/00000000012"));
	check(!pack_number(&n, "pack/0000000000012"));
	check(!pack_number(&n, "pack/00000000001x"));
	check(!pack_number(&n, "peck/000000000012"));
	check(!pack_number(&n, "pack/00000000-012"));
}

TEST_MAIN("vault")
